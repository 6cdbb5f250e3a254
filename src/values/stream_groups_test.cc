#include "values/stream_groups.h"

#include <gtest/gtest.h>

#include <map>
#include <vector>

#include "base/rng.h"

namespace banyan::values {
namespace {

struct Item {
  StreamId id;
  int value = 0;
};

TEST(OrderedByIdTest, agrees_with_a_map_under_random_changes) {
  Rng rng(5);
  OrderedById<Item> items;
  std::map<StreamId, int> model;
  for (int step = 0; step < 60000; ++step) {
    const bool growing = step / 10000 % 2 == 0;
    const StreamId id{rng.below(3000), rng.below(3)};
    if (rng.chance(growing ? 0.8 : 0.2)) {
      const Item& item = items.insert({id, step});
      EXPECT_EQ(item.value, model.try_emplace(id, step).first->second);
    } else {
      EXPECT_EQ(items.erase(id), model.erase(id) == 1);
    }
    ASSERT_EQ(items.size(), model.size());
    const StreamId probe{rng.below(3000), rng.below(3)};
    const auto at = items.lower_bound(probe);
    const auto expected = model.lower_bound(probe);
    ASSERT_EQ(items.is_end(at), expected == model.end());
    if (!items.is_end(at)) {
      ASSERT_EQ(items.at(at).id, expected->first);
    }
    const auto floor = items.floor(probe);
    const auto above = model.upper_bound(probe);
    ASSERT_EQ(items.is_end(floor), above == model.begin());
    if (!items.is_end(floor)) {
      ASSERT_EQ(items.at(floor).id, std::prev(above)->first);
    }
  }
  std::vector<StreamId> forward, backward, expected;
  for (auto at = items.begin(); !items.is_end(at); at = items.next(at))
    forward.push_back(items.at(at).id);
  for (auto at = items.last(); !items.is_end(at); at = items.previous(at))
    backward.insert(backward.begin(), items.at(at).id);
  for (const auto& [id, value] : model) expected.push_back(id);
  EXPECT_EQ(forward, expected);
  EXPECT_EQ(backward, expected);
}

TEST(OrderedByIdTest, erasing_goes_on_with_the_item_behind) {
  Rng rng(6);
  OrderedById<Item> items;
  for (std::uint64_t i = 0; i < 2000; ++i) items.append({{i, 0}, 0});
  std::uint64_t next = 0;
  for (auto at = items.begin(); !items.is_end(at); ++next) {
    ASSERT_EQ(items.at(at).id.ms, next);
    at = rng.chance(0.9) ? items.erase(at) : items.next(at);
  }
  EXPECT_EQ(next, 2000U);
}

TEST(OrderedByIdTest, gives_memory_back_when_items_are_removed_all_over) {
  Rng rng(7);
  OrderedById<Item> items;
  for (std::uint64_t i = 0; i < 100'000; ++i) items.append({{i, 0}, 0});
  const std::size_t full = items.memory_bytes();
  for (std::uint64_t i = 0; i < 100'000; ++i)
    if (i % 50 != 0) items.erase(StreamId{i, 0});
  EXPECT_LT(items.memory_bytes(), full / 10);
}

TEST(StreamGroupTest, moves_what_is_pending_between_consumers) {
  StreamGroup group({}, 0);
  StreamConsumer* alice = group.create_consumer("alice", 1);
  StreamConsumer* bob = group.create_consumer("bob", 1);
  EXPECT_EQ(group.create_consumer("bob", 2), nullptr);
  for (std::uint64_t i = 1; i <= 300; ++i) group.assign({i, 0}, *alice).deliveries = i;
  group.assign({7, 0}, *bob);
  EXPECT_EQ(group.find_pending({7, 0})->deliveries, 7U);
  EXPECT_EQ(alice->pending.size(), 299U);
  EXPECT_EQ(bob->pending.size(), 1U);

  const StreamGroup copy = group.copy();
  EXPECT_TRUE(group.acknowledge({7, 0}));
  EXPECT_FALSE(group.acknowledge({7, 0}));
  EXPECT_TRUE(bob->pending.empty());
  EXPECT_EQ(group.erase_consumer("alice"), 299U);
  EXPECT_EQ(group.erase_consumer("alice"), std::nullopt);
  EXPECT_TRUE(group.pending().empty());

  EXPECT_EQ(copy.pending().size(), 300U);
  EXPECT_EQ(copy.pending().find({7, 0})->consumer, copy.find_consumer("bob"));
  EXPECT_NE(copy.find_consumer("bob"), bob);
}

}  // namespace
}  // namespace banyan::values
