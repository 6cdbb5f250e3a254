#include "net/resolver.h"

#include <gtest/gtest.h>

#include <future>

#include "net/epoll_loop.h"
#include "net/test_support.h"

namespace banyan::net {
namespace {

using Addresses = Result<std::vector<IpAddress>>;

IpAddress numeric(const Address& address) {
  return resolve(address.host, address.port, AF_UNSPEC, false)->front();
}

// A loop whose names mean what a test says. The resolver ends before its loop.
struct ResolverTest : testing::Test {
  Resolver::Lookup lookup;
  std::unique_ptr<EpollLoop> owned_loop;
  Resolver resolver{
      [this](const std::string& host, std::uint16_t port) { return lookup(host, port); }};
  EpollLoop& loop = *(owned_loop = std::make_unique<EpollLoop>(resolver));

  void run() {
    loop.call_after(60s, [this] {
      ADD_FAILURE() << "what the test waits for has not happened";
      loop.stop();
    });
    loop.run();
  }
};

TEST_F(ResolverTest, the_addresses_of_a_name_are_tried_in_order_until_one_answers) {
  EchoServer server(loop, any_port());
  Address closed = server.address(), other = server.address();
  closed.host = "127.0.0.2";  // the port is open at 127.0.0.1 alone
  other.host = "127.0.0.3";
  lookup = [&](const std::string& host, std::uint16_t port) -> Addresses {
    EXPECT_EQ(host, "many.example");
    EXPECT_EQ(port, 7);
    return std::vector{numeric(closed), numeric(other), numeric(server.address())};
  };
  Peer client;
  client.connected = [&] { loop.stop(); };
  client.stream = loop.connect({.host = "many.example", .port = 7, .path = {}}, client, {});
  run();
  EXPECT_EQ(client.stream->peer(), server.address());
}

TEST_F(ResolverTest, when_no_address_answers_the_last_error_is_told) {
  EchoServer server(loop, any_port());
  Address closed = server.address();
  closed.host = "127.0.0.2";
  lookup = [&](const std::string&, std::uint16_t) -> Addresses {
    return std::vector{numeric({.host = "255.255.255.255", .port = 1, .path = {}}),
                       numeric(closed)};
  };
  Peer client;
  client.failed = [&](const Error& error) {
    EXPECT_EQ(error.text(), "Connection refused");
    loop.stop();
  };
  client.stream = loop.connect({.host = "many.example", .port = 7, .path = {}}, client, {});
  run();
}

TEST_F(ResolverTest, a_slow_name_holds_up_neither_the_loop_nor_offloaded_work) {
  std::promise<void> answer;
  lookup = [&](const std::string&, std::uint16_t) -> Addresses {
    answer.get_future().wait();
    return fail(Errc::io, "at last");
  };
  bool has_worked = false;
  Peer client;
  client.failed = [&](const Error& error) {
    EXPECT_EQ(error.text(), "at last");
    EXPECT_TRUE(has_worked);
    loop.stop();
  };
  client.stream = loop.connect({.host = "slow.example", .port = 7, .path = {}}, client, {});
  loop.offload([&] { has_worked = true; }, [&] { answer.set_value(); });
  run();
}

TEST(ResolverEndTest, a_resolver_ends_without_waiting_for_its_answer) {
  struct Gate {
    std::promise<void> is_asked, may_answer, has_answered;
  };
  const auto gate = std::make_shared<Gate>();
  {
    std::unique_ptr<EpollLoop> loop;
    Resolver resolver([gate](const std::string&, std::uint16_t) -> Addresses {
      gate->is_asked.set_value();
      gate->may_answer.get_future().wait();
      gate->has_answered.set_value();
      return fail(Errc::io, "too late");
    });
    loop = std::make_unique<EpollLoop>(resolver);
    resolver.resolve("a.example", 1, *loop, [](const Addresses&) { FAIL(); });
    gate->is_asked.get_future().wait();
  }
  gate->may_answer.set_value();
  gate->has_answered.get_future().wait();
}

}  // namespace
}  // namespace banyan::net
