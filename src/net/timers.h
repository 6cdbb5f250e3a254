// Timers: tasks ordered by the instant they are due, then by creation. A binary heap whose entries
// know their place, so that cancelling takes O(log n) and frees the task at once.
//
// Vocabulary   A *slot* is a timer's fixed place in memory; a TimerId names a slot and how often it
//              has been used, so that the id of a timer that has run never names a later one.
// Threads      None; owned by one thread.
#pragma once

#include <optional>
#include <vector>

#include "base/env.h"

namespace banyan::net {

class Timers {
 public:
  TimerId add(Instant when, Task task);
  void cancel(TimerId timer);
  std::optional<Instant> next() const;

  // Runs what is due at `now`, in order, except what these tasks add: a task that asks for the
  // present again and again must not keep its loop from the sockets. False when nothing was due.
  bool run_due(Instant now);

 private:
  struct Slot {
    Task task;
    std::uint32_t uses = 0;
    std::uint32_t heap_index = 0;
  };
  struct Entry {
    Instant when;
    std::uint64_t sequence;
    std::uint32_t slot;
    bool before(const Entry& other) const {
      return when != other.when ? when < other.when : sequence < other.sequence;
    }
  };

  void place(std::size_t index, const Entry& entry);
  void sift_up(std::size_t index);
  void sift_down(std::size_t index);
  Task take(std::size_t index);  // removes the entry

  std::vector<Entry> heap_;
  std::vector<Slot> slots_;
  std::vector<std::uint32_t> free_slots_;
  std::uint64_t next_sequence_ = 0;
};

}  // namespace banyan::net
