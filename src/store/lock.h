// PartitionLock: spins a moment, then sleeps on a futex. Held for the length of a command.
//
// Threads   Any; not recursive; the thread that locked unlocks.
#pragma once

#include <atomic>
#include <cstdint>

namespace banyan::store {

class PartitionLock {
 public:
  void lock() {
    std::uint32_t expected = kFree;
    if (!state_.compare_exchange_strong(expected, kHeld, std::memory_order_acquire)) lock_slowly();
  }
  bool try_lock() {
    std::uint32_t expected = kFree;
    return state_.compare_exchange_strong(expected, kHeld, std::memory_order_acquire);
  }
  void unlock() {
    if (state_.exchange(kFree, std::memory_order_release) == kAwaited) state_.notify_one();
  }

 private:
  static constexpr std::uint32_t kFree = 0;
  static constexpr std::uint32_t kHeld = 1;
  static constexpr std::uint32_t kAwaited = 2;  // held, and somebody may be asleep

  void lock_slowly() {
    for (int spin = 0; spin < 200; ++spin) {
      std::uint32_t expected = kFree;
      if (state_.load(std::memory_order_relaxed) == kFree &&
          state_.compare_exchange_weak(expected, kHeld, std::memory_order_acquire))
        return;
      __builtin_ia32_pause();
    }
    while (state_.exchange(kAwaited, std::memory_order_acquire) != kFree)
      state_.wait(kAwaited, std::memory_order_relaxed);
  }

  alignas(64) std::atomic<std::uint32_t> state_ = kFree;
};

}  // namespace banyan::store
