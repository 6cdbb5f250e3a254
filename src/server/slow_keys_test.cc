// rdb-key-save-delay and key-load-delay on a node in the virtual world.
#include <gtest/gtest.h>

#include "server/world_for_test.h"

namespace banyan::server {
namespace {

struct SlowKeys : testing::Test {
  TestWorld w{{"--save", "", "--enable-debug-command", "yes"}};
  sim::Client& client = w.client();
  sim::Client& other = w.client();

  std::string ask(const std::string& line) { return w.send(client, line); }
  std::string field(const std::string& name) {
    const std::string text = w.send(other, "INFO everything");
    const std::size_t at = text.find("\r\n" + name + ":");
    if (at == std::string::npos) return "absent";
    const std::size_t begin = at + name.size() + 3;
    return text.substr(begin, text.find("\r\n", begin) - begin);
  }
  bool is_saving() { return field("rdb_bgsave_in_progress") == "1"; }
};

TEST_F(SlowKeys, a_save_takes_its_time_while_the_node_serves) {
  ASSERT_EQ(ask("DEBUG POPULATE 1000"), "+OK\r\n");
  ASSERT_EQ(ask("CONFIG SET rdb-key-save-delay 10000"), "+OK\r\n");
  ASSERT_EQ(ask("BGSAVE"), "+Background saving started\r\n");
  w.world.run_for(5s);
  EXPECT_TRUE(is_saving());
  EXPECT_NEAR(std::stoi(field("current_save_keys_processed")), 500, 50);
  const Instant asked = w.world.now();
  client.send("PING\r\n");
  EXPECT_EQ(client.wait_line(), "+PONG");
  EXPECT_LT(w.world.now() - asked, 10ms);
  w.world.run_for(4s);
  EXPECT_TRUE(is_saving());
  w.world.run_for(2s);
  EXPECT_FALSE(is_saving());
  EXPECT_EQ(field("rdb_last_bgsave_status"), "ok");
}

TEST_F(SlowKeys, the_setting_counts_at_once_for_a_save_under_way) {
  ASSERT_EQ(ask("DEBUG POPULATE 100"), "+OK\r\n");
  ASSERT_EQ(ask("CONFIG SET rdb-key-save-delay 1000000000"), "+OK\r\n");
  ASSERT_EQ(ask("BGSAVE"), "+Background saving started\r\n");
  w.world.run_for(60s);
  EXPECT_TRUE(is_saving());
  ASSERT_EQ(ask("CONFIG SET rdb-key-save-delay 0"), "+OK\r\n");
  w.world.run_for(100ms);
  EXPECT_FALSE(is_saving());
}

TEST_F(SlowKeys, what_writers_save_ahead_is_not_waited_for) {
  ASSERT_EQ(ask("DEBUG POPULATE 300"), "+OK\r\n");
  ASSERT_EQ(ask("CONFIG SET rdb-key-save-delay 1000000"), "+OK\r\n");
  ASSERT_EQ(ask("BGSAVE"), "+Background saving started\r\n");
  for (int i = 0; i < 300; ++i) (void)ask("APPEND key:" + std::to_string(i) + " x");
  w.world.run_for(10s);  // for the few that it saved itself; all would be 300
  EXPECT_FALSE(is_saving());
}

TEST_F(SlowKeys, neither_a_flush_nor_a_shutdown_waits_for_a_slow_save) {
  ASSERT_EQ(ask("DEBUG POPULATE 100"), "+OK\r\n");
  ASSERT_EQ(ask("CONFIG SET rdb-key-save-delay 1000000000"), "+OK\r\n");
  ASSERT_EQ(ask("BGSAVE"), "+Background saving started\r\n");
  EXPECT_TRUE(is_saving());
  ASSERT_EQ(ask("FLUSHALL"), "+OK\r\n");
  EXPECT_FALSE(is_saving());
  ASSERT_EQ(ask("DEBUG POPULATE 100"), "+OK\r\n");
  ASSERT_EQ(ask("BGSAVE"), "+Background saving started\r\n");
  EXPECT_TRUE(is_saving());
  client.send("SHUTDOWN SAVE\r\n");
  EXPECT_TRUE(w.world.run_until([&] { return !w.world.is_up(w.node); }, 1s));
  EXPECT_EQ(w.world.exit_code(w.node), 0);
}

TEST_F(SlowKeys, save_serves_nobody_for_as_long_as_it_takes) {
  ASSERT_EQ(ask("DEBUG POPULATE 100"), "+OK\r\n");
  ASSERT_EQ(ask("CONFIG SET rdb-key-save-delay 10000"), "+OK\r\n");
  client.send("SAVE\r\n");
  w.world.run_for(100ms);
  other.send("PING\r\n");
  w.world.run_for(800ms);
  EXPECT_EQ(other.take(), "");
  w.world.run_for(300ms);
  EXPECT_EQ(client.take(), "+OK\r\n");
  EXPECT_EQ(other.take(), "+PONG\r\n");
}

}  // namespace
}  // namespace banyan::server
