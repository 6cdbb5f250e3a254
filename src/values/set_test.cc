#include "values/set.h"

#include <gtest/gtest.h>

#include <map>
#include <set>
#include <string>

namespace banyan::values {
namespace {

struct OwnedSet : Set {
  OwnedSet() : Set(held) { create(held); }
  OwnedSet(const OwnedSet&) = delete;
  OwnedSet& operator=(const OwnedSet&) = delete;
  ~OwnedSet() { destroy(held); }
  Body held;
};

std::string text_of(const SetMember& member) {
  IntegerText room;
  return std::string(member.as_text(room));
}

std::set<std::string> all(const Set& set) {
  std::set<std::string> members;
  set.for_each([&](const SetMember& member) {
    EXPECT_TRUE(members.insert(text_of(member)).second) << "a member was seen twice";
  });
  return members;
}

struct SetTest : testing::Test {
  EncodingLimits limits{{}, {1, 2}};
  OwnedSet set;

  void add_integers(int count) {
    for (int i = 0; i < count; ++i) set.add(std::to_string(i), limits);
  }
};

TEST_F(SetTest, of_integers_is_an_intset_up_to_its_limit) {
  add_integers(512);
  EXPECT_EQ(set.encoding(), Encoding::intset);
  EXPECT_FALSE(set.add("511", limits));
  EXPECT_TRUE(set.add("-1", limits));
  EXPECT_EQ(set.encoding(), Encoding::hashtable);
  EXPECT_EQ(set.size(), 513U);
}

TEST_F(SetTest, becomes_a_listpack_by_its_first_text) {
  add_integers(127);
  EXPECT_TRUE(set.add("x", limits));
  EXPECT_EQ(set.encoding(), Encoding::listpack);
  EXPECT_TRUE(set.contains("126"));
  EXPECT_FALSE(set.contains("127"));
  EXPECT_TRUE(set.add("y", limits));
  EXPECT_EQ(set.encoding(), Encoding::hashtable);
  EXPECT_EQ(set.size(), 129U);
}

TEST_F(SetTest, becomes_a_hashtable_when_integers_are_too_many_for_a_listpack) {
  add_integers(128);
  set.add("x", limits);
  EXPECT_EQ(set.encoding(), Encoding::hashtable);
}

TEST_F(SetTest, becomes_a_hashtable_by_a_long_member) {
  set.add("x", limits);
  set.add(std::string(64, 'y'), limits);
  EXPECT_EQ(set.encoding(), Encoding::listpack);
  set.add(std::string(65, 'z'), limits);
  EXPECT_EQ(set.encoding(), Encoding::hashtable);
  EXPECT_EQ(set.size(), 3U);
}

TEST_F(SetTest, of_integers_longer_than_a_listpack_takes_is_never_one) {
  limits.set_listpack_value_bytes = 5;
  set.add("-12345", limits);
  set.add("x", limits);
  EXPECT_EQ(set.encoding(), Encoding::hashtable);
}

TEST_F(SetTest, chooses_its_first_encoding_by_what_is_to_come) {
  const auto encoding_for = [&](Bytes first, std::size_t count) {
    OwnedSet fresh;
    fresh.expect(first, count, limits);
    return fresh.encoding();
  };
  EXPECT_EQ(encoding_for("1", 512), Encoding::intset);
  EXPECT_EQ(encoding_for("1", 513), Encoding::hashtable);
  EXPECT_EQ(encoding_for("x", 128), Encoding::listpack);
  EXPECT_EQ(encoding_for("x", 129), Encoding::hashtable);
  limits.set_intset_entries = 0;
  EXPECT_EQ(encoding_for("1", 1), Encoding::listpack);
}

TEST_F(SetTest, grows_at_once_for_many_new_members) {
  set.add("x", limits);
  set.expect("y", 128, limits);
  EXPECT_EQ(set.encoding(), Encoding::listpack);
  set.expect("y", 129, limits);
  EXPECT_EQ(set.encoding(), Encoding::hashtable);
  EXPECT_TRUE(set.contains("x"));
}

TEST_F(SetTest, tells_integers_from_texts_that_look_like_them) {
  for (const Bytes member : {"1", "01", "+1", " 1", "-0", "9223372036854775808", ""}) {
    EXPECT_TRUE(set.add(member, limits));
    EXPECT_FALSE(set.add(member, limits));
  }
  EXPECT_EQ(set.size(), 7U);
  EXPECT_TRUE(set.remove("01"));
  EXPECT_TRUE(set.contains("1"));
}

TEST_F(SetTest, takes_the_members_of_any_other_set) {
  OwnedSet table;
  table.expect("x", 1000, limits);
  for (const Bytes member : {"1", "2", "x"}) table.add(member, limits);
  ASSERT_EQ(table.encoding(), Encoding::hashtable);
  set.add("1", limits);
  for (const bool with_text : {false, true}) {
    if (with_text) set.add("y", limits);
    std::size_t shared = 0;
    table.for_each([&](const SetMember& member) { shared += set.contains(member) ? 1 : 0; });
    EXPECT_EQ(shared, 1U);
  }
  table.for_each([&](const SetMember& member) { set.add(member, limits); });
  EXPECT_EQ(all(set), (std::set<std::string>{"1", "2", "x", "y"}));
}

TEST_F(SetTest, scans_a_hashtable_piece_by_piece) {
  for (int i = 0; i < 1000; ++i) set.add("member:" + std::to_string(i), limits);
  std::set<std::string> seen;
  std::uint64_t cursor = 0;
  int calls = 0;
  do {
    cursor = set.scan(cursor, [&](const SetMember& member) { seen.insert(text_of(member)); });
    ++calls;
  } while (cursor != 0);
  EXPECT_EQ(seen, all(set));
  EXPECT_GT(calls, 10);
}

TEST_F(SetTest, retains_what_it_is_told_in_the_same_encoding) {
  for (const Bytes member : {"1", "2", "3", "4"}) set.add(member, limits);
  set.retain([](const SetMember& member) { return member.integer > 2; });
  EXPECT_EQ(set.encoding(), Encoding::intset);
  EXPECT_EQ(all(set), (std::set<std::string>{"3", "4"}));
  set.add("x", limits);
  set.retain([](const SetMember& member) { return member.is_integer; });
  EXPECT_EQ(set.encoding(), Encoding::listpack);
  EXPECT_EQ(all(set), (std::set<std::string>{"3", "4"}));
}

TEST_F(SetTest, picks_every_member_about_as_often) {
  Rng rng(3);
  for (const std::size_t size : {10U, 200U}) {
    for (std::size_t i = set.size(); i < size; ++i) set.add("m" + std::to_string(i), limits);
    std::map<std::string, int> picked;
    for (std::size_t i = 0; i < size * 200; ++i)
      set.visit_random(rng, [&](const SetMember& member) { ++picked[text_of(member)]; });
    ASSERT_EQ(picked.size(), size);
    for (const auto& [member, times] : picked) {
      EXPECT_GT(times, 100) << member;
      EXPECT_LT(times, 320) << member;
    }
  }
}

// What a set of std does, this does, in whatever encoding its limits make it have.
TEST(SetModel, agrees_with_a_set_of_texts) {
  Rng rng(11);
  for (int round = 0; round < 60; ++round) {
    const EncodingLimits limits{{.set_intset_entries = rng.below(40),
                                 .set_listpack_entries = rng.below(40),
                                 .set_listpack_value_bytes = rng.below(12)},
                                {5, 6}};
    OwnedSet set;
    std::set<std::string> model;
    const std::uint64_t range = 1 + rng.below(200);
    const double texts = rng.unit() * rng.unit();
    for (int step = 0; step < 400; ++step) {
      std::string member = std::to_string(rng.below(range));
      if (rng.chance(texts)) member = "text" + member;
      if (rng.chance(0.05)) member.append(rng.below(300), 'x');
      switch (rng.below(5)) {
        case 0:
        case 1:
          ASSERT_EQ(set.add(member, limits), model.insert(member).second);
          break;
        case 2:
          ASSERT_EQ(set.remove(member), model.erase(member) == 1);
          break;
        case 3:
          ASSERT_EQ(set.contains(member), model.contains(member));
          break;
        default:
          if (!model.empty())
            set.pop_random(
                rng, [&](const SetMember& popped) { ASSERT_EQ(model.erase(text_of(popped)), 1U); });
      }
      ASSERT_EQ(set.size(), model.size());
    }
    ASSERT_EQ(all(set), model);
    Body copied;
    Set::copy(set.held, copied);
    EXPECT_EQ(all(Set::of(copied)), model);
    EXPECT_EQ(copied.encoding(), set.encoding());
    EXPECT_GT(Set::memory_bytes(copied), 0U);
    Set::destroy(copied);
  }
}

}  // namespace
}  // namespace banyan::values
