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
  std::string field(const std::string& name) { return field(other, name); }
  std::string field(sim::Client& from, const std::string& name) {
    const std::string text = w.send(from, "INFO everything");
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

TEST_F(SlowKeys, a_load_takes_its_time_while_the_node_answers) {
  ASSERT_EQ(ask("DEBUG POPULATE 1000"), "+OK\r\n");
  ASSERT_EQ(ask("SAVE"), "+OK\r\n");
  ASSERT_EQ(ask("CONFIG SET key-load-delay 1000"), "+OK\r\n");
  client.send("DEBUG RELOAD NOSAVE\r\n");  // one that serves nobody
  w.world.run_for(900ms);
  EXPECT_EQ(client.take(), "");
  w.world.run_for(200ms);
  EXPECT_EQ(client.take(), "+OK\r\n");
}

TEST_F(SlowKeys, a_node_that_starts_answers_while_it_takes_its_time_to_load) {
  TestWorld slow({"--save", "", "--enable-debug-command", "yes", "--key-load-delay", "1000"});
  ASSERT_EQ(slow.send(slow.client(), "DEBUG POPULATE 1000\r\nSAVE"), "+OK\r\n+OK\r\n");
  slow.world.crash(slow.node, sim::CrashKind::kill);
  slow.world.run_for(1ms);
  slow.world.restart(slow.node);
  slow.world.run_for(1ms);
  sim::Client& asker = slow.client();
  slow.world.run_for(900ms);
  EXPECT_EQ(slow.send(asker, "PING").substr(0, 8), "-LOADING");
  EXPECT_NE(slow.send(asker, "INFO persistence").find("\r\nloading:1\r\n"), std::string::npos);
  slow.world.run_for(100ms);
  EXPECT_EQ(slow.send(asker, "DBSIZE"), ":1000\r\n");
}

TEST_F(SlowKeys, a_replica_takes_its_time_to_load_and_serves_its_old_data_meanwhile) {
  ASSERT_EQ(ask("DEBUG POPULATE 1000"), "+OK\r\n");
  ASSERT_EQ(ask("CONFIG SET repl-diskless-sync-delay 0 repl-timeout 5"), "+OK\r\n");
  const sim::NodeId node =
      w.add_node("replica", {"--save", "", "--repl-timeout", "5", "--key-load-delay", "20000"});
  sim::Client& replica = w.client(node);
  ASSERT_EQ(w.send(replica, "SET old 1"), "+OK\r\n");
  ASSERT_EQ(w.send(replica, "REPLICAOF " + sim::ip_of(w.node) + " 6379"), "+OK\r\n");
  w.world.run_for(18s);
  ASSERT_EQ(ask("SET late 1"), "+OK\r\n");
  EXPECT_EQ(field(replica, "master_link_status"), "down");
  EXPECT_EQ(w.send(replica, "GET old"), "$1\r\n1\r\n");
  w.world.run_for(4s);
  EXPECT_EQ(field(replica, "master_link_status"), "up");
  EXPECT_EQ(w.send(replica, "DBSIZE"), ":1001\r\n");
  EXPECT_EQ(w.send(replica, "EXISTS late old"), ":1\r\n");
  EXPECT_EQ(field("sync_full"), "1");
}

TEST_F(SlowKeys, the_delay_of_a_replicas_load_counts_at_once) {
  ASSERT_EQ(ask("DEBUG POPULATE 100"), "+OK\r\n");
  ASSERT_EQ(ask("CONFIG SET repl-diskless-sync-delay 0"), "+OK\r\n");
  const sim::NodeId node = w.add_node("replica", {"--save", "", "--key-load-delay", "1000000000"});
  sim::Client& replica = w.client(node);
  ASSERT_EQ(w.send(replica, "REPLICAOF " + sim::ip_of(w.node) + " 6379"), "+OK\r\n");
  w.world.run_for(100s);
  EXPECT_EQ(field(replica, "master_link_status"), "down");
  ASSERT_EQ(w.send(replica, "CONFIG SET key-load-delay 0"), "+OK\r\n");
  w.world.run_for(1s);
  EXPECT_EQ(field(replica, "master_link_status"), "up");
  EXPECT_EQ(field("sync_full"), "1");
}

TEST_F(SlowKeys, a_replica_that_is_told_otherwise_forgets_its_slow_load) {
  ASSERT_EQ(ask("DEBUG POPULATE 100"), "+OK\r\n");
  ASSERT_EQ(ask("CONFIG SET repl-diskless-sync-delay 0"), "+OK\r\n");
  const sim::NodeId node = w.add_node("replica", {"--save", "", "--key-load-delay", "1000000000"});
  sim::Client& replica = w.client(node);
  ASSERT_EQ(w.send(replica, "REPLICAOF " + sim::ip_of(w.node) + " 6379"), "+OK\r\n");
  w.world.run_for(10s);
  ASSERT_EQ(w.send(replica, "REPLICAOF NO ONE"), "+OK\r\n");
  w.world.run_for(10s);
  EXPECT_EQ(w.send(replica, "DBSIZE"), ":0\r\n");
  EXPECT_EQ(w.send(replica, "SET a 1"), "+OK\r\n");
}

struct SlowSyncs : SlowKeys {
  sim::NodeId node = w.add_node("replica", {"--save", ""});
  sim::Client& replica = w.client(node);

  void SetUp() override {
    ASSERT_EQ(ask("DEBUG POPULATE 100"), "+OK\r\n");
    ASSERT_EQ(ask("CONFIG SET repl-diskless-sync-delay 0 rdb-key-save-delay 1000000000"),
              "+OK\r\n");
  }
  void follow() {
    ASSERT_EQ(w.send(replica, "REPLICAOF " + sim::ip_of(w.node) + " 6379"), "+OK\r\n");
    w.world.run_for(2s);
    ASSERT_TRUE(is_saving());
  }
};

TEST_F(SlowSyncs, a_file_that_no_replica_waits_for_any_more_is_given_up) {
  ASSERT_EQ(ask("CONFIG SET repl-diskless-sync no"), "+OK\r\n");
  follow();
  ASSERT_EQ(w.send(replica, "REPLICAOF NO ONE"), "+OK\r\n");
  w.world.run_for(1s);
  EXPECT_FALSE(is_saving());
  EXPECT_EQ(field("rdb_last_bgsave_status"), "ok");
  EXPECT_FALSE(w.world.disk(w.node).exists("/data/dump.rdb"));
  // Not where it will do for the save points.
  ASSERT_EQ(ask("CONFIG SET save '3600 1'"), "+OK\r\n");
  follow();
  ASSERT_EQ(w.send(replica, "REPLICAOF NO ONE"), "+OK\r\n");
  w.world.run_for(1s);
  EXPECT_TRUE(is_saving());
  ASSERT_EQ(ask("CONFIG SET save ''"), "+OK\r\n");
  ASSERT_EQ(ask("CONFIG SET rdb-key-save-delay 0"), "+OK\r\n");
  EXPECT_FALSE(is_saving());
}

TEST_F(SlowSyncs, a_flush_begins_those_under_way_again) {
  follow();
  EXPECT_EQ(field("sync_full"), "1");
  ASSERT_EQ(ask("FLUSHALL"), "+OK\r\n");
  w.world.run_for(3s);
  EXPECT_EQ(field("sync_full"), "2");
  EXPECT_EQ(field(replica, "master_link_status"), "up");
  EXPECT_EQ(field("connected_slaves"), "1");
}

TEST_F(SlowSyncs, a_replica_says_that_it_loads_beside_its_data) {
  ASSERT_EQ(ask("CONFIG SET rdb-key-save-delay 0"), "+OK\r\n");
  ASSERT_EQ(w.send(replica, "CONFIG SET key-load-delay 1000000"), "+OK\r\n");
  ASSERT_EQ(w.send(replica, "REPLICAOF " + sim::ip_of(w.node) + " 6379"), "+OK\r\n");
  w.world.run_for(2s);
  EXPECT_EQ(field(replica, "async_loading"), "1");
  EXPECT_EQ(field(replica, "loading"), "0");
  ASSERT_EQ(w.send(replica, "CONFIG SET key-load-delay 0"), "+OK\r\n");
  w.world.run_for(1s);
  EXPECT_EQ(field(replica, "async_loading"), "0");
}

TEST_F(SlowSyncs, a_wrong_offset_ends_neither_the_connection_nor_is_it_a_sync) {
  EXPECT_EQ(ask("PSYNC id offset"), "-ERR value is not an integer or out of range\r\n");
  EXPECT_EQ(ask("PING"), "+PONG\r\n");
  EXPECT_EQ(field("sync_full"), "0");
}

}  // namespace
}  // namespace banyan::server
