#include <netinet/tcp.h>
#include <sys/socket.h>

#include "net/test_support.h"

namespace banyan::net {
namespace {

using Status = IoResult::Status;

struct StreamTest : NetTest {};

// TCP over IPv4, IPv6, and a Unix socket.
struct EchoTest : NetTest, testing::WithParamInterface<Address> {};

INSTANTIATE_TEST_SUITE_P(Everywhere, EchoTest,
                         testing::Values(any_port(), Address{.host = "::1", .port = 0, .path = {}},
                                         unix_at("echo")),
                         [](const auto& test) {
                           return !test.param.path.empty()                         ? "unix_socket"
                                  : test.param.host.find(':') != std::string::npos ? "tcp6"
                                                                                   : "tcp4";
                         });

TEST_P(EchoTest, more_than_the_buffers_hold_comes_back_whole) {
  EchoServer server(loop, GetParam());
  std::string sent(3'000'000, '\0');
  env.fill_random(sent);
  std::size_t written = 0;
  Peer client;
  client.connected = [&] {
    EXPECT_EQ(client.stream->peer(), server.address());
    EXPECT_GE(client.stream->descriptor(), 0);
    client.stream->watch_writable(true);
  };
  client.writable = [&] {
    written += write_some(*client.stream, Bytes(sent).substr(written));
    if (written == sent.size()) client.stream->watch_writable(false);
  };
  client.readable = [&] {
    client.read_all();
    if (client.received.size() == sent.size()) finish();
  };
  client.stream = loop.connect(server.address(), client);
  run();
  EXPECT_TRUE(client.received == sent);
  ASSERT_EQ(server.sessions.size(), 1u);
  const Stream& accepted = server.sessions.begin()->second->stream();
  EXPECT_EQ(accepted.local(), server.address());
  EXPECT_EQ(accepted.peer(), client.stream->local());
}

TEST_P(EchoTest, sixty_four_pieces_go_as_one) {
  EchoServer server(loop, GetParam());
  std::vector<Bytes> pieces(64, "piece ");
  pieces[3] = "";
  Peer client;
  client.connected = [&] { EXPECT_EQ(client.stream->write_pieces(pieces).count, 63u * 6); };
  client.readable = [&] {
    client.read_all();
    if (client.received.size() == 63u * 6) finish();
  };
  client.stream = loop.connect(server.address(), client);
  run();
  EXPECT_TRUE(client.received.starts_with("piece piece piece piece "));
}

TEST_P(EchoTest, a_peer_that_closes_is_told_by_read) {
  EchoServer server(loop, GetParam());
  Peer client;
  client.connected = [&] { server.sessions.clear(); };
  client.readable = [&] {
    EXPECT_EQ(client.read_all().status, Status::closed);
    finish();
  };
  client.stream = loop.connect(server.address(), client);
  run();
}

TEST_P(EchoTest, callbacks_never_run_inside_connect) {
  EchoServer server(loop, GetParam());
  Peer client;
  bool is_connected = false;
  client.connected = [&] {
    is_connected = true;
    finish();
  };
  client.stream = loop.connect(server.address(), client);
  EXPECT_FALSE(is_connected);
  char byte;
  EXPECT_EQ(client.stream->read(&byte, 1).status, Status::would_block);
  EXPECT_EQ(client.stream->write("x").status, Status::would_block);
  EXPECT_EQ(client.stream->write_pieces({}).status, Status::would_block);
  run();
  EXPECT_TRUE(is_connected);
}

// A port that was free a moment ago.
Address closed_port(Loop& loop) {
  auto listener = loop.listen(any_port(), {}, [](std::unique_ptr<Stream>) {});
  return (*listener)->local();
}

TEST_F(StreamTest, what_cannot_be_connected_fails_later_with_the_reason) {
  const std::string long_label(64, 'x');  // no name: it never reaches a DNS server
  const std::vector<std::pair<Address, std::string>> cases = {
      {closed_port(loop), "Connection refused"},
      {unix_at("missing"), "No such file or directory"},
      {{.host = {}, .port = 0, .path = std::string(300, 'p')}, "path too long"},
      {{.host = long_label + ".invalid", .port = 1, .path = {}}, ""},
      {{.host = "", .port = 1, .path = {}}, ""},
      {{.host = "255.255.255.255", .port = 1, .path = {}}, "Network is unreachable"},
  };
  std::vector<std::unique_ptr<Peer>> peers;
  std::size_t failures = 0;
  for (const auto& [to, reason] : cases) {
    Peer& peer = *peers.emplace_back(std::make_unique<Peer>());
    peer.connected = [] { ADD_FAILURE() << "connected"; };
    peer.failed = [&](const Error& error) {
      EXPECT_NE(error.text().find(reason), std::string::npos) << error.text();
      EXPECT_FALSE(error.text().empty());
      char byte;
      EXPECT_NE(peer.stream->read(&byte, 1).status, Status::ok);
      EXPECT_EQ(peer.stream->descriptor(), -1);
      if (++failures == cases.size()) finish();
    };
    peer.stream = loop.connect(to, peer);
  }
  EXPECT_EQ(failures, 0u);
  run();
}

TEST_F(StreamTest, names_are_resolved_and_their_addresses_tried) {
  EchoServer server(loop, any_port());
  Peer client;
  client.connected = [&] { finish(); };
  client.stream =
      loop.connect({.host = "localhost", .port = server.address().port, .path = {}}, client);
  run();
  EXPECT_EQ(client.stream->peer(), server.address());
}

TEST_F(StreamTest, a_stream_destroyed_while_it_connects_hears_nothing) {
  EchoServer server(loop, any_port());
  Peer deaf;
  deaf.connected = [] { ADD_FAILURE() << "connected"; };
  Address by_name = server.address();
  by_name.host = "localhost";
  for (const Address& to : {server.address(), by_name, closed_port(loop), unix_at("missing")}) {
    deaf.stream = loop.connect(to, deaf);
    deaf.stream.reset();
  }
  // The questions are answered in order: when this one is, the one above has been.
  Peer client;
  client.connected = [&] { finish(); };
  client.stream = loop.connect(by_name, client);
  run();
}

TEST_F(StreamTest, a_source_address_is_used) {
  EchoServer server(loop, any_port());
  Peer client;
  client.connected = [&] { loop.post([&] { finish(); }); };
  client.stream =
      loop.connect(server.address(), client, {.host = "127.0.0.2", .port = 0, .path = {}});
  run();
  EXPECT_EQ(client.stream->local().host, "127.0.0.2");
}

TEST_F(StreamTest, a_source_address_that_is_not_ours_fails) {
  EchoServer server(loop, any_port());
  Peer client;
  client.connected = [] { ADD_FAILURE() << "connected"; };
  client.failed = [&](const Error& error) {
    EXPECT_EQ(error.text(), "bind: Cannot assign requested address");
    finish();
  };
  client.stream =
      loop.connect(server.address(), client, {.host = "192.0.2.1", .port = 0, .path = {}});
  run();
}

TEST_F(StreamTest, nobody_is_connected_to_himself) {
  const Address port = closed_port(loop);
  Peer client;
  client.connected = [] { ADD_FAILURE() << "connected"; };
  client.failed = [&](const Error& error) {
    EXPECT_EQ(error.text(), "Connection refused");
    // And the port is free at once for the server whose it is.
    EXPECT_TRUE(loop.listen(port, {}, [](std::unique_ptr<Stream>) {}).has_value());
    finish();
  };
  client.stream = loop.connect(port, client, port);
  run();
}

int option(const Stream& stream, int level, int name) {
  int value = -1;
  socklen_t size = sizeof value;
  ::getsockopt(stream.descriptor(), level, name, &value, &size);
  return value;
}

TEST_F(StreamTest, options_hold_whenever_they_were_set) {
  EchoServer server(loop, any_port());
  Peer client;
  Address by_name = server.address();
  by_name.host = "localhost";
  client.connected = [&] {
    EXPECT_EQ(option(*client.stream, IPPROTO_TCP, TCP_NODELAY), 1);
    EXPECT_EQ(option(*client.stream, SOL_SOCKET, SO_KEEPALIVE), 1);
    EXPECT_EQ(option(*client.stream, IPPROTO_TCP, TCP_KEEPIDLE), 300);
    EXPECT_EQ(option(*client.stream, IPPROTO_TCP, TCP_KEEPINTVL), 100);
    EXPECT_EQ(option(*client.stream, IPPROTO_TCP, TCP_KEEPCNT), 3);
    client.stream->set_keep_alive(1s);
    EXPECT_EQ(option(*client.stream, IPPROTO_TCP, TCP_KEEPINTVL), 1);
    client.stream->set_keep_alive(0s);
    EXPECT_EQ(option(*client.stream, SOL_SOCKET, SO_KEEPALIVE), 0);
    client.stream->set_no_delay(false);
    EXPECT_EQ(option(*client.stream, IPPROTO_TCP, TCP_NODELAY), 0);
    finish();
  };
  client.stream = loop.connect(by_name, client);  // has no socket yet
  client.stream->set_no_delay(true);
  client.stream->set_keep_alive(300s);
  run();
}

TEST_F(StreamTest, reset_on_close_is_what_the_peer_gets) {
  EchoServer server(loop, any_port());
  Peer client;
  client.connected = [&] {
    server.sessions.begin()->second->stream().reset_on_close();
    server.sessions.clear();
  };
  client.readable = [&] {
    const IoResult result = client.read_all();
    EXPECT_EQ(result.status, Status::error);
    EXPECT_EQ(result.error, ECONNRESET);
    finish();
  };
  client.stream = loop.connect(server.address(), client);
  run();
}

TEST_F(StreamTest, writing_to_a_peer_that_has_gone_is_an_error_not_a_signal) {
  EchoServer server(loop, any_port());
  Peer client;
  client.connected = [&] {
    server.sessions.begin()->second->stream().reset_on_close();
    server.sessions.clear();
    client.stream->watch_readable(false);
    client.stream->watch_writable(true);
  };
  client.writable = [&] {
    const IoResult first = client.stream->write("x"), second = client.stream->write("x");
    EXPECT_EQ(first.status, Status::error);
    EXPECT_EQ(second.status, Status::error);
    EXPECT_EQ(second.error, EPIPE);
    finish();
  };
  client.stream = loop.connect(server.address(), client);
  run();
}

TEST_F(StreamTest, a_hang_up_nobody_watches_for_does_not_spin_the_loop) {
  EchoServer server(loop, any_port());
  int turns = 0;
  Peer client;
  client.connected = [&] {
    client.stream->watch_readable(false);
    server.sessions.begin()->second->stream().reset_on_close();
    server.sessions.clear();
    loop.set_turn_hook([&] {
      ++turns;
      return false;
    });
    loop.call_after(100ms, [&] {
      EXPECT_LE(turns, 10);
      EXPECT_EQ(client.readable_count, 0);
      client.stream->watch_readable(true);
    });
  };
  client.readable = [&] {
    EXPECT_EQ(client.read_all().status, Status::error);
    finish();
  };
  client.stream = loop.connect(server.address(), client);
  run();
  EXPECT_EQ(client.readable_count, 1);
}

TEST_F(StreamTest, reading_is_level_triggered) {
  EchoServer server(loop, any_port());
  Peer client;
  client.connected = [&] { write_some(*client.stream, "abc"); };
  client.readable = [&] {
    char byte = 0;
    EXPECT_EQ(client.stream->read(&byte, 1).count, 1u);
    client.received += byte;
    if (client.received == "abc") finish();
  };
  client.stream = loop.connect(server.address(), client);
  run();
  EXPECT_EQ(client.readable_count, 3);
}

TEST_F(StreamTest, an_accepted_stream_can_live_on_another_loop) {
  Loop& worker = env.start_worker("worker");
  std::unique_ptr<EchoSession> session;  // the worker's, until run() has returned
  auto listener = loop.listen(any_port(), {}, [&](std::unique_ptr<Stream> stream) {
    worker.post([&, stream = std::move(stream)]() mutable {
      session = std::make_unique<EchoSession>(std::move(stream), worker, [] {});
    });
  });
  Peer client;
  // Sent before anybody has attached the other end: it must not be missed.
  client.connected = [&] { write_some(*client.stream, "hello"); };
  client.readable = [&] {
    client.read_all();
    finish();
  };
  client.stream = loop.connect((*listener)->local(), client);
  run();
  EXPECT_EQ(client.received, "hello");
}

TEST_F(StreamTest, a_stream_may_end_when_it_hears_how_connecting_went) {
  EchoServer server(loop, any_port());
  Peer lucky, unlucky;
  int ends = 0;
  lucky.connected = [&] {
    lucky.stream.reset();
    if (++ends == 2) finish();
  };
  unlucky.failed = [&](const Error& error) {
    unlucky.stream.reset();
    EXPECT_EQ(error.text(), "Connection refused");
    if (++ends == 2) finish();
  };
  lucky.stream = loop.connect(server.address(), lucky);
  unlucky.stream = loop.connect(closed_port(loop), unlucky);
  run();
}

TEST_F(StreamTest, a_handler_can_be_replaced) {
  EchoServer server(loop, any_port());
  Peer first, second;
  first.connected = [&] {
    first.stream->set_handler(second);
    write_some(*first.stream, "x");
  };
  first.readable = [] { ADD_FAILURE() << "the old handler was called"; };
  second.readable = [&] { finish(); };
  first.stream = loop.connect(server.address(), first);
  run();
}

}  // namespace
}  // namespace banyan::net
