#include "sim/world.h"

#include <gtest/gtest.h>

#include "sim/counter_world.h"

namespace banyan::sim {
namespace {

TEST(CounterWorld, counts_through_trouble_and_recovers) {
  for (std::uint64_t seed = 1; seed <= 30; ++seed) {
    const auto result = run_counter_world(seed, {});
    ASSERT_TRUE(result) << "dev sim counter --seed " << seed << "\n" << result.error().describe();
  }
}

TEST(CounterWorld, catches_a_server_that_forgets_to_sync) {
  std::uint64_t caught = 0;
  for (std::uint64_t seed = 1; seed <= 100 && caught == 0; ++seed)
    if (!run_counter_world(seed, {.forgets_to_sync = true})) caught = seed;
  EXPECT_GT(caught, 0U);
}

}  // namespace
}  // namespace banyan::sim
