#include "values/hash_value.h"

#include <gtest/gtest.h>

#include <map>
#include <set>
#include <string>

namespace banyan::values {
namespace {

struct Held {
  std::string value;
  UnixMs expiry = kNoExpiry;
  bool operator==(const Held&) const = default;
};
using Model = std::map<std::string, Held>;

struct HashTest : testing::Test {
  HashTest() { Hash::create(body); }
  ~HashTest() override { Hash::destroy(body); }

  Model contents(const Body& of) const {
    Model found;
    HashView(of).for_each([&](const HashField& f) {
      EXPECT_TRUE(found.emplace(f.member, Held{std::string(f.value), f.expiry}).second);
    });
    return found;
  }
  // The soonest expiry of a model.
  static UnixMs soonest(const Model& model) {
    UnixMs at = kNoExpiry;
    for (const auto& [field, held] : model)
      if (held.expiry != kNoExpiry && (at == kNoExpiry || held.expiry < at)) at = held.expiry;
    return at;
  }
  // Random changes of `fields` different fields, against a model.
  void churn(Rng& rng, std::uint64_t fields, int steps) {
    for (int step = 0; step < steps; ++step) {
      const std::string field = std::to_string(rng.below(fields));
      const UnixMs expiry = static_cast<UnixMs>(1 + rng.below(1000));
      const auto known = model.find(field);
      HashRoom room;
      const auto found = hash.find(field, room);
      ASSERT_EQ(found.has_value(), known != model.end());
      if (found) {
        ASSERT_EQ((Held{std::string(found->value), found->expiry}), known->second);
      }
      switch (rng.below(6)) {
        case 0:
        case 1: {
          const std::string value = std::to_string(rng.next() >> rng.below(64));
          const bool keeps = rng.chance(0.3);
          const UnixMs wanted = rng.chance(0.3) ? expiry : kNoExpiry;
          ASSERT_EQ(hash.set(field, value, limits, keeps ? Hash::kKeepExpiry : wanted), !found);
          model[field] = {value, keeps ? model[field].expiry : wanted};
          break;
        }
        case 2:
          ASSERT_EQ(hash.erase(field), model.erase(field) == 1);
          break;
        case 3:
        case 4:
          ASSERT_EQ(hash.set_expiry(field, expiry), known != model.end());
          if (known != model.end()) known->second.expiry = expiry;
          break;
        case 5:
          if (rng.chance(0.9)) {
            ASSERT_EQ(hash.set_expiry(field, kNoExpiry), known != model.end());
            if (known != model.end()) known->second.expiry = kNoExpiry;
          } else {
            expire(expiry / 10, 1 + rng.below(10));
          }
          break;
      }
      ASSERT_EQ(hash.size(), model.size());
      ASSERT_EQ(hash.soonest_expiry(), soonest(model));
      if (step % 500 == 0) {
        ASSERT_TRUE(contents(body) == model);
      }
    }
  }
  void expire(UnixMs now, std::size_t count) {
    std::size_t over = 0;
    UnixMs last = 0;
    hash.expire(now, count, [&](Bytes field) {
      const auto known = model.find(std::string(field));
      ASSERT_NE(known, model.end());
      ASSERT_LT(known->second.expiry, now);
      ASSERT_GE(known->second.expiry, last) << "the soonest first";
      last = known->second.expiry;
      model.erase(known);
      ++over;
    });
    ASSERT_LE(over, count);
    if (over < count) {
      for (const auto& [field, held] : model)
        ASSERT_TRUE(held.expiry == kNoExpiry || held.expiry >= now) << field;
    }
  }

  EncodingLimits limits;
  Body body;
  Hash hash{body};
  Model model;
};

TEST_F(HashTest, agrees_with_a_map_as_a_listpack_with_expiries) {
  Rng rng(1);
  churn(rng, 60, 20000);
  EXPECT_EQ(hash.encoding(), Encoding::listpack_ex);
  EXPECT_TRUE(contents(body) == model);
}

TEST_F(HashTest, agrees_with_a_map_as_a_hashtable) {
  limits.hash_listpack_entries = 5;
  Rng rng(2);
  churn(rng, 300, 30000);
  EXPECT_EQ(hash.encoding(), Encoding::hashtable);
  EXPECT_TRUE(contents(body) == model);
}

TEST_F(HashTest, agrees_with_a_map_when_it_grows_out_of_the_listpack) {
  for (std::uint64_t seed = 0; seed < 30; ++seed) {
    Hash::destroy(body);
    Hash::create(body);
    model.clear();
    limits.hash_listpack_entries = 20;
    Rng rng(seed);
    churn(rng, 60, 300);
    EXPECT_TRUE(contents(body) == model);
  }
}

TEST_F(HashTest, a_plain_listpack_has_the_bytes_of_redis) {
  hash.set("f", "v", limits);
  hash.set("n", "1", limits);
  EXPECT_EQ(hash.listpack().bytes(), Bytes("\x12\0\0\0\x04\0\x81"
                                           "f\x02\x81v\x02\x81n\x02\x01\x01\xff",
                                           18));
}

TEST_F(HashTest, outgrows_the_listpack_by_number_or_length_and_stays_a_hashtable) {
  for (int i = 0; i < 512; ++i) hash.set(std::to_string(i), "v", limits);
  EXPECT_EQ(hash.encoding(), Encoding::listpack);
  hash.set("0", "w", limits);
  EXPECT_EQ(hash.encoding(), Encoding::listpack);
  hash.set("one more", "v", limits);
  EXPECT_EQ(hash.encoding(), Encoding::hashtable);
  for (int i = 0; i < 512; ++i) hash.erase(std::to_string(i));
  EXPECT_EQ(hash.encoding(), Encoding::hashtable);
  EXPECT_EQ(hash.size(), 1U);

  Hash::destroy(body);
  Hash::create(body);
  hash.set("f", std::string(64, 'v'), limits);
  EXPECT_EQ(hash.encoding(), Encoding::listpack);
  hash.set("f", std::string(65, 'v'), limits);
  EXPECT_EQ(hash.encoding(), Encoding::hashtable);
}

TEST_F(HashTest, prepares_for_what_comes) {
  const std::string long_word(65, 'x');
  const Bytes fits[] = {"f", "v"};
  const Bytes too_long[] = {"f", long_word};
  hash.prepare(fits, limits);
  EXPECT_EQ(hash.encoding(), Encoding::listpack);
  hash.prepare(too_long, limits);
  EXPECT_EQ(hash.encoding(), Encoding::hashtable);
}

TEST_F(HashTest, a_copy_is_its_own_in_every_encoding) {
  for (const std::uint64_t entries : {512, 1}) {
    limits.hash_listpack_entries = entries;
    for (int i = 0; i < 100; ++i) {
      hash.set(std::to_string(i), "v", limits, i % 2 == 0 ? 1000 + i : kNoExpiry);
      Body copy;
      Hash::copy(body, copy);
      EXPECT_EQ(contents(copy), contents(body));
      EXPECT_EQ(HashView(copy).soonest_expiry(), 1000);
      Hash(copy).erase("0");
      EXPECT_EQ(HashView(copy).size(), hash.size() - 1);
      Hash::destroy(copy);
    }
  }
}

TEST_F(HashTest, any_field_is_drawn_at_random) {
  for (const std::uint64_t entries : {512, 1}) {
    limits.hash_listpack_entries = entries;
    for (int i = 0; i < 20; ++i) hash.set(std::to_string(i), "v", limits);
    Rng rng(7);
    HashRoom room;
    std::set<std::string> drawn;
    for (int i = 0; i < 2000; ++i) drawn.emplace(hash.random_field(rng, room).member);
    EXPECT_EQ(drawn.size(), 20U);
  }
}

TEST_F(HashTest, knows_its_soonest_expiry_however_often_it_changes) {
  limits.hash_listpack_entries = 1;
  for (int i = 0; i < 10; ++i) hash.set(std::to_string(i), "v", limits, 500 + i);
  const std::size_t before = Hash::memory_bytes(body);
  for (UnixMs at = 100000; at > 1000; --at) hash.set_expiry("3", at);
  EXPECT_EQ(hash.soonest_expiry(), 500);
  EXPECT_LT(Hash::memory_bytes(body), before + 2000) << "expiries of the past are forgotten";
}

}  // namespace
}  // namespace banyan::values
