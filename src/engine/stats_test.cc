#include "engine/stats.h"

#include <gtest/gtest.h>

namespace banyan::engine {
namespace {

std::size_t only_bucket(const LatencyHistogram& histogram) {
  std::size_t found = LatencyHistogram::kBuckets;
  for (std::size_t i = 0; i < LatencyHistogram::kBuckets; ++i)
    if (histogram.count_in(i) == 1) found = i;
  return found;
}

TEST(LatencyHistogram, counts_a_time_in_a_bucket_that_is_at_most_an_eighth_too_wide) {
  for (const Ticks ticks : {Ticks{0}, Ticks{1}, Ticks{7}, Ticks{8}, Ticks{9}, Ticks{15}, Ticks{16},
                            Ticks{17}, Ticks{1000}, Ticks{123'456'789}, Ticks{1} << 42}) {
    LatencyHistogram histogram;
    histogram.add(ticks);
    const std::size_t bucket = only_bucket(histogram);
    ASSERT_LT(bucket, LatencyHistogram::kBuckets) << ticks;
    EXPECT_GE(LatencyHistogram::last_of(bucket), ticks);
    EXPECT_LE(LatencyHistogram::last_of(bucket), ticks + ticks / 8);
    if (bucket > 0) {
      EXPECT_LT(LatencyHistogram::last_of(bucket - 1), ticks);
    }
  }
}

TEST(LatencyHistogram, has_a_place_for_the_longest_times) {
  LatencyHistogram histogram;
  histogram.add(~Ticks{0});
  EXPECT_EQ(histogram.count_in(LatencyHistogram::kBuckets - 1), 1U);
}

TEST(LatencyHistogram, adds_up_what_several_workers_counted) {
  LatencyHistogram a, b;
  a.add(Ticks{5});
  b.add(Ticks{5});
  b.add(Ticks{1000});
  a.add(b);
  EXPECT_EQ(a.count_in(5), 2U);
}

TEST(WorkerStats, forgets_all_but_the_number_of_changes) {
  WorkerStats stats(2);
  stats.by_command[1].count(100, true);
  stats.errors["ERR"] = 1;
  ++stats.commands;
  stats.error_replies = 1;
  stats.dirty += 7;
  stats.reset();
  EXPECT_EQ(stats.by_command[1].calls, 0U);
  EXPECT_EQ(stats.by_command[1].latency, nullptr);
  EXPECT_TRUE(stats.errors.empty());
  EXPECT_EQ(stats.commands, 0U);
  EXPECT_EQ(stats.dirty, 7U);
}

TEST(CommandStats, tracks_latencies_only_when_asked_to) {
  CommandStats stats;
  stats.count(10, false);
  EXPECT_EQ(stats.latency, nullptr);
  stats.count(20, true);
  ASSERT_NE(stats.latency, nullptr);
  EXPECT_EQ(stats.calls, 2U);
  EXPECT_EQ(stats.ticks, 30U);
}

}  // namespace
}  // namespace banyan::engine
