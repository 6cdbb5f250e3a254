#include "net/timers.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <memory>

#include "base/rng.h"

namespace banyan::net {
namespace {

Instant at(int ms) { return Instant(std::chrono::milliseconds(ms)); }

struct TimersTest : testing::Test {
  Timers timers;
  std::vector<int> ran;
  TimerId add(int ms, int number) {
    return timers.add(at(ms), [this, number] { ran.push_back(number); });
  }
};

TEST_F(TimersTest, run_in_order_of_time_then_of_creation) {
  add(20, 3);
  add(10, 1);
  add(20, 4);
  add(10, 2);
  EXPECT_EQ(timers.next(), at(10));
  EXPECT_FALSE(timers.run_due(at(9)));
  EXPECT_TRUE(timers.run_due(at(20)));
  EXPECT_EQ(ran, (std::vector<int>{1, 2, 3, 4}));
  EXPECT_EQ(timers.next(), std::nullopt);
}

TEST_F(TimersTest, a_cancelled_timer_does_not_run_and_frees_what_it_holds) {
  auto held = std::make_shared<int>(1);
  const TimerId timer = timers.add(at(1), [held] { FAIL(); });
  EXPECT_EQ(held.use_count(), 2);
  timers.cancel(timer);
  EXPECT_EQ(held.use_count(), 1);
  EXPECT_FALSE(timers.run_due(at(2)));
}

TEST_F(TimersTest, cancelling_what_has_run_or_never_was_changes_nothing) {
  const TimerId old = add(1, 1);
  timers.run_due(at(1));
  add(2, 2);  // in the same slot
  timers.cancel(old);
  timers.cancel(TimerId::none);
  timers.cancel(TimerId{UINT64_MAX});
  timers.run_due(at(2));
  EXPECT_EQ(ran, (std::vector<int>{1, 2}));
}

TEST_F(TimersTest, a_task_may_cancel_others_that_are_due_and_itself) {
  TimerId self = TimerId::none, other = TimerId::none;
  self = timers.add(at(1), [&] {
    timers.cancel(self);
    timers.cancel(other);
    ran.push_back(1);
  });
  other = add(2, 2);
  add(3, 3);
  timers.run_due(at(3));
  EXPECT_EQ(ran, (std::vector<int>{1, 3}));
}

TEST_F(TimersTest, what_a_task_adds_waits_for_the_next_call_even_when_due) {
  timers.add(at(5), [&] { add(1, 7); });
  EXPECT_TRUE(timers.run_due(at(5)));
  EXPECT_TRUE(ran.empty());
  EXPECT_EQ(timers.next(), at(1));
  timers.run_due(at(5));
  EXPECT_EQ(ran, std::vector<int>{7});
}

TEST_F(TimersTest, any_mix_of_adds_and_cancels_runs_like_a_sorted_list) {
  Rng rng(17);
  struct Expected {
    int ms, number;
    TimerId id;
  };
  std::vector<Expected> model;
  for (int round = 0, number = 0, now = 0; round < 3000; ++round) {
    if (rng.below(3) != 0) {
      const int ms = now + static_cast<int>(rng.below(50));
      model.push_back({ms, number, add(ms, number)});
      ++number;
    } else if (!model.empty()) {
      const auto victim = model.begin() + static_cast<std::ptrdiff_t>(rng.below(model.size()));
      timers.cancel(victim->id);
      model.erase(victim);
    }
    if (round % 10 != 0) continue;
    now += static_cast<int>(rng.below(20));
    std::stable_sort(model.begin(), model.end(),
                     [](const Expected& a, const Expected& b) { return a.ms < b.ms; });
    std::vector<int> expected;
    while (!model.empty() && model.front().ms <= now) {
      expected.push_back(model.front().number);
      model.erase(model.begin());
    }
    ran.clear();
    timers.run_due(at(now));
    ASSERT_EQ(ran, expected);
    ASSERT_EQ(timers.next(), model.empty() ? std::nullopt : std::optional(at(model.front().ms)));
  }
}

}  // namespace
}  // namespace banyan::net
