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

  // Waits until no other worker is inside. A caller that is inside steps out for the wait (so what
  // it knew of the data may be outdated) and is inside again afterwards. Nests.
  void enter_alone(unsigned worker);
  void leave_alone(unsigned worker);
  bool is_alone(unsigned worker) const { return owner_.load(std::memory_order_relaxed) == worker; }

 private:
  struct alignas(64) Flag {
    std::atomic<std::uint32_t> inside = 0;
  };
  void wait_to_enter(unsigned worker);

  unsigned workers_;
  std::unique_ptr<Flag[]> flags_;
  std::mutex alone_;
  static constexpr unsigned kNobody = ~0U;
  std::atomic<unsigned> owner_ = kNobody;  // who is alone
  unsigned depth_ = 0;                     // the owner's
  bool was_inside_ = false;                // the owner's
  std::atomic<std::uint32_t> closed_ = 0;
};

}  // namespace banyan::store
