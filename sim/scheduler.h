// Scheduler: the virtual clock and everything that will happen, in order.
//
// Vocabulary   An *event* is a task with a time and a tag. Its *tag* says what it is, for the trace
//              and for the hash. A *record* is something that happened inside an event and that
//              two runs of one seed must also agree on (a write to a disk, a segment sent).
// Invariants   Events run by (time, order of creation). now() never goes back. hash() depends on
//              every event run and every record made, and on nothing else: not on addresses, not
//              on real time.
// Threads      None. The whole simulation is one thread.
#pragma once

#include <cstdint>
#include <map>
#include <utility>

#include "base/env.h"

namespace banyan::sim {

// A machine of the virtual world: its address is 10.0.x.y with x * 256 + y the number.
enum class NodeId : std::uint32_t { none = 0 };

enum class EventKind : std::uint8_t {
  // scheduled
  scenario,
  trouble,
  boot,
  exit,
  crash,
  step,
  timer,
  work,
  work_done,
  segment,
  handshake,
  connect_result,
  window,
  bounce,
  keep_alive,
  retransmit_timeout,
  // recorded
  posted,
  accepted,
  connected,
  connect_failed,
  stream_ready,
  signal,
  send,
  disk_write,
  disk_sync,
  disk_change,
  log_line,
  fault,
};
const char* name_of(EventKind kind);

struct EventTag {
  EventKind kind = EventKind::scenario;
  NodeId node = NodeId::none;
  std::uint64_t id = 0;  // a socket, a timer: what `kind` is about
  std::uint64_t length = 0;
  std::uint64_t crc = 0;
};

class Scheduler {
 public:
  struct EventId {
    Instant when{};
    std::uint64_t number = 0;
    friend auto operator<=>(const EventId&, const EventId&) = default;
  };

  explicit Scheduler(bool trace) : trace_(trace) {}

  Instant now() const { return now_; }
  // Never inside this call; at once (as an event of its own) when `when` has passed.
  EventId at(Instant when, const EventTag& tag, Task task);
  EventId after(Duration delay, const EventTag& tag, Task task);
  void cancel(EventId event);  // also fine when it has run

  // Runs the first event at or before `limit`. False when there is none: then now() is `limit`.
  bool run_next(Instant limit);
  void record(const EventTag& tag);
  // For the trace alone; leaves the hash as it is.
  void note(NodeId node, Bytes text) const;

  std::uint64_t hash() const { return hash_; }
  std::uint64_t events_run() const { return events_run_; }
  bool is_tracing() const { return trace_; }

 private:
  struct Event {
    EventTag tag;
    Task task;
  };
  std::map<EventId, Event> events_;
  Instant now_{};
  std::uint64_t next_number_ = 1;
  std::uint64_t hash_ = 0;
  std::uint64_t events_run_ = 0;
  bool trace_;
};

}  // namespace banyan::sim
