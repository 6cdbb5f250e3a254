// Socket: one end of a virtual connection, as the kernel of its machine holds it. Network owns all
// of them; the streams of the nodes refer to them by number.
//
// Vocabulary   `inbox` is what has arrived and was not read; `out` what was written and has not
//              arrived at the peer. *Unacknowledged* bytes fill the send buffer: those in `out` and
//              those that the peer has not read yet.
//              *Released*: the process has closed it (or died); it lives on until `out` is empty.
// Threads      None.
#pragma once

#include <deque>
#include <string>

#include "sim/scheduler.h"

namespace banyan::sim {

enum class SocketId : std::uint64_t { none = 0 };
enum class ListenerId : std::uint64_t { none = 0 };

struct Segment {
  enum class Kind : std::uint8_t { data, finish, reset };
  Kind kind = Kind::data;
  Instant due{};
  std::string bytes;
};

struct Socket {
  SocketId id{}, peer_id{};
  NodeId node{}, peer_node{};
  Address local, peer;

  bool is_connected = false;
  bool is_released = false;
  bool is_cut = false;  // what is written from now on gets lost

  std::string inbox;
  std::size_t inbox_read = 0;  // bytes of `inbox` that are gone already
  bool peer_finished = false;
  int error = 0;  // errno, once the connection is broken
  bool error_told = false;

  std::deque<Segment> out;
  std::size_t unacknowledged = 0;
  std::size_t held_credit = 0;  // read here, but the link back to the peer is blocked
  bool is_sending = false;      // an event will deliver the front of `out`
  bool is_held = false;         // the link is blocked
  Instant held_since{};

  Duration keep_alive{};
  unsigned probes_missed = 0;

  std::size_t unread() const { return inbox.size() - inbox_read; }
  std::size_t in_flight() const {
    std::size_t total = 0;
    for (const Segment& segment : out) total += segment.bytes.size();
    return total;
  }
};

}  // namespace banyan::sim
