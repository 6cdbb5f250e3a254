#include "persist/values.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>
#include <memory>

#include "persist/rdb_test_support.h"
#include "values/hash_value.h"

namespace banyan::persist {
namespace {

using store::Entry;
using values::Encoding;
using values::Hash;
using values::HashField;
using values::HashView;

struct Free {
  void operator()(Entry* entry) const { Entry::destroy(entry); }
};
using Owned = std::unique_ptr<Entry, Free>;
using Content = std::map<std::string, std::pair<std::string, UnixMs>>;

Content content(const Entry& entry) {
  Content all;
  HashView(entry.body()).for_each([&](const HashField& f) {
    all[std::string(f.member)] = {std::string(f.value), f.expiry};
  });
  return all;
}

struct ValueHashTest : testing::Test {
  values::EncodingLimits limits;
  UnixMs now = 1000;
  bool keep_expired = false;

  Result<Entry*> load(RdbType type, Bytes payload) {
    RdbReader reader(payload);
    auto loaded = load_value(reader, type, "key",
                             {.limits = limits, .now = now, .keep_expired = keep_expired});
    EXPECT_TRUE(!loaded || reader.at_end());
    return loaded;
  }
  Owned loaded(RdbType type, Bytes payload) {
    auto result = load(type, payload);
    EXPECT_TRUE(result) << (result ? "" : result.error().describe());
    return Owned(result ? *result : nullptr);
  }
  std::string error(RdbType type, Bytes payload) {
    const auto result = load(type, payload);
    if (!result) return std::string(result.error().text());
    if (*result != nullptr) Entry::destroy(*result);
    return "";
  }
  static std::string saved(const Entry& entry) {
    std::string out;
    append_value(out, entry, Compression::lzf);
    return out;
  }
  Owned make(int fields, UnixMs expiry_of_even = kNoExpiry) {
    Owned entry(Entry::make_collection("key", values::Type::hash));
    Hash hash(entry->body());
    for (int i = 0; i < fields; ++i)
      hash.set(std::to_string(i), "value" + std::to_string(i), limits,
               i % 2 == 0 && expiry_of_even > 0 ? expiry_of_even + i : kNoExpiry);
    return entry;
  }
  void expect_same_after_a_round_trip(const Entry& entry, RdbType type) {
    EXPECT_EQ(rdb_type(entry), type);
    const Owned again = loaded(type, saved(entry));
    EXPECT_EQ(content(*again), content(entry));
    EXPECT_EQ(again->encoding(), entry.encoding());
  }
};

TEST_F(ValueHashTest, what_was_saved_loads_the_same_in_every_encoding) {
  for (const int fields : {1, 5, 100, 600}) {
    const bool small = fields <= 512;
    expect_same_after_a_round_trip(*make(fields), small ? RdbType::hash_listpack : RdbType::hash);
    expect_same_after_a_round_trip(*make(fields, 5000),
                                   small ? RdbType::hash_listpack_ex : RdbType::hash_metadata);
  }
}

TEST_F(ValueHashTest, a_hash_whose_fields_expire_no_more_is_written_as_redis_7_0_reads_it) {
  const Owned entry = make(3, 5000);
  Hash(entry->body()).set_expiry("0", kNoExpiry);
  Hash(entry->body()).set_expiry("2", kNoExpiry);
  ASSERT_EQ(entry->encoding(), Encoding::listpack_ex);
  EXPECT_EQ(rdb_type(*entry), RdbType::hash);
  EXPECT_EQ(content(*loaded(RdbType::hash, saved(*entry))), content(*entry));
}

TEST_F(ValueHashTest, reads_pairs_of_strings) {
  const Owned entry = loaded(RdbType::hash, b("\x02\x01"
                                              "f\x01"
                                              "v\x01"
                                              "n\xc0\x07"));
  EXPECT_EQ(content(*entry), (Content{{"f", {"v", -1}}, {"n", {"7", -1}}}));
  EXPECT_EQ(entry->encoding(), Encoding::listpack);
}

TEST_F(ValueHashTest, reads_the_zipmaps_of_old) {
  const Owned entry = loaded(RdbType::hash_zipmap, b("\x11\x02\x01"
                                                     "a\x01\x02"
                                                     "b??\x02"
                                                     "cc\x03\x00"
                                                     "ddd\xff"));
  EXPECT_EQ(content(*entry), (Content{{"a", {"b", -1}}, {"cc", {"ddd", -1}}}));
}

TEST_F(ValueHashTest, reads_the_ziplists_of_old) {
  const std::string ziplist =
      b("\x11\0\0\0\x0d\0\0\0\x02\0"
        "\x00\x01"
        "f\x03\xfe\x07\xff");
  const std::string payload = static_cast<char>(ziplist.size()) + ziplist;
  EXPECT_EQ(content(*loaded(RdbType::hash_ziplist, payload)), (Content{{"f", {"7", -1}}}));
}

TEST_F(ValueHashTest, reads_expiries_relative_to_the_soonest_and_those_of_pre_releases) {
  EXPECT_EQ(content(*loaded(RdbType::hash_metadata, little_endian<UnixMs>(2000) + b("\x02\x01\x01"
                                                                                    "a\x01"
                                                                                    "1\x00\x01"
                                                                                    "b\x01"
                                                                                    "2"))),
            (Content{{"a", {"1", 2000}}, {"b", {"2", -1}}}));
  EXPECT_EQ(content(*loaded(RdbType::hash_metadata_pre_ga, b("\x01\x4f\xff\x01"
                                                             "a\x01"
                                                             "1"))),
            (Content{{"a", {"1", 4095}}}));
}

TEST_F(ValueHashTest, leaves_fields_out_that_are_over_unless_a_primary_shall_say_so) {
  for (const int fields : {5, 600}) {
    const Owned entry = make(fields, 500);
    const std::string bytes = saved(*entry);
    keep_expired = false;
    now = 503;
    EXPECT_EQ(content(*loaded(rdb_type(*entry), bytes)).size(),
              static_cast<std::size_t>(fields) - 2);
    keep_expired = true;
    EXPECT_EQ(content(*loaded(rdb_type(*entry), bytes)), content(*entry));
  }
  keep_expired = false;
  now = 1000;
  const Owned single = make(1, 500);
  EXPECT_EQ(loaded(rdb_type(*single), saved(*single)), nullptr) << "nothing of it is left";
}

TEST_F(ValueHashTest, refuses_a_field_that_is_there_twice) {
  const auto twice = testing::HasSubstr("a field is in a hash twice");
  EXPECT_THAT(error(RdbType::hash, b("\x02\x01"
                                     "f\x01"
                                     "v\x01"
                                     "f\x01"
                                     "w")),
              twice);
  for (const std::size_t others : {0, 30}) {
    auto pack = encodings::Listpack::make();
    for (std::size_t i = 0; i < 2 * others + 2; ++i)
      pack.append(encodings::ListpackValue::of(std::to_string(i)));
    pack.append(encodings::ListpackValue::of("0"));
    pack.append(encodings::ListpackValue::of("again"));
    std::string payload;
    append_string(payload, pack.bytes(), Compression::off);
    pack.destroy();
    EXPECT_THAT(error(RdbType::hash_listpack, payload), twice);
  }
}

TEST_F(ValueHashTest, refuses_what_is_cut_off_or_changed_or_takes_it_for_another_hash) {
  Rng rng(4);
  for (const UnixMs expiry : {UnixMs{-1}, UnixMs{5000}}) {
    for (const int fields : {3, 40, 520}) {
      const Owned entry = make(fields, expiry);
      const std::string bytes = saved(*entry);
      for (std::size_t size = 0; size < bytes.size(); size += 1 + size / 20)
        EXPECT_FALSE(load(rdb_type(*entry), Bytes(bytes).substr(0, size)));
      for (int i = 0; i < 2000; ++i) {
        std::string changed = bytes;
        changed[rng.below(changed.size())] = static_cast<char>(rng.below(256));
        RdbReader reader(changed);
        const auto result = load_value(reader, rdb_type(*entry), "key",
                                       {.limits = limits, .now = now, .keep_expired = true});
        if (result && *result != nullptr) Entry::destroy(*result);
      }
    }
  }
}

TEST_F(ValueHashTest, a_claimed_number_of_fields_costs_nothing) {
  EXPECT_FALSE(load(RdbType::hash, b("\x81\x7f\xff\xff\xff\xff\xff\xff\xff\x01"
                                     "f")));
}

TEST_F(ValueHashTest, a_listpack_beyond_the_limits_becomes_a_hashtable) {
  const std::string bytes = saved(*make(100, 5000));
  limits.hash_listpack_entries = 99;
  const Owned entry = loaded(RdbType::hash_listpack_ex, bytes);
  EXPECT_EQ(entry->encoding(), Encoding::hashtable);
  EXPECT_EQ(HashView(entry->body()).soonest_expiry(), 5000);
}

}  // namespace
}  // namespace banyan::persist
