// The commands about the node as a whole, tried on a node in the virtual world.
#include <gtest/gtest.h>

#include "server/server.h"
#include "sim/client.h"

namespace banyan::server {
namespace {

struct TestNode final : sim::Node {
  TestNode(Env& env, config::Loaded loaded) : server(env, std::move(loaded)) {
    started = server.start().has_value();
  }
  Server server;
  bool started = false;
};

struct NodeCommandsTest : testing::Test {
  sim::World world{1};
  sim::NodeId node = world.add_node("node", [](Env& env) -> std::unique_ptr<sim::Node> {
    config::Loaded loaded;
    loaded.settings.security.debug_command = config::Allowed::yes;
    loaded.settings.security.protected_configs = config::Allowed::yes;
    loaded.settings.network.protected_mode = false;
    loaded.settings.persistence.save_points.clear();
    loaded.config_file = "/node.conf";
    auto made = std::make_unique<TestNode>(env, std::move(loaded));
    return made->started ? std::move(made) : nullptr;
  });
  sim::Client client{world, "client"};

  void SetUp() override {
    world.run_for(1s);
    client.connect(node, 6379);
    ASSERT_TRUE(client.wait_connected()) << world.logs();
  }
  // An inline command; what came within a second.
  std::string ask(const std::string& line) {
    client.send(line + "\r\n");
    world.run_for(1s);
    return client.take();
  }
  // A field of INFO.
  std::string field(const std::string& name) {
    const std::string text = ask("INFO everything");
    const std::size_t at = text.find("\r\n" + name + ":");
    if (at == std::string::npos) return "absent";
    const std::size_t begin = at + name.size() + 3;
    return text.substr(begin, text.find("\r\n", begin) - begin);
  }
};

TEST_F(NodeCommandsTest, rates_are_those_of_the_last_second_and_a_half) {
  for (int i = 0; i < 30; ++i) {
    client.send("PING\r\nPING\r\nPING\r\nPING\r\nPING\r\n");
    world.run_for(100ms);
  }
  (void)client.take();
  EXPECT_NEAR(std::stod(field("instantaneous_ops_per_sec")), 50, 30);
  world.run_for(10s);
  EXPECT_EQ(field("instantaneous_ops_per_sec"), "0");
}

TEST_F(NodeCommandsTest, a_new_port_takes_over_and_the_old_connection_goes_on) {
  EXPECT_EQ(ask("CONFIG SET port 7000"), "+OK\r\n");
  EXPECT_EQ(ask("PING"), "+PONG\r\n");
  EXPECT_EQ(field("tcp_port"), "7000");
  sim::Client other(world, "other");
  other.connect(node, 7000);
  EXPECT_TRUE(other.wait_connected());
  sim::Client late(world, "late");
  late.connect(node, 6379);
  EXPECT_FALSE(late.wait_connected());
}

TEST_F(NodeCommandsTest, a_port_that_cannot_be_had_leaves_the_old_one) {
  const std::string reply = ask("CONFIG SET bind 203.0.113.77");
  EXPECT_EQ(reply,
            "-ERR CONFIG SET failed (possibly related to argument 'bind') - Failed to bind to "
            "specified addresses.\r\n");
  sim::Client other(world, "other");
  other.connect(node, 6379);
  EXPECT_TRUE(other.wait_connected());
}

TEST_F(NodeCommandsTest, the_directory_becomes_an_absolute_path) {
  EXPECT_EQ(ask("CONFIG SET dir /nosuch"),
            "-ERR CONFIG SET failed (possibly related to argument 'dir') - Changing directory: No "
            "such file or directory\r\n");
  EXPECT_EQ(ask("CONFIG GET dir"), "*2\r\n$3\r\ndir\r\n$5\r\n/data\r\n");
}

TEST_F(NodeCommandsTest, rewrite_stores_what_was_set) {
  EXPECT_EQ(ask("CONFIG SET timeout 33"), "+OK\r\n");
  EXPECT_EQ(ask("CONFIG REWRITE"), "+OK\r\n");
  const auto text = read_whole_file(world.env(node).files(), "/node.conf");
  ASSERT_TRUE(text.has_value());
  EXPECT_NE(text->find("timeout 33"), std::string::npos) << *text;
}

TEST_F(NodeCommandsTest, flushing_in_the_background_frees_all_keys) {
  EXPECT_EQ(ask("DEBUG POPULATE 1000"), "+OK\r\n");
  EXPECT_EQ(ask("DBSIZE"), ":1000\r\n");
  EXPECT_EQ(ask("FLUSHALL ASYNC"), "+OK\r\n");
  EXPECT_EQ(ask("DBSIZE"), ":0\r\n");
  EXPECT_EQ(field("lazyfree_pending_objects"), "0");
  EXPECT_EQ(field("lazyfreed_objects"), "1000");
}

TEST_F(NodeCommandsTest, flushing_counts_its_changes_unless_they_are_saved_at_once) {
  EXPECT_EQ(ask("DEBUG POPULATE 10"), "+OK\r\n");
  const std::string before = field("rdb_changes_since_last_save");
  EXPECT_EQ(ask("FLUSHALL"), "+OK\r\n");
  EXPECT_EQ(std::stoi(field("rdb_changes_since_last_save")), std::stoi(before) + 10);
  EXPECT_EQ(ask("CONFIG SET save \"3600 1000\""), "+OK\r\n");
  EXPECT_EQ(ask("DEBUG POPULATE 10"), "+OK\r\n");
  const std::string reply = ask("FLUSHALL\r\nINFO persistence");  // before anything can be saved
  EXPECT_NE(reply.find("rdb_changes_since_last_save:0\r\n"), std::string::npos) << reply;
  EXPECT_EQ(ask("SET a b"), "+OK\r\n");
  EXPECT_EQ(field("rdb_changes_since_last_save"), "1");
}

TEST_F(NodeCommandsTest, the_digest_is_that_of_redis) {
  (void)ask("SET a foo");
  EXPECT_EQ(ask("DEBUG DIGEST-VALUE a nokey"),
            "*2\r\n+b7f507e4e114eaf82bb9a21d385c60ee2545432e\r\n"
            "+0000000000000000000000000000000000000000\r\n");
  const std::string before = ask("DEBUG DIGEST");
  EXPECT_EQ(ask("SWAPDB 0 1"), "+OK\r\n");
  EXPECT_NE(ask("DEBUG DIGEST"), before) << "the database's number counts";
  EXPECT_EQ(ask("SWAPDB 0 1"), "+OK\r\n");
  EXPECT_EQ(ask("DEBUG DIGEST"), before);
}

TEST_F(NodeCommandsTest, active_expiry_can_be_stopped) {
  EXPECT_EQ(ask("DEBUG SET-ACTIVE-EXPIRE 0"), "+OK\r\n");
  EXPECT_EQ(ask("SET a 1 PX 10"), "+OK\r\n");
  world.run_for(10s);
  EXPECT_EQ(ask("DBSIZE"), ":1\r\n");
  EXPECT_EQ(ask("DEBUG SET-ACTIVE-EXPIRE 1"), "+OK\r\n");
  world.run_for(10s);
  EXPECT_EQ(ask("DBSIZE"), ":0\r\n");
  EXPECT_EQ(field("expired_keys"), "1");
}

TEST_F(NodeCommandsTest, a_sleeping_node_answers_late) {
  client.send("DEBUG SLEEP 5\r\nPING\r\n");
  world.run_for(2s);
  sim::Client other(world, "other");
  other.connect(node, 6379);
  other.send("PING\r\n");
  world.run_for(2s);
  EXPECT_EQ(other.take(), "");
  world.run_for(3s);
  EXPECT_EQ(other.take(), "+PONG\r\n");
}

TEST_F(NodeCommandsTest, resetting_the_statistics_forgets_calls_and_errors) {
  (void)ask("SET a 1 2");
  EXPECT_EQ(field("errorstat_ERR"), "count=1");
  EXPECT_EQ(ask("CONFIG RESETSTAT"), "+OK\r\n");
  EXPECT_EQ(field("errorstat_ERR"), "absent");
  EXPECT_EQ(field("cmdstat_set"), "absent");
  EXPECT_EQ(ask("DEBUG ERROR WRONG"), "-WRONG\r\n");
  EXPECT_EQ(field("errorstat_WRONG"), "absent");
}

}  // namespace
}  // namespace banyan::server
