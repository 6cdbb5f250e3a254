#include "values/sorted_set.h"

#include <gtest/gtest.h>

#include <cmath>
#include <map>
#include <set>
#include <string>

#include "base/rng.h"
#include "values/collection.h"

namespace banyan::values {
namespace {

using What = SortedSet::Added::What;
constexpr double kInf = std::numeric_limits<double>::infinity();

struct SortedSetTest : testing::Test {
  SortedSetTest() { SortedSet::create(body); }
  ~SortedSetTest() override { SortedSet::destroy(body); }

  std::string text() const {
    std::string text;
    SortedSetView(body).visit_all([&](Bytes member, double score) {
      text += (text.empty() ? "" : " ") + std::string(member) + ":" + format_double(score);
    });
    return text;
  }

  Body body;
  EncodingLimits limits{{.zset_listpack_entries = 8, .zset_listpack_value_bytes = 10}};
  SortedSet set{body};
};

std::string told(const encodings::ListpackValue& value) {
  encodings::score_listpack::ScoreText room;
  return std::string(encodings::score_listpack::text_of_score(value, room));
}

TEST(ScoreListpackTest, tells_scores_as_they_are_written_anywhere) {
  Rng rng(5);
  for (int i = 0; i < 20000; ++i) {
    const double magnitude = std::pow(10.0, static_cast<double>(rng.below(24)) - 12);
    const double whole = static_cast<double>(rng.below(2'000'000)) - 1'000'000;
    const double score = i % 2 == 0 ? whole * magnitude : whole / 64;
    EXPECT_EQ(told(encodings::score_listpack::ScoreValue(score).value()), format_double(score));
  }
}

TEST(ScoreListpackTest, tells_scores_that_others_wrote_in_the_shortest_way) {
  for (const Bytes text : {"0.10000000000000001",
                           "0.10",
                           "00.5",
                           ".5",
                           "5.",
                           "5.0",
                           "-0.5",
                           "-.5",
                           "1e2",
                           "1.5e3",
                           "1234.123456",
                           "12345.5",
                           "123456789.25",
                           "0.000001",
                           "0.0000001",
                           "1.1234567",
                           "0.0",
                           "-0.0",
                           "inf",
                           "-inf",
                           "1.x5",
                           "-",
                           "."}) {
    const encodings::ListpackValue value{text, 0, false};
    EXPECT_EQ(told(value), format_double(encodings::score_listpack::score_of(value))) << text;
  }
  EXPECT_EQ(told(encodings::ListpackValue::of_integer(9007199254740993)), "9007199254740992");
}

TEST_F(SortedSetTest, orders_by_score_and_then_by_bytes) {
  for (const auto& [member, score] :
       std::map<std::string, double>{{"b", 1}, {"a", 1}, {"12", 1}, {"z", -kInf}, {"y", 0.5}})
    set.put(member, score, limits);
  EXPECT_EQ(text(), "z:-inf y:0.5 12:1 a:1 b:1");
  EXPECT_EQ(body.encoding(), Encoding::listpack);
  set.put("a", kInf, limits);
  EXPECT_EQ(text(), "z:-inf y:0.5 12:1 b:1 a:inf");
  EXPECT_EQ(set.rank("b")->rank, 3U);
  EXPECT_FALSE(set.rank("1"));
}

TEST_F(SortedSetTest, becomes_a_tree_beyond_the_limits_and_stays_one) {
  for (int i = 0; i < 8; ++i) set.put(std::to_string(i), i, limits);
  EXPECT_EQ(body.encoding(), Encoding::listpack);
  set.put("8", 8, limits);
  EXPECT_EQ(body.encoding(), Encoding::skiplist);
  while (set.size() > 1) set.erase(RankRange{0, 1});
  EXPECT_EQ(text(), "8:8");
  EXPECT_EQ(body.encoding(), Encoding::skiplist);
}

TEST_F(SortedSetTest, becomes_a_tree_for_a_long_member) {
  set.put("1234567890", 1, limits);
  EXPECT_EQ(body.encoding(), Encoding::listpack);
  set.put("12345678901", 1, limits);
  EXPECT_EQ(body.encoding(), Encoding::skiplist);
}

TEST_F(SortedSetTest, tells_what_adding_did) {
  for (const bool big : {false, true}) {
    if (big) limits.zset_listpack_entries = 0;
    const std::string m = big ? "big" : "small";
    EXPECT_EQ(set.add(m, 1, {.only_existing = true}, limits).what, What::refused);
    EXPECT_EQ(set.add(m, 1, {}, limits).what, What::added);
    EXPECT_EQ(set.add(m, 1, {}, limits).what, What::nothing);
    EXPECT_EQ(set.add(m, 2, {.only_new = true}, limits).what, What::refused);
    EXPECT_EQ(set.add(m, 0, {.only_greater = true}, limits).what, What::refused);
    EXPECT_EQ(set.add(m, 2, {.only_less = true}, limits).what, What::refused);
    EXPECT_EQ(set.add(m, 2, {.only_greater = true}, limits).what, What::updated);
    EXPECT_EQ(set.add(m, 0.5, {.increment = true}, limits).score, 2.5);
    EXPECT_EQ(set.add(m, kInf, {.increment = true}, limits).score, kInf);
    EXPECT_EQ(set.add(m, -kInf, {.increment = true}, limits).what, What::not_a_number);
    EXPECT_EQ(set.score(m), kInf);
    if (!big) set.put("x", 1, limits);  // the next round finds a full listpack
  }
  EXPECT_EQ(body.encoding(), Encoding::skiplist);
}

TEST_F(SortedSetTest, takes_members_over_in_the_encoding_that_fits) {
  for (const int count : {8, 9}) {
    Body other;
    SortedSet::create(other);
    encodings::MemberGatherer members({1, 2});
    for (int i = 0; i < count; ++i) {
      const std::string text = std::to_string(9 - i);
      members.add(text, members.hash(text), i / 2);
    }
    SortedSet(other).assign(members, limits);
    EXPECT_EQ(other.encoding(), count == 8 ? Encoding::listpack : Encoding::skiplist);
    EXPECT_EQ(SortedSet(other).size(), static_cast<std::size_t>(count));
    EXPECT_EQ(SortedSet(other).rank("9")->rank, 1U);
    Body copy;
    copy_body(Type::sorted_set, other, copy);
    EXPECT_EQ(SortedSet(copy).score("8"), 0.0);
    EXPECT_GT(memory_bytes(Type::sorted_set, copy), 20U);
    EXPECT_EQ(free_effort(Type::sorted_set, copy), count == 8 ? 1U : 9U);
    destroy_body(Type::sorted_set, copy);
    SortedSet::destroy(other);
  }
}

// Both encodings against a std::set.
struct Model {
  std::map<std::string, double> scores;
  std::set<std::pair<double, std::string>> order;
};

void expect_same(const SortedSetView& set, const Model& model) {
  ASSERT_EQ(set.size(), model.order.size());
  auto up = model.order.begin();
  set.visit_all([&](Bytes member, double score) {
    ASSERT_EQ(member, up->second);
    ASSERT_EQ(score, up++->first);
  });
  auto down = model.order.rbegin();
  set.visit({0, set.size()}, Direction::down,
            [&](Bytes member, double) { ASSERT_EQ(member, down++->second); });
  std::size_t rank = 0;
  for (const auto& [score, member] : model.order) {
    ASSERT_EQ(set.rank(member)->rank, rank++);
    ASSERT_EQ(set.score(member), score);
  }
  for (const double bound : {-kInf, -1.0, 0.0, 1.5, 3.0, kInf}) {
    std::size_t below = 0;
    std::size_t up_to = 0;
    for (const auto& [score, member] : model.order) {
      below += score < bound ? 1U : 0U;
      up_to += score <= bound ? 1U : 0U;
    }
    ASSERT_EQ(set.rank_of(ScoreBound{bound, false}), below);
    ASSERT_EQ(set.rank_of(ScoreBound{bound, true}), up_to);
  }
}

TEST_F(SortedSetTest, does_what_a_simple_model_does) {
  for (std::uint64_t seed = 1; seed <= 20; ++seed) {
    SCOPED_TRACE(seed);
    Rng rng(seed);
    Body other;
    SortedSet::create(other);
    SortedSet subject(other);
    limits.zset_listpack_entries = seed % 2 == 0 ? 64 : 1000;
    Model model;
    for (int i = 0; i < 600; ++i) {
      const std::string member = std::to_string(rng.below(100)) + (rng.chance(0.3) ? "x" : "");
      if (rng.chance(0.7)) {
        const double score = rng.chance(0.1) ? -kInf : static_cast<double>(rng.below(9)) / 2;
        if (model.scores.contains(member)) model.order.erase({model.scores[member], member});
        model.scores[member] = score;
        model.order.emplace(score, member);
        subject.put(member, score, limits);
      } else {
        const bool was_there = model.scores.contains(member);
        if (was_there) model.order.erase({model.scores[member], member});
        model.scores.erase(member);
        ASSERT_EQ(subject.erase(member), was_there);
      }
      if (i % 20 == 0) expect_same(subject, model);
    }
    EXPECT_EQ(subject.is_tree(), seed % 2 == 0);
    SortedSet::destroy(other);
  }
}

TEST_F(SortedSetTest, finds_ranges_of_texts_where_scores_are_equal) {
  for (const char* member : {"a", "b", "c", "d"}) set.put(member, 0, limits);
  using Kind = LexBound::Kind;
  const auto count = [&](const LexBound& low, const LexBound& high) {
    const RankRange up = set.range(low, high, Direction::up);
    const RankRange down = set.range(low, high, Direction::down);
    EXPECT_EQ(up.count, down.count);
    EXPECT_TRUE(up.count == 0 || up.first == down.first);
    return up.count;
  };
  const LexBound lowest{Kind::lowest};
  const LexBound highest{Kind::highest};
  EXPECT_EQ(count(lowest, highest), 4U);
  EXPECT_EQ(count(highest, lowest), 0U);
  EXPECT_EQ(count({Kind::text, "b", false}, {Kind::text, "c", true}), 2U);
  EXPECT_EQ(count({Kind::text, "b", true}, {Kind::text, "c", false}), 0U);
  EXPECT_EQ(count({Kind::text, "bb", false}, highest), 2U);
}

TEST_F(SortedSetTest, a_range_of_texts_is_a_run_where_scores_differ) {
  set.put("b", 1, limits);
  set.put("d", 2, limits);
  set.put("c", 3, limits);
  set.put("a", 4, limits);
  using Kind = LexBound::Kind;
  const LexBound c{Kind::text, "c", false};
  const LexBound highest{Kind::highest};
  EXPECT_EQ(set.range(c, highest, Direction::up).count, 0U) << "the last does not fit";
  const LexBound lowest{Kind::lowest};
  EXPECT_EQ(set.range(lowest, {Kind::text, "c", true}, Direction::up).count, 1U);
  EXPECT_EQ(set.range(lowest, {Kind::text, "c", true}, Direction::down).first, 0U);
  EXPECT_EQ(set.range(lowest, {Kind::text, "c", true}, Direction::down).count, 4U);
}

}  // namespace
}  // namespace banyan::values
