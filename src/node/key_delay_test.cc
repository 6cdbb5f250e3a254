#include "node/key_delay.h"

#include <gtest/gtest.h>

#include "sim/world.h"

namespace banyan::node {
namespace {

struct KeyDelayTest : testing::Test {
  sim::World world{1};
  sim::NodeId machine = world.add_node("node", [](Env&) { return std::make_unique<sim::Node>(); });
  Duration setting{0};
  int woken = 0;
  std::unique_ptr<KeyDelay> delay;

  void SetUp() override {
    world.faults().work_step = {};  // no time passes by looking at the clock
    world.run_for(1s);
    delay =
        std::make_unique<KeyDelay>(world.env(machine).main_loop(), setting, [this] { ++woken; });
  }
  // How long `keys` one by one take, when each wait is over at once.
  Duration time_of(int keys) {
    const Instant start = world.now();
    for (int i = 0; i < keys; ++i) {
      delay->add(1);
      while (delay->must_wait()) world.run_for(10us);
    }
    return std::chrono::duration_cast<Duration>(world.now() - start);
  }
};

TEST_F(KeyDelayTest, a_key_takes_as_long_as_the_setting_says) {
  setting = 100us;
  world.run_for(1s);
  EXPECT_NEAR(static_cast<double>(time_of(1000).count()), 100'000, 20'100);
}

TEST_F(KeyDelayTest, below_zero_many_keys_take_one_microsecond) {
  setting = -25us;
  EXPECT_NEAR(static_cast<double>(time_of(1'000'000).count()), 40'000, 20'100);
}

TEST_F(KeyDelayTest, nothing_is_owed_at_the_beginning_and_without_a_delay) {
  EXPECT_FALSE(delay->must_wait());
  delay->add(1'000'000);
  EXPECT_FALSE(delay->must_wait());
}

TEST_F(KeyDelayTest, what_a_late_timer_lost_is_made_up_for) {
  setting = 1000us;
  delay->add(1);
  world.run_for(1005ms);  // far more than it had to wait
  EXPECT_FALSE(delay->must_wait());
  delay->add(15);
  EXPECT_FALSE(delay->must_wait()) << "fifteen of the twenty that count";
  delay->add(1000);
  EXPECT_TRUE(delay->must_wait());
}

TEST_F(KeyDelayTest, the_loop_turns_when_the_wait_is_over) {
  setting = 1s;
  delay->add(3);
  EXPECT_TRUE(delay->must_wait());
  world.run_for(2900ms);
  EXPECT_EQ(woken, 0);
  world.run_for(200ms);
  EXPECT_EQ(woken, 1);
  EXPECT_FALSE(delay->must_wait());
}

TEST_F(KeyDelayTest, a_change_of_the_setting_counts_in_the_middle_of_a_wait) {
  setting = 1h;
  delay->add(1);
  EXPECT_TRUE(delay->must_wait());
  setting = 1s;
  EXPECT_TRUE(delay->must_wait());
  world.run_for(2s);
  EXPECT_EQ(woken, 1);
  setting = 1h;
  delay->add(1);
  EXPECT_TRUE(delay->must_wait());
  setting = 0us;
  EXPECT_FALSE(delay->must_wait());
}

TEST_F(KeyDelayTest, what_is_forgotten_is_not_waited_for) {
  setting = 1h;
  delay->add(1);
  EXPECT_TRUE(delay->must_wait());
  delay->forget();
  EXPECT_FALSE(delay->must_wait());
}

}  // namespace
}  // namespace banyan::node
