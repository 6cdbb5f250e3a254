#include <fcntl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>

#include <filesystem>
#include <fstream>

#include "net/socket.h"
#include "net/test_support.h"

namespace banyan::net {
namespace {

struct ListenerTest : NetTest {
  Result<std::unique_ptr<Listener>> listen(const Address& at, Loop::ListenOptions options = {}) {
    return loop.listen(at, options, [](std::unique_ptr<Stream>) {});
  }
};

TEST_F(ListenerTest, a_port_in_use_is_an_error_that_says_so) {
  const auto first = listen(any_port());
  ASSERT_TRUE(first.has_value());
  const auto second = listen((*first)->local());
  ASSERT_FALSE(second.has_value());
  EXPECT_EQ(second.error().text(), "bind: Address already in use");
}

TEST_F(ListenerTest, a_port_is_free_again_when_its_listener_has_ended) {
  auto first = listen(any_port());
  const Address at = (*first)->local();
  first->reset();
  EXPECT_TRUE(listen(at).has_value());
}

TEST_F(ListenerTest, every_ipv4_and_every_ipv6_address_share_a_port) {
  for (const std::string everywhere : {"*", ""}) {
    const auto v4 = listen({.host = everywhere, .port = 0, .path = {}});
    ASSERT_TRUE(v4.has_value());
    EXPECT_EQ((*v4)->local().host, "0.0.0.0");
    const auto v6 = listen({.host = "::*", .port = (*v4)->local().port, .path = {}});
    ASSERT_TRUE(v6.has_value()) << v6.error().text();
    EXPECT_EQ((*v6)->local().host, "::");
  }
}

TEST_F(ListenerTest, names_can_be_listened_at_and_bad_ones_are_errors) {
  const auto local = listen({.host = "localhost", .port = 0, .path = {}});
  ASSERT_TRUE(local.has_value());
  EXPECT_EQ((*local)->local().host, "127.0.0.1");
  EXPECT_FALSE(listen({.host = std::string(64, 'x') + ".invalid", .port = 0, .path = {}}));
  EXPECT_EQ(listen({.host = "192.0.2.1", .port = 0, .path = {}}).error().text(),
            "bind: Cannot assign requested address");
}

struct UnixListenerTest : ListenerTest {
  const Address at = unix_at("listener");
  ~UnixListenerTest() override { std::filesystem::remove(at.path); }

  mode_t permissions() const {
    struct stat status;
    return ::stat(at.path.c_str(), &status) == 0 ? status.st_mode & 0777u : 0;
  }
  // What a process leaves that did not end well.
  void leave_a_socket_behind() const {
    sockaddr_un address = unix_address(at.path).value();
    const os::Descriptor socket(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
    ASSERT_EQ(::bind(socket.get(), reinterpret_cast<sockaddr*>(&address), sizeof address), 0);
  }
};

TEST_F(UnixListenerTest, the_socket_has_the_permissions_that_were_asked_for) {
  for (const unsigned wanted : {0700u, 0777u, 0640u}) {
    const auto listener = listen(at, {.unix_permissions = wanted});
    ASSERT_TRUE(listener.has_value());
    EXPECT_EQ(permissions(), wanted);
    EXPECT_EQ((*listener)->local(), at);
  }
  const mode_t before = ::umask(0077);
  EXPECT_TRUE(listen(at).has_value());
  const auto listener = listen(at);
  EXPECT_EQ(permissions(), 0700u);
  ::umask(before);
}

TEST_F(UnixListenerTest, the_file_is_removed_at_the_end_whatever_the_directory) {
  auto listener = listen(at);
  ASSERT_TRUE(std::filesystem::exists(at.path));
  listener->reset();
  EXPECT_FALSE(std::filesystem::exists(at.path));

  const auto before = std::filesystem::current_path();
  std::filesystem::current_path(testing::TempDir());
  auto relative = listen({.host = {}, .port = 0, .path = "banyan-relative.sock"});
  ASSERT_TRUE(relative.has_value());
  std::filesystem::current_path(before);
  relative->reset();
  EXPECT_FALSE(std::filesystem::exists(testing::TempDir() + "banyan-relative.sock"));
}

TEST_F(UnixListenerTest, the_file_of_a_successor_is_left_alone) {
  auto first = listen(at);
  std::filesystem::remove(at.path);
  const auto second = listen(at);
  ASSERT_TRUE(second.has_value());
  first->reset();
  EXPECT_TRUE(std::filesystem::exists(at.path));
}

TEST_F(UnixListenerTest, a_file_left_behind_is_replaced) {
  leave_a_socket_behind();
  ASSERT_TRUE(std::filesystem::exists(at.path));
  const auto listener = listen(at);
  EXPECT_TRUE(listener.has_value()) << listener.error().text();
}

TEST_F(UnixListenerTest, a_socket_in_use_or_another_file_is_not) {
  {
    const auto first = listen(at);
    EXPECT_EQ(listen(at).error().text(), "bind: Address already in use");
    EXPECT_TRUE(std::filesystem::exists(at.path));
  }
  std::ofstream(at.path) << "precious";
  EXPECT_FALSE(listen(at).has_value());
  EXPECT_EQ(std::filesystem::file_size(at.path), 8u);
  EXPECT_FALSE(listen({.host = {}, .port = 0, .path = std::string(200, 'x')}).has_value());
}

TEST_F(ListenerTest, a_listener_may_end_in_its_own_callback) {
  std::unique_ptr<Listener> listener;
  int accepted = 0;
  std::array<Peer, 3> clients;
  auto held = std::make_shared<int>(0);
  auto listening = loop.listen(any_port(), {}, [&, held](std::unique_ptr<Stream>) {
    listener.reset();
    EXPECT_GT(held.use_count(), 1) << "what the callback holds must live as long as it runs";
    ++accepted;
    loop.post([&] { finish(); });
  });
  listener = *std::move(listening);
  for (Peer& client : clients) {
    client.failed = [](const Error&) {};
    client.stream = loop.connect(listener->local(), client);
  }
  run();
  EXPECT_EQ(accepted, 1);
}

// Sets how many descriptors the process may have, for a while.
class DescriptorLimit {
 public:
  DescriptorLimit() { ::getrlimit(RLIMIT_NOFILE, &before_); }
  ~DescriptorLimit() { lift(); }
  void allow_no_more() {
    const int lowest_free = ::dup(STDIN_FILENO);
    ::close(lowest_free);
    rlimit limit = before_;
    limit.rlim_cur = static_cast<rlim_t>(lowest_free);
    EXPECT_EQ(::setrlimit(RLIMIT_NOFILE, &limit), 0);
  }
  void lift() { ::setrlimit(RLIMIT_NOFILE, &before_); }

 private:
  rlimit before_;
};

TEST_F(ListenerTest, without_descriptors_the_connections_are_served_and_later_ones_wait) {
  EchoServer server(loop, any_port());
  DescriptorLimit descriptors;
  Peer first, second;
  int turns = 0, echoes = 0;
  first.connected = [&] {
    second.stream = loop.connect(server.address(), second);
    descriptors.allow_no_more();
    loop.set_turn_hook([&] {
      ++turns;
      return false;
    });
    write_some(*first.stream, "x");
  };
  first.readable = [&] {
    first.read_all();
    if (++echoes < 100) return static_cast<void>(write_some(*first.stream, "x"));
    EXPECT_EQ(server.sessions.size(), 1u);
    const int turns_before = turns;
    loop.call_after(250ms, [&, turns_before] {
      EXPECT_LE(turns - turns_before, 20) << "the loop spins";
      EXPECT_TRUE(second.received.empty());
      descriptors.lift();
    });
  };
  second.connected = [&] { write_some(*second.stream, "late"); };
  second.readable = [&] {
    second.read_all();
    finish();
  };
  first.stream = loop.connect(server.address(), first);
  run();
  EXPECT_EQ(second.received, "late");
}

TEST_F(ListenerTest, a_peer_that_is_gone_before_it_is_accepted_keeps_nobody_out) {
  EchoServer server(loop, any_port());
  Peer client;
  client.connected = [&] { write_some(*client.stream, "x"); };
  client.readable = [&] { finish(); };
  {
    const IpAddress to = resolve("127.0.0.1", server.address().port, AF_INET, false)->front();
    const os::Descriptor gone(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
    ASSERT_EQ(::connect(gone.get(), &to.any, to.size()), 0);
    set_reset_on_close(gone.get());
  }
  client.stream = loop.connect(server.address(), client);
  run();
}

TEST_F(ListenerTest, many_connections_at_once_are_all_served) {
  constexpr std::size_t kClients = 300;
  EchoServer server(loop, any_port());
  std::vector<Peer> clients(kClients);
  std::size_t echoes = 0;
  for (Peer& client : clients) {
    client.connected = [&] { write_some(*client.stream, "x"); };
    client.readable = [&] {
      client.read_all();
      client.stream.reset();
      if (++echoes == kClients) finish();
    };
    client.stream = loop.connect(server.address(), client);
  }
  run();
}

}  // namespace
}  // namespace banyan::net
