// KeyDelay: makes work on keys take longer, so that one can see what happens meanwhile:
// rdb-key-save-delay and key-load-delay.
//
// Vocabulary   The setting is how long a key takes; below zero, in how many keys a microsecond
//              passes. Time is *owed* for keys that were done and not waited for yet.
// Invariants   On average it is as slow as the setting says: who comes late from a wait, as timers
//              do, waits less the next time.
// Threads      The loop's.
#pragma once

#include "base/env.h"

namespace banyan::node {

class KeyDelay {
 public:
  // `setting` outlives this and is read whenever it matters: a change counts at once, also in the
  // middle of a wait. `then` runs when a wait that must_wait() announced may be over.
  KeyDelay(
      Loop& loop, const Duration& setting, std::function<void()> then = [] {})
      : loop_(loop), setting_(setting), then_(std::move(then)) {}
  ~KeyDelay() { forget(); }
  KeyDelay(const KeyDelay&) = delete;
  KeyDelay& operator=(const KeyDelay&) = delete;

  bool is_on() const { return setting_ != Duration{0}; }
  void add(std::uint64_t keys);  // that were done just now
  void forget();                 // nothing is owed any more
  Duration left();
  // True while something is owed; the loop then turns again in time.
  bool must_wait();

 private:
  Duration owed() const;
  void cancel_timer();

  Loop& loop_;
  const Duration& setting_;
  std::function<void()> then_;
  std::uint64_t keys_ = 0;  // for which time is owed
  Instant since_{};
  TimerId timer_ = TimerId::none;
  Instant timer_at_{};
};

}  // namespace banyan::node
