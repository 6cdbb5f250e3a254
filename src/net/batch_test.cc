// Events that one epoll_wait has fetched together, and callbacks that end the streams of others.
#include "net/test_support.h"

namespace banyan::net {
namespace {

// Two accepted streams whose peers have written, so that one epoll_wait reports both.
struct BatchTest : NetTest {
  std::array<Peer, 3> accepted, clients;  // the third connection stays silent
  std::size_t accept_count = 0;
  std::unique_ptr<Listener> listener;

  void when_all_are_accepted(std::function<void()> next) {
    auto listening = loop.listen(any_port(), {}, [this, next](std::unique_ptr<Stream> stream) {
      accepted.at(accept_count++).stream = std::move(stream);
      if (accept_count == accepted.size()) loop.post(next);
    });
    listener = *std::move(listening);
    for (Peer& client : clients) client.stream = loop.connect(listener->local(), client);
  }
  // Both streams become readable within this turn.
  void write_to_both() {
    for (const std::size_t i : {0u, 1u}) ASSERT_EQ(write_some(*clients.at(i).stream, "x"), 1u);
  }
  void attach_both() {
    for (const std::size_t i : {0u, 1u}) accepted.at(i).stream->attach(loop, accepted.at(i));
  }
};

TEST_F(BatchTest, a_stream_destroyed_by_another_of_the_same_batch_hears_nothing) {
  when_all_are_accepted([&] {
    attach_both();
    write_to_both();
  });
  for (const std::size_t i : {0u, 1u})
    accepted.at(i).readable = [&, i] {
      accepted.at(1 - i).stream.reset();
      loop.post([&] { finish(); });
    };
  run();
  EXPECT_EQ(accepted[0].readable_count + accepted[1].readable_count, 1);
}

TEST_F(BatchTest, a_new_stream_in_a_destroyed_ones_place_does_not_get_its_event) {
  Peer& successor = accepted.at(2);
  when_all_are_accepted([&] {
    attach_both();
    write_to_both();
  });
  for (const std::size_t i : {0u, 1u})
    accepted.at(i).readable = [&, i] {
      accepted.at(1 - i).stream.reset();
      successor.stream->attach(loop, successor);
      loop.post([&] { finish(); });
    };
  run();
  EXPECT_EQ(accepted[0].readable_count + accepted[1].readable_count, 1);
  EXPECT_EQ(successor.readable_count, 0);
}

TEST_F(BatchTest, a_stream_that_another_stops_watching_hears_nothing_in_the_same_batch) {
  when_all_are_accepted([&] {
    attach_both();
    write_to_both();
  });
  for (const std::size_t i : {0u, 1u})
    accepted.at(i).readable = [&, i] {
      accepted.at(1 - i).stream->watch_readable(false);
      accepted.at(i).read_all();
      loop.post([&] { finish(); });
    };
  run();
  EXPECT_EQ(accepted[0].readable_count + accepted[1].readable_count, 1);
}

// Readable and writable at once: the first callback ends the stream, the second must not come.
TEST_F(BatchTest, a_stream_may_end_in_its_own_on_readable) {
  when_all_are_accepted([&] {
    write_to_both();
    attach_both();
    for (const std::size_t i : {0u, 1u}) accepted.at(i).stream->watch_writable(true);
  });
  for (const std::size_t i : {0u, 1u}) {
    Peer& peer = accepted.at(i);
    peer.readable = [&] {
      peer.stream.reset();
      if (!accepted[0].stream && !accepted[1].stream) loop.post([&] { finish(); });
    };
    peer.writable = [&] { EXPECT_TRUE(peer.stream) << "called after its end"; };
  }
  run();
}

TEST_F(BatchTest, a_stream_may_end_in_its_own_on_writable) {
  when_all_are_accepted([&] {
    attach_both();
    for (const std::size_t i : {0u, 1u}) accepted.at(i).stream->watch_writable(true);
  });
  for (const std::size_t i : {0u, 1u})
    accepted.at(i).writable = [&, i] {
      Peer& peer = accepted.at(i);
      peer.stream.reset();
      if (!accepted[0].stream && !accepted[1].stream) loop.post([&] { finish(); });
    };
  run();
}

}  // namespace
}  // namespace banyan::net
