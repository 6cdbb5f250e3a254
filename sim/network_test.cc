#include "sim/network.h"

#include <gtest/gtest.h>

#include <cerrno>

#include "sim/client.h"
#include "sim/test_nodes.h"

namespace banyan::sim {
namespace {

struct NetworkTest : testing::Test {
  World world{7};
  NodeId a = world.add_bystander("a"), b = world.add_bystander("b");
  Wire client, server;
  std::unique_ptr<Listener> listener;

  Loop& loop(NodeId node) { return world.env(node).main_loop(); }

  Result<std::unique_ptr<Listener>> listen(NodeId node, const Address& at) {
    return loop(node).listen(at, {}, [this, node](std::unique_ptr<Stream> stream) {
      server.stream = std::move(stream);
      server.stream->attach(loop(node), server);
    });
  }
  void dial(const std::string& host, std::uint16_t port) {
    client.stream = loop(a).connect({.host = host, .port = port, .path = {}}, client);
  }
  // a is connected to b.
  void join() {
    auto made = listen(b, {.host = "*", .port = 80, .path = {}});
    ASSERT_TRUE(made);
    listener = *std::move(made);
    dial(ip_of(b), 80);
    world.run_for(1s);
    ASSERT_EQ(client.connected, 1);
    ASSERT_TRUE(server.stream);
  }
};

TEST_F(NetworkTest, a_stream_knows_both_addresses) {
  join();
  EXPECT_EQ(client.stream->peer().to_string(), "10.0.0.2:80");
  EXPECT_EQ(server.stream->local().to_string(), "10.0.0.2:80");
  EXPECT_EQ(server.stream->peer(), client.stream->local());
  EXPECT_EQ(client.stream->local().host, "10.0.0.1");
}

TEST_F(NetworkTest, callbacks_never_run_inside_the_call_that_asked_for_them) {
  ASSERT_TRUE(listener = *listen(b, {.host = "*", .port = 80, .path = {}}));
  dial(ip_of(b), 80);
  EXPECT_EQ(client.connected, 0);
  world.run_for(1s);
  EXPECT_EQ(server.readable, 0);
  EXPECT_EQ(client.stream->write("x").count, 1U);
  EXPECT_EQ(server.readable, 0);
  world.run_for(1s);
  EXPECT_EQ(server.received, "x");
}

TEST_F(NetworkTest, a_connection_takes_time) {
  join();
  static_cast<void>(client.stream->write("x"));
  const Instant sent = world.now();
  ASSERT_TRUE(world.run_until([&] { return !server.received.empty(); }, 1s));
  EXPECT_GE(world.now() - sent, world.faults().latency_min);
}

TEST_F(NetworkTest, nobody_listening_refuses) {
  dial(ip_of(b), 81);
  world.run_for(1s);
  EXPECT_EQ(client.failed, 1);
  EXPECT_EQ(client.failure, "Connection refused");
}

TEST_F(NetworkTest, a_partition_makes_connects_time_out) {
  join();
  world.network().partition({a}, {b});
  Wire other;
  other.stream = loop(a).connect({.host = ip_of(b), .port = 80, .path = {}}, other);
  world.run_for(19s);
  EXPECT_EQ(other.failed, 0);
  world.run_for(2s);
  EXPECT_EQ(other.failure, "Connection timed out");
}

TEST_F(NetworkTest, a_connect_succeeds_when_the_partition_ends_in_time) {
  ASSERT_TRUE(listener = *listen(b, {.host = "*", .port = 80, .path = {}}));
  world.network().block(b, a);  // one way: the answer cannot come back
  dial(ip_of(b), 80);
  world.run_for(5s);
  EXPECT_EQ(client.connected, 0);
  world.network().unblock(b, a);
  world.run_for(10s);
  EXPECT_EQ(client.connected, 1);
}

TEST_F(NetworkTest, a_partition_holds_bytes_and_healing_delivers_them) {
  join();
  world.network().block(a, b);
  static_cast<void>(client.stream->write("over"));
  static_cast<void>(server.stream->write("back"));
  world.run_for(10s);
  EXPECT_EQ(server.received, "");
  EXPECT_EQ(client.received, "back");  // the other way is open
  world.network().heal();
  world.run_for(5s);
  EXPECT_EQ(server.received, "over");
}

TEST_F(NetworkTest, a_clogged_link_delivers_late) {
  join();
  world.network().clog(a, b, 3s);
  static_cast<void>(client.stream->write("x"));
  world.run_for(2900ms);
  EXPECT_EQ(server.received, "");
  world.run_for(200ms);
  EXPECT_EQ(server.received, "x");
}

TEST_F(NetworkTest, a_full_buffer_blocks_until_the_peer_reads) {
  join();
  server.reads_by_itself = false;
  server.stream->watch_readable(false);
  const std::string data = numbered_bytes(400'000);
  const std::size_t first = client.stream->write(data).count;
  EXPECT_EQ(first, world.faults().socket_buffer_bytes);
  EXPECT_EQ(client.stream->write("x").status, IoResult::Status::would_block);
  client.stream->watch_writable(true);
  world.run_for(1s);
  EXPECT_EQ(client.writable, 0);
  server.reads_by_itself = true;
  server.stream->watch_readable(true);
  ASSERT_TRUE(world.run_until([&] { return client.writable > 0; }, 1s));
  client.stream->watch_writable(false);
  const int seen = client.writable;
  EXPECT_GT(client.stream->write(Bytes(data).substr(first)).count, 0U);
  world.run_for(1s);
  EXPECT_EQ(client.writable, seen);
  EXPECT_TRUE(data.starts_with(server.received));
  EXPECT_GT(server.received.size(), first);
}

TEST_F(NetworkTest, acknowledgements_that_cannot_come_back_fill_the_buffer) {
  join();
  world.network().block(b, a);
  const std::string data = numbered_bytes(world.faults().socket_buffer_bytes);
  static_cast<void>(client.stream->write(data));
  world.run_for(5s);
  EXPECT_EQ(server.received, data);
  EXPECT_EQ(client.stream->write("x").status, IoResult::Status::would_block);
  world.network().heal();
  world.run_for(5s);
  EXPECT_EQ(client.stream->write("x").status, IoResult::Status::ok);
}

TEST_F(NetworkTest, readable_comes_again_while_bytes_are_left) {
  join();
  server.reads_by_itself = false;
  server.when_readable = [&] { server.read_some(1); };
  static_cast<void>(client.stream->write("12345"));
  world.run_for(1s);
  EXPECT_EQ(server.received, "12345");
  EXPECT_EQ(server.readable, 5);
}

TEST_F(NetworkTest, closing_lets_the_peer_read_everything_first) {
  join();
  const std::string data = numbered_bytes(100'000);
  EXPECT_EQ(client.stream->write(data).count, data.size());
  client.stream.reset();
  world.run_for(1s);
  EXPECT_EQ(server.received, data);
  EXPECT_TRUE(server.is_closed);
  EXPECT_EQ(server.error, 0);
}

TEST_F(NetworkTest, a_reset_is_an_error_once_and_then_closed) {
  join();
  server.reads_by_itself = false;
  client.stream->reset_on_close();
  client.stream.reset();
  ASSERT_TRUE(world.run_until([&] { return server.readable > 0; }, 1s));
  EXPECT_EQ(server.read_some(10), IoResult::Status::error);
  EXPECT_EQ(server.error, ECONNRESET);
  EXPECT_EQ(server.read_some(10), IoResult::Status::closed);
  EXPECT_EQ(server.stream->write("x").error, EPIPE);
}

TEST_F(NetworkTest, closing_with_unread_bytes_resets) {
  join();
  client.stream->watch_readable(false);
  static_cast<void>(server.stream->write("never read"));
  world.run_for(1s);
  client.stream.reset();
  world.run_for(1s);
  EXPECT_EQ(server.error, ECONNRESET);
}

TEST_F(NetworkTest, writing_to_a_closed_peer_ends_in_a_reset) {
  join();
  client.stream.reset();
  world.run_for(1s);
  EXPECT_TRUE(server.is_closed);
  server.stream->watch_readable(false);
  server.when_writable = [&] {
    const IoResult result = server.stream->write("x");
    server.error = result.error;
    server.stream->watch_writable(result.status != IoResult::Status::error);
  };
  server.stream->watch_writable(true);
  EXPECT_EQ(server.stream->write("x").status, IoResult::Status::ok);
  world.run_for(1s);
  EXPECT_EQ(server.error, ECONNRESET);
  EXPECT_EQ(server.stream->write("x").error, EPIPE);
}

TEST_F(NetworkTest, a_stream_may_die_in_its_own_callback) {
  join();
  server.when_readable = [&] { server.stream.reset(); };
  server.stream->watch_writable(true);
  static_cast<void>(client.stream->write("a"));
  static_cast<void>(client.stream->write("b"));
  world.run_for(1s);
  EXPECT_EQ(server.readable, 1);
  Wire failing;
  failing.stream = loop(a).connect({.host = ip_of(b), .port = 80, .path = {}}, failing);
  failing.when_connected = [&] { failing.stream.reset(); };
  world.run_for(1s);
  EXPECT_EQ(failing.connected, 1);
}

TEST_F(NetworkTest, destroying_a_connecting_stream_silences_it) {
  dial(ip_of(b), 81);
  client.stream.reset();
  world.run_for(30s);
  EXPECT_EQ(client.failed + client.connected, 0);
}

TEST_F(NetworkTest, the_loopback_is_the_node_itself) {
  ASSERT_TRUE(listener = *listen(b, {.host = "127.0.0.1", .port = 80, .path = {}}));
  dial(ip_of(b), 80);
  world.run_for(1s);
  EXPECT_EQ(client.failure, "Connection refused");
  dial("127.0.0.1", 80);
  world.run_for(1s);
  EXPECT_EQ(client.failed, 2);  // a's own loopback
  Wire own;
  own.stream = loop(b).connect({.host = "localhost", .port = 80, .path = {}}, own);
  world.run_for(1s);
  EXPECT_EQ(own.connected, 1);
  EXPECT_TRUE(own.stream->peer().is_loopback());
}

TEST_F(NetworkTest, unix_sockets_work_within_a_machine) {
  const Address at{.host = {}, .path = "/tmp/s"};
  ASSERT_TRUE(listener = *listen(b, at));
  client.stream = loop(a).connect(at, client);
  Wire own;
  own.stream = loop(b).connect(at, own);
  world.run_for(1s);
  EXPECT_EQ(client.failed, 1);
  EXPECT_EQ(own.connected, 1);
}

TEST_F(NetworkTest, an_address_is_taken_once_and_ports_are_found) {
  ASSERT_TRUE(listener = *listen(b, {.host = "*", .port = 80, .path = {}}));
  EXPECT_EQ(listen(b, {.host = ip_of(b), .port = 80, .path = {}}).error().describe(),
            "Address already in use");
  EXPECT_TRUE(listen(b, {.host = "::*", .port = 80, .path = {}}));
  EXPECT_EQ(listen(b, {.host = ip_of(a), .port = 90, .path = {}}).error().describe(),
            "Cannot assign requested address");
  const auto any = listen(b, {.host = "*", .port = 0, .path = {}});
  ASSERT_TRUE(any);
  EXPECT_GT((*any)->local().port, 1024);
}

TEST_F(NetworkTest, closing_the_listener_frees_the_address) {
  ASSERT_TRUE(listener = *listen(b, {.host = "*", .port = 80, .path = {}}));
  listener.reset();
  dial(ip_of(b), 80);
  world.run_for(1s);
  EXPECT_EQ(client.failed, 1);
  EXPECT_TRUE(listen(b, {.host = "*", .port = 80, .path = {}}));
}

TEST_F(NetworkTest, names_resolve_to_machines) {
  ASSERT_TRUE(listener = *listen(b, {.host = "b", .port = 80, .path = {}}));
  dial("b", 80);
  world.run_for(1s);
  EXPECT_EQ(client.connected, 1);
  EXPECT_EQ(client.stream->peer().host, ip_of(b));
  dial("nowhere", 80);
  world.run_for(1s);
  EXPECT_EQ(client.failure, "Name or service not known");
  dial("10.9.9.9", 80);
  world.run_for(1s);
  EXPECT_EQ(client.failure, "No route to host");
}

TEST_F(NetworkTest, a_cut_delivers_a_prefix_and_tells_both_ends) {
  std::set<std::size_t> kept;
  for (std::uint64_t seed = 1; seed <= 50; ++seed) {
    World w(seed);
    const NodeId echo = w.add_node("echo", EchoNode::factory());
    Client c(w, "client");
    c.connect(echo, EchoNode::kPort);
    ASSERT_TRUE(c.wait_connected());
    const std::string data = numbered_bytes(5000);
    c.send(data);
    w.after(Duration(w.rng().between(0, 1500)),
            [&] { w.network().cut_all_between(echo, c.machine()); });
    w.run_for(5s);
    EXPECT_EQ(c.state(), Client::State::closed);
    EXPECT_TRUE(data.starts_with(c.received()));
    EXPECT_EQ(static_cast<EchoNode*>(w.find_node(echo))->session_count(), 0U);
    kept.insert(c.received().size());
  }
  EXPECT_GT(kept.size(), 3U);  // cut at different places
}

TEST_F(NetworkTest, power_loss_is_silent_until_keep_alive_notices) {
  const NodeId echo = world.add_node("echo", EchoNode::factory());
  world.run_for(1s);
  dial(ip_of(echo), EchoNode::kPort);
  world.run_for(1s);
  ASSERT_EQ(client.connected, 1);
  client.stream->set_keep_alive(30s);
  world.crash(echo);
  world.run_for(29s);
  EXPECT_EQ(client.readable, 0);
  world.run_for(60s);
  EXPECT_EQ(client.error, ETIMEDOUT);
}

TEST_F(NetworkTest, a_restarted_machine_resets_what_it_does_not_know) {
  const NodeId echo = world.add_node("echo", EchoNode::factory());
  world.run_for(1s);
  dial(ip_of(echo), EchoNode::kPort);
  world.run_for(1s);
  world.crash(echo);
  world.run_for(1s);
  static_cast<void>(client.stream->write("are you there?"));
  world.run_for(10s);
  EXPECT_EQ(client.error, 0);
  world.restart(echo);
  world.run_for(5s);
  EXPECT_EQ(client.error, ECONNRESET);
}

TEST_F(NetworkTest, a_killed_process_closes_its_streams) {
  const NodeId echo = world.add_node("echo", EchoNode::factory());
  world.run_for(1s);
  dial(ip_of(echo), EchoNode::kPort);
  world.run_for(1s);
  world.crash(echo, CrashKind::kill);
  world.run_for(1s);
  EXPECT_TRUE(client.is_closed);
  dial(ip_of(echo), EchoNode::kPort);
  world.run_for(1s);
  EXPECT_EQ(client.failure, "Connection refused");  // the machine is there, and says so
}

TEST_F(NetworkTest, a_sender_that_nobody_answers_gives_up) {
  join();
  world.network().partition({a}, {b});
  static_cast<void>(client.stream->write("x"));
  world.run_for(world.faults().retransmit_timeout + 1s);
  EXPECT_EQ(client.error, ETIMEDOUT);
}

// The property that everything above a stream relies on.
TEST(EchoSim, bytes_come_back_in_order_and_once_whatever_the_network_does) {
  for (std::uint64_t seed = 1; seed <= 60; ++seed) {
    SCOPED_TRACE(testing::Message() << "seed " << seed);
    Rng rng(seed);
    Faults faults = draw_faults(rng);
    faults.crashes_per_s = faults.cuts_per_s = faults.refuse_connect = 0;
    World world(seed, faults);
    const NodeId echo = world.add_node("echo", EchoNode::factory());
    world.run_for(1ms);
    Client client(world, "client");
    client.connect(echo, EchoNode::kPort);
    const std::string data = numbered_bytes(20'000);
    client.wait_connected(30s);
    for (std::size_t at = 0; at < data.size(); at += 1000) {
      client.send(Bytes(data).substr(at, 1000));
      world.run_for(50ms);
      ASSERT_TRUE(data.starts_with(client.received()));
    }
    world.heal();
    world.run_for(60s);
    EXPECT_EQ(client.received(), client.is_connected() ? data : "");
  }
}

TEST(EchoSim, with_cuts_and_crashes_what_comes_back_is_a_prefix) {
  for (std::uint64_t seed = 1; seed <= 60; ++seed) {
    SCOPED_TRACE(testing::Message() << "seed " << seed);
    Rng rng(seed);
    Faults faults = draw_faults(rng);
    faults.cuts_per_s = faults.crashes_per_s = 2;
    World world(seed, faults);
    const NodeId echo = world.add_node("echo", EchoNode::factory());
    Client client(world, "client");
    const std::string data = numbered_bytes(20'000);
    for (int round = 0; round < 20; ++round) {
      client.connect(echo, EchoNode::kPort);
      client.send(data);
      world.run_for(1s);
      ASSERT_TRUE(data.starts_with(client.received()));
    }
    world.heal();
    world.run_for(10s);
    client.connect(echo, EchoNode::kPort);
    client.send(data);
    EXPECT_TRUE(world.run_until([&] { return client.received() == data; }, 30s)) << world.logs();
  }
}

}  // namespace
}  // namespace banyan::sim
