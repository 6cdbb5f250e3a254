// Mailbox: tasks that any thread may leave for a loop, and the descriptor that wakes the loop when
// it sleeps. While the loop is awake, leaving a task is a lock of a few instructions and no call of
// the kernel.
//
// Invariants   Tasks left by one thread run in the order left. A task left after the loop has
//              decided to sleep wakes it: the loop announces its sleep before it looks for mail,
//              and a sender leaves its mail before it looks whether the loop sleeps.
// Threads      post(): any thread. The rest: the loop's.
// Failure      None.
#pragma once

#include <atomic>
#include <mutex>
#include <vector>

#include "base/env.h"
#include "os/descriptor.h"

namespace banyan::net {

class Mailbox {
 public:
  Mailbox();

  void post(Task task);
  void wake();  // any thread: the next sleep, or the present one, ends at once

  // To be polled edge-triggered: it is never read.
  int descriptor() const { return wake_.get(); }

  // False when there is mail: then the loop must not sleep. Otherwise, end_sleep() must follow.
  bool begin_sleep();
  void end_sleep() { is_asleep_.store(false, std::memory_order_relaxed); }

  // Runs what was left before the call. Returns false when there was nothing.
  bool run_all();
  // Destroys what was left, unrun. Returns false when there was nothing.
  bool drop_all();

 private:
  std::mutex mutex_;
  std::vector<Task> tasks_;
  std::vector<Task> running_;  // kept for its memory
  std::atomic<bool> has_mail_ = false;
  std::atomic<bool> is_asleep_ = false;
  os::Descriptor wake_;
};

}  // namespace banyan::net
