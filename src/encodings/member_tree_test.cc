// The tree against a model that is obviously right: a std::set of pairs and a std::map.
#include "encodings/member_gatherer.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <limits>
#include <map>
#include <memory>
#include <set>
#include <string>

#include "base/rng.h"

namespace banyan::encodings {
namespace {

constexpr double kInf = std::numeric_limits<double>::infinity();

struct Model {
  std::map<std::string, double> scores;
  std::set<std::pair<double, std::string>> order;

  void put(const std::string& text, double score) {
    remove(text);
    scores[text] = score;
    order.emplace(score, text);
  }
  void remove(const std::string& text) {
    const auto it = scores.find(text);
    if (it == scores.end()) return;
    order.erase({it->second, text});
    scores.erase(it);
  }
};

void put(MemberTree& tree, Bytes text, double score) {
  const std::uint64_t hash = tree.hash(text);
  if (Member* member = tree.find(text, hash))
    tree.set_score(member, score);
  else
    tree.add(text, hash, score);
}

bool remove(MemberTree& tree, Bytes text) {
  Member* member = tree.find(text, tree.hash(text));
  if (member != nullptr) tree.erase(member);
  return member != nullptr;
}

void expect_same(const MemberTree& tree, const Model& model) {
  ASSERT_EQ(tree.size(), model.order.size());
  auto it = model.order.begin();
  std::size_t rank = 0;
  tree.order().visit_up(0, tree.size(), [&](const Member& member) {
    ASSERT_EQ(member.text(), it->second);
    ASSERT_EQ(member.score(), it->first);
    ASSERT_EQ(tree.order().rank_of(&member), rank);
    ASSERT_EQ(tree.order().at(rank), &member);
    ASSERT_EQ(tree.find(member.text()), &member);
    ++it;
    ++rank;
  });
  auto back = model.order.rbegin();
  if (tree.size() > 0)
    tree.order().visit_down(tree.size() - 1, tree.size(), [&](const Member& member) {
      ASSERT_EQ(member.text(), back++->second);
    });
}

double some_score(Rng& rng) {
  switch (rng.below(8)) {
    case 0:
      return kInf;
    case 1:
      return -kInf;
    case 2:
      return -0.0;
    case 3:
      return 0;
    case 4:
      return static_cast<double>(rng.below(4));
    default:
      return rng.unit() * 1000 - 500;
  }
}

std::string some_text(Rng& rng, std::size_t different) {
  const std::uint64_t n = rng.below(different);
  return n == 0 ? "" : std::string(n % 40, 'x') + std::to_string(n);
}

TEST(MemberTree, does_what_a_simple_model_does) {
  for (std::uint64_t seed = 1; seed <= 12; ++seed) {
    SCOPED_TRACE(seed);
    Rng rng(seed);
    MemberTree tree({seed, 7});
    Model model;
    const std::size_t different = seed % 3 == 0 ? 100 : 20'000;
    for (int round = 0; round < 8; ++round) {
      const bool grows = round % 2 == 0;
      for (int i = 0; i < 3000; ++i) {
        const std::string text = some_text(rng, different);
        if (rng.chance(grows ? 0.9 : 0.1)) {
          const double score = some_score(rng);
          put(tree, text, score);
          model.put(text, score);
        } else if (rng.chance(0.9) || tree.size() == 0) {
          EXPECT_EQ(remove(tree, text), model.scores.contains(text));
          model.remove(text);
        } else {
          const std::size_t first = rng.below(tree.size());
          const std::size_t count = rng.below(std::min<std::size_t>(tree.size() - first, 400) + 1);
          tree.erase_ranks(first, count);
          auto it = std::next(model.order.begin(), static_cast<std::ptrdiff_t>(first));
          for (std::size_t n = 0; n < count; ++n) model.remove(std::string((it++)->second));
        }
      }
      expect_same(tree, model);
    }
  }
}

TEST(MemberTree, empties_by_ranges_from_either_end) {
  for (const bool from_end : {false, true}) {
    MemberTree tree({1, 2});
    for (int i = 0; i < 50'000; ++i) put(tree, std::to_string(i), i);
    while (tree.size() > 0) {
      const std::size_t count = std::min<std::size_t>(tree.size(), 777);
      tree.erase_ranks(from_end ? tree.size() - count : 0, count);
    }
    put(tree, "again", 1);
    EXPECT_EQ(tree.size(), 1U);
  }
}

TEST(MemberTree, counts_what_lies_below_a_bound) {
  MemberTree tree({1, 2});
  std::multiset<double> scores;
  Rng rng(5);
  for (int i = 0; i < 10'000; ++i) {
    const double score = static_cast<double>(rng.below(300));
    put(tree, std::to_string(i), score);
    scores.insert(score);
  }
  for (int bound = -1; bound <= 301; ++bound) {
    const auto below = std::distance(scores.begin(), scores.lower_bound(bound));
    EXPECT_EQ(tree.order().rank_where([&](double s, const Member*) { return s < bound; }),
              static_cast<std::size_t>(below));
  }
}

// The smallest of all may be the one that splits the only leaf: the new root must know it as first.
TEST(MemberTree, counts_and_removes_wherever_a_node_is_split) {
  for (int late = 1; late <= 401; late += 2) {
    MemberTree tree({1, 2});
    for (int score = 2; score <= 400; score += 2) {
      put(tree, std::to_string(score), score);
      if (tree.size() == 62) put(tree, std::to_string(late), late);
    }
    for (int bound = 0; bound <= 402; ++bound) {
      const int below = (std::min(bound, 401) - 1) / 2 + (late < bound ? 1 : 0);
      ASSERT_EQ(tree.order().rank_where([&](double s, const Member*) { return s < bound; }),
                static_cast<std::size_t>(std::max(below, 0)))
          << late << " " << bound;
    }
    ASSERT_TRUE(remove(tree, std::to_string(late)));
    ASSERT_EQ(tree.size(), 200U);
  }
}

// The same at any height: what is put first comes last in order, and the other way round.
TEST(MemberTree, counts_what_comes_before_the_first_ever_put) {
  for (const int size : {61, 62, 63, 64, 2000, 10'000}) {
    MemberTree tree({1, 2});
    for (int i = size; i > 0; --i) {
      put(tree, std::to_string(i), i);
      ASSERT_EQ(tree.order().rank_where([&](double s, const Member*) { return s < i + 0.5; }), 1U);
    }
    for (int i = 1; i <= size; ++i) ASSERT_TRUE(remove(tree, std::to_string(i)));
    EXPECT_EQ(tree.size(), 0U);
  }
}

TEST(MemberTree, is_built_from_members_gathered_in_any_order) {
  for (const int step : {1, -1, 7919}) {
    MemberGatherer gatherer({3, 4});
    Model model;
    for (int i = 0; i < 30'000; ++i) {
      const int n = ((i * step) % 30'000 + 30'000) % 30'000;
      const std::string text = std::to_string(n);
      Member* member = gatherer.add(text, gatherer.hash(text), n / 3);
      if (n % 100 == 7) {
        gatherer.drop(member);
        EXPECT_EQ(gatherer.find(text, gatherer.hash(text)), nullptr);
      } else {
        model.put(text, n / 3);
      }
    }
    EXPECT_EQ(gatherer.size(), 29'700U);
    const std::unique_ptr<MemberTree> tree = gatherer.finish();
    expect_same(*tree, model);
    Rng rng(9);
    for (int i = 0; i < 5000; ++i) {
      const std::string text = std::to_string(rng.below(40'000));
      put(*tree, text, i);
      model.put(text, i);
    }
    expect_same(*tree, model);
    const std::unique_ptr<MemberTree> copy(tree->copy());
    expect_same(*copy, model);
  }
  MemberGatherer given_up({3, 4});
  given_up.add("a", given_up.hash("a"), 1);
}

TEST(MemberTree, scans_every_member_that_stays_while_it_grows_and_shrinks) {
  for (const bool grows : {true, false}) {
    MemberTree tree({5, 6});
    for (int i = 0; i < 4000; ++i) put(tree, std::to_string(i), i);
    std::set<std::string> seen;
    std::uint64_t cursor = 0;
    int n = 4000;
    do {
      cursor = tree.scan(cursor, [&](const Member& member) { seen.emplace(member.text()); });
      for (int k = 0; k < 20; ++k) {
        if (grows) {
          put(tree, std::to_string(n), n);
          ++n;
        } else if (n > 1000) {
          remove(tree, std::to_string(--n));
        }
      }
    } while (cursor != 0);
    for (int i = 0; i < 1000; ++i) EXPECT_TRUE(seen.contains(std::to_string(i)));
  }
}

TEST(MemberTree, keeps_leaves_well_filled) {
  Rng rng(3);
  MemberTree random({1, 2});
  MemberTree rising({1, 2});
  for (int i = 0; i < 200'000; ++i) {
    const std::string text = "member:" + std::to_string(100'000'000 + i);
    put(random, text, rng.unit());
    put(rising, text, i);
  }
  EXPECT_LT(random.memory_bytes() / 200'000, 66U);
  EXPECT_LT(rising.memory_bytes() / 200'000, 63U);
}

}  // namespace
}  // namespace banyan::encodings
