#include "encodings/intset.h"

#include <gtest/gtest.h>

#include <limits>
#include <set>
#include <string>
#include <vector>

#include "base/rng.h"

namespace banyan::encodings {
namespace {

using namespace std::string_literals;

struct Owned : Intset {
  Owned() : Intset(make()) {}
  explicit Owned(Bytes bytes) : Intset(copy_of(bytes)) {}
  Owned(const Owned&) = delete;
  Owned& operator=(const Owned&) = delete;
  ~Owned() { destroy(); }
};

std::vector<std::int64_t> all(const IntsetView& set) {
  std::vector<std::int64_t> values;
  for (std::size_t i = 0; i < set.size(); ++i) values.push_back(set.at(i));
  return values;
}

TEST(Intset, holds_integers_in_order_and_once) {
  Owned set;
  EXPECT_TRUE(set.add(5));
  EXPECT_TRUE(set.add(-3));
  EXPECT_TRUE(set.add(4));
  EXPECT_FALSE(set.add(5));
  EXPECT_EQ(all(set), (std::vector<std::int64_t>{-3, 4, 5}));
  EXPECT_TRUE(set.contains(4));
  EXPECT_FALSE(set.contains(6));
  EXPECT_FALSE(set.contains(1LL << 40));
}

TEST(Intset, has_the_bytes_that_redis_writes) {
  Owned set;
  set.add(2);
  set.add(1);
  EXPECT_EQ(set.bytes(), "\x02\0\0\0\x02\0\0\0\x01\0\x02\0"s);
  set.add(-70000);
  EXPECT_EQ(set.bytes(), "\x04\0\0\0\x03\0\0\0\x90\xee\xfe\xff\x01\0\0\0\x02\0\0\0"s);
}

TEST(Intset, stays_wide_when_the_wide_integer_is_gone) {
  Owned set;
  set.add(1);
  set.add(1LL << 40);
  EXPECT_TRUE(set.remove(1LL << 40));
  EXPECT_EQ(set.bytes().size(), 16U);
  EXPECT_EQ(all(set), std::vector<std::int64_t>{1});
}

TEST(Intset, takes_the_extreme_integers) {
  using Limits = std::numeric_limits<std::int64_t>;
  Owned set;
  for (const std::int64_t value : {Limits::max(), std::int64_t{0}, Limits::min()}) set.add(value);
  EXPECT_EQ(all(set), (std::vector<std::int64_t>{Limits::min(), 0, Limits::max()}));
  EXPECT_TRUE(set.remove(Limits::min()));
  EXPECT_FALSE(set.remove(Limits::min()));
}

TEST(Intset, does_what_a_set_of_integers_does) {
  Rng rng(7);
  for (int round = 0; round < 200; ++round) {
    Owned set;
    std::set<std::int64_t> model;
    const unsigned bits = static_cast<unsigned>(rng.between(2, 63));
    for (int step = 0; step < 200; ++step) {
      const auto value = static_cast<std::int64_t>(rng.next()) >> (rng.chance(0.1) ? 0 : 63 - bits);
      switch (rng.below(3)) {
        case 0:
          ASSERT_EQ(set.add(value), model.insert(value).second);
          break;
        case 1:
          ASSERT_EQ(set.remove(value), model.erase(value) == 1);
          break;
        default:
          ASSERT_EQ(set.contains(value), model.contains(value));
      }
    }
    ASSERT_EQ(all(set), std::vector<std::int64_t>(model.begin(), model.end()));
    if (model.empty()) continue;
    ASSERT_TRUE(validate_intset(set.bytes()));
    ASSERT_EQ(Owned(set.bytes()).bytes(), set.bytes());
  }
}

TEST(Intset, refuses_bytes_that_are_no_intset) {
  for (const std::string& bytes :
       {""s, "\x02\0\0\0"s, "\x02\0\0\0\0\0\0\0"s, "\x03\0\0\0\x01\0\0\0\0\0\0"s,
        "\x02\0\0\0\x02\0\0\0\x01\0"s, "\x02\0\0\0\x01\0\0\0\x01\0\0"s,
        "\x02\0\0\0\x02\0\0\0\x02\0\x01\0"s, "\x02\0\0\0\x02\0\0\0\x01\0\x01\0"s,
        "\x08\0\0\0\0\0\0\x80"s, "\x08\0\0\0\xff\xff\xff\xff\0\0\0\0\0\0\0\0"s}) {
    const auto valid = validate_intset(bytes);
    ASSERT_FALSE(valid);
    EXPECT_EQ(valid.error().code(), Errc::corrupt);
  }
}

}  // namespace
}  // namespace banyan::encodings
