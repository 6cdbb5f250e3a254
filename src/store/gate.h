// Gate: a reader-writer barrier between commands, which enter it shared, once per batch, and what
// concerns the whole node (FLUSHALL, a role change, the cut of a snapshot), which takes it alone.
//
// Cost      Shared entry writes a flag of the worker's own cache line. Exclusive entry waits for
//           every worker to leave: at most the length of a batch.
// Threads   Worker `w` calls with its own number only. Nobody waits for anything while inside (R4).
//           With one worker every call is a predictable branch.
#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <mutex>

namespace banyan::store {

class Gate {
 public:
  explicit Gate(unsigned workers);

  void enter(unsigned worker) {
    if (workers_ == 1) return;
    flags_[worker].inside.store(1, std::memory_order_seq_cst);
    if (closed_.load(std::memory_order_seq_cst) != 0) [[unlikely]]
      wait_to_enter(worker);
  }
  void leave(unsigned worker) {
    if (workers_ == 1) return;
    flags_[worker].inside.store(0, std::memory_order_release);
  }

  // The caller must not be inside.
  void enter_alone();
  void leave_alone();

 private:
  struct alignas(64) Flag {
    std::atomic<std::uint32_t> inside = 0;
  };
  void wait_to_enter(unsigned worker);

  unsigned workers_;
  std::unique_ptr<Flag[]> flags_;
  std::mutex alone_;
  std::atomic<std::uint32_t> closed_ = 0;
};

}  // namespace banyan::store
