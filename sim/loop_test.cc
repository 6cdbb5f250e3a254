#include <gtest/gtest.h>

#include "sim/test_nodes.h"
#include "sim/world.h"

namespace banyan::sim {
namespace {

struct LoopTest : testing::Test {
  World world{3};
  NodeId node = world.add_bystander("n");
  Loop& loop() { return world.env(node).main_loop(); }
  std::string order;
  Task say(char c) {
    return [this, c] { order += c; };
  }
};

TEST_F(LoopTest, timers_run_by_time_and_then_by_creation) {
  world.run_for(1s);
  const Instant base = loop().now() + 10ms;
  loop().call_at(base + 1ms, say('c'));
  loop().call_at(base, say('a'));
  loop().call_at(base, say('b'));
  loop().call_at(base - 1h, say('0'));
  EXPECT_EQ(order, "");
  world.run_for(1s);
  EXPECT_EQ(order, "0abc");
}

TEST_F(LoopTest, a_cancelled_timer_never_runs_even_when_it_was_due) {
  const TimerId never = loop().call_after(10ms, say('x'));
  TimerId second{};
  loop().call_after(20ms, [&] { loop().cancel(second); });
  second = loop().call_at(loop().now() + 20ms, say('y'));
  loop().cancel(never);
  loop().cancel(TimerId::none);
  world.run_for(1s);
  loop().cancel(second);
  EXPECT_EQ(order, "");
}

TEST_F(LoopTest, posted_tasks_run_in_order_on_a_later_turn) {
  loop().post([&] {
    loop().post(say('c'));
    order += 'a';
  });
  loop().post(say('b'));
  EXPECT_EQ(order, "");
  world.run_for(1ms);
  EXPECT_EQ(order, "abc");
}

TEST_F(LoopTest, offloaded_works_run_one_after_the_other_then_their_ends) {
  loop().offload(say('1'), say('a'));
  loop().offload(say('2'), nullptr);
  loop().offload(say('3'), say('c'));
  EXPECT_EQ(order, "");
  world.run_for(1s);
  EXPECT_EQ(order.size(), 5U);
  EXPECT_LT(order.find('1'), order.find('2'));
  EXPECT_LT(order.find('2'), order.find('3'));
  EXPECT_LT(order.find('1'), order.find('a'));
  EXPECT_LT(order.find('a'), order.find('c'));
}

TEST_F(LoopTest, the_hook_runs_after_each_batch) {
  world.run_for(1s);
  loop().set_turn_hook([this] {
    order += '|';
    return false;
  });
  loop().post(say('a'));
  loop().post(say('b'));
  world.run_for(1s);
  EXPECT_TRUE(order == "ab|" || order == "a|b|") << order;
  world.run_for(1h);
  EXPECT_LE(order.size(), 4U);  // nothing happened: no turn
}

TEST_F(LoopTest, a_busy_hook_does_not_stop_the_time) {
  int turns = 0;
  loop().set_turn_hook([&] {
    ++turns;
    return true;
  });
  loop().post([] {});
  loop().call_after(1ms, say('t'));
  world.run_for(2ms);
  EXPECT_EQ(order, "t");
  EXPECT_GT(turns, 100);
  EXPECT_LT(turns, 3000);
}

TEST_F(LoopTest, a_hook_may_replace_itself) {
  loop().set_turn_hook([this] {
    loop().set_turn_hook([this] {
      order += '2';
      return false;
    });
    order += '1';
    return true;
  });
  loop().post([] {});
  world.run_for(1s);
  EXPECT_EQ(order, "12");
}

TEST_F(LoopTest, a_pause_delays_everything_and_loses_nothing) {
  loop().call_after(10ms, say('a'));
  loop().call_after(20ms, say('b'));
  loop().offload(say('w'), nullptr);
  world.pause(node, 5s);
  world.run_for(4900ms);
  EXPECT_EQ(order, "");
  world.run_for(200ms);
  EXPECT_EQ(order.size(), 3U);
  EXPECT_LT(order.find('a'), order.find('b'));
}

TEST(NodeClockTest, timers_are_never_early_and_local_time_never_goes_back) {
  for (std::uint64_t seed = 1; seed <= 20; ++seed) {
    World world(seed, Faults{.drift_ppm_max = 20'000});
    const NodeId node = world.add_bystander("n");
    Loop& loop = world.env(node).main_loop();
    Instant last = loop.now();
    for (int i = 0; i < 50; ++i) {
      const Instant when = loop.now() + Duration(world.rng().between(0, 1'000'000));
      Instant ran{};
      loop.call_at(when, [&] { ran = loop.now(); });
      ASSERT_TRUE(world.run_until([&] { return ran != Instant{}; }, 10s));
      EXPECT_GE(ran, when);
      EXPECT_LE(ran, when + 10us);
      EXPECT_GE(ran, last);
      last = ran;
    }
  }
}

TEST(NodeClockTest, work_between_two_looks_at_the_precise_clock_takes_time) {
  World world(1, Faults{.work_step = 30us});
  Loop& loop = world.env(world.add_bystander("n")).main_loop();
  Instant began{}, went_on{};
  loop.call_at(loop.now() + 1ms, [&] {
    began = loop.now();
    EXPECT_EQ(loop.precise_now(), began + 30us);
    EXPECT_EQ(loop.precise_now(), began + 60us);
    EXPECT_EQ(loop.now(), began);
    loop.post([&] { went_on = loop.now(); });
  });
  world.run_for(1s);
  EXPECT_GE(went_on, began + 60us);
}

TEST(NodeClockTest, a_timer_that_never_comes_is_allowed) {
  World world(1);
  Loop& loop = world.env(world.add_bystander("n")).main_loop();
  bool ran = false;
  loop.call_at(Instant::max(), [&] { ran = true; });
  world.run_for(std::chrono::hours(24 * 365));
  EXPECT_FALSE(ran);
}

TEST(NodeClockTest, the_wall_clock_jumps_and_drifts_alone) {
  World world(5, Faults{.wall_offset_max = 10s});
  const NodeId a = world.add_bystander("a"), b = world.add_bystander("b");
  Loop& loop = world.env(a).main_loop();
  EXPECT_NE(loop.unix_ms(), world.env(b).main_loop().unix_ms());
  EXPECT_LE(std::abs(loop.unix_ms() - NodeClock::kWorldStart), 10'000);
  const UnixMs before = loop.unix_ms();
  const Instant mono = loop.now();
  world.jump_wall(a, -1h);
  loop.post([] {});
  world.run_for(1s);
  EXPECT_LT(loop.unix_ms(), before - 3'590'000);
  EXPECT_GE(loop.now(), mono);
}

}  // namespace
}  // namespace banyan::sim
