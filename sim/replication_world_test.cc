#include "sim/replication_world.h"

#include <fstream>

#include <gtest/gtest.h>

namespace banyan::sim {
namespace {

void expect_to_hold(std::uint64_t seed) {
  const auto result = run_replication_world(seed);
  ASSERT_TRUE(result) << "dev sim replication --seed " << seed << "\n" << result.error().describe();
}

TEST(ReplicationWorld, replicas_hold_what_their_primary_held_and_recover) {
  for (std::uint64_t seed = 1; seed <= 100 && !HasFatalFailure(); ++seed) expect_to_hold(seed);
}

TEST(ReplicationWorld, holds_for_the_seeds_that_once_failed) {
  std::ifstream file(BANYAN_SEEDS_DIRECTORY "/replication.txt");
  std::uint64_t count = 0;
  for (std::string line; std::getline(file, line) && !HasFatalFailure();) {
    if (line.empty() || line.starts_with('#')) continue;
    ++count;
    expect_to_hold(std::stoull(line));
  }
  EXPECT_GT(count, 0U);
}

TEST(ReplicationWorld, the_same_seed_gives_the_same_events) {
  for (std::uint64_t seed = 1; seed <= 10; ++seed) {
    const auto first = run_replication_world(seed), second = run_replication_world(seed);
    ASSERT_TRUE(first && second);
    EXPECT_EQ(first->event_hash, second->event_hash) << "seed " << seed;
    EXPECT_EQ(first->acknowledged, second->acknowledged);
  }
}

// A world in which nothing is written, or nothing is ever compared, would hold too.
TEST(ReplicationWorld, writes_and_compares) {
  std::uint64_t acknowledged = 0, compared = 0;
  for (std::uint64_t seed = 1; seed <= 10; ++seed) {
    const auto result = run_replication_world(seed);
    ASSERT_TRUE(result);
    acknowledged += result->acknowledged;
    compared += result->contents_compared;
  }
  EXPECT_GT(acknowledged, 1000U);
  EXPECT_GT(compared, 500U);
}

}  // namespace
}  // namespace banyan::sim
