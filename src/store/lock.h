// PartitionLock: spins a moment, then sleeps on a futex. Held for the length of a command.
//
// Threads   Any; not recursive; the thread that locked unlocks.
#pragma once

#include <atomic>
#include <cstdint>

namespace banyan::store {

// A bit for each partition.
using LockSet = std::uint64_t;
inline constexpr unsigned kPartitions = 64;
inline constexpr LockSet kAllPartitions = ~LockSet{0};

class PartitionLock {
 public:
  // (Sequentially consistent, for SharedReads.)
  void lock() {
    std::uint32_t expected = kFree;
    if (!state_.compare_exchange_strong(expected, kHeld, std::memory_order_seq_cst)) lock_slowly();
  }
  // For who will only look: it does not keep shared reads away.
  bool try_lock() {
    std::uint32_t expected = kFree;
    return state_.compare_exchange_strong(expected, kHeld, std::memory_order_acquire);
  }
  void unlock() {
    if (state_.exchange(kFree, std::memory_order_release) == kAwaited) state_.notify_one();
  }

  bool is_free() const { return state_.load(std::memory_order_seq_cst) == kFree; }
  // Returns when it was free at some moment since the call.
  void wait_until_free() {
    if (is_free()) [[likely]]
      return;
    // Not by waiting for a change: unlock() wakes one sleeper, who must be one that locks.
    lock_slowly();
    unlock();
  }

 private:
  static constexpr std::uint32_t kFree = 0;
  static constexpr std::uint32_t kHeld = 1;
  static constexpr std::uint32_t kAwaited = 2;  // held, and somebody may be asleep

  void lock_slowly() {
    for (int spin = 0; spin < 200; ++spin) {
      std::uint32_t expected = kFree;
      if (state_.load(std::memory_order_relaxed) == kFree &&
          state_.compare_exchange_weak(expected, kHeld, std::memory_order_seq_cst))
        return;
      __builtin_ia32_pause();
    }
    while (state_.exchange(kAwaited, std::memory_order_seq_cst) != kFree)
      state_.wait(kAwaited, std::memory_order_relaxed);
  }

  alignas(64) std::atomic<std::uint32_t> state_ = kFree;
};

}  // namespace banyan::store
