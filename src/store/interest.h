// Interest: how many want to hear of changes of keys. While nobody does, a change costs one test.
//
// Threads   Any. Who begins to be interested in one key does so under the lock of its partition:
//           a writer of that key, which takes the same lock later, then sees it.
#pragma once

#include <atomic>
#include <cstdint>

namespace banyan::store {

class Interest {
 public:
  constexpr explicit Interest(std::uint32_t count = 0) : count_(count) {}
  Interest(const Interest&) = delete;
  Interest& operator=(const Interest&) = delete;

  bool any() const { return count_.load(std::memory_order_relaxed) != 0; }
  void raise() { count_.fetch_add(1, std::memory_order_relaxed); }
  void lower() { count_.fetch_sub(1, std::memory_order_relaxed); }

 private:
  std::atomic<std::uint32_t> count_;
};

// For contexts outside a node: their observer, if any, hears everything.
inline const Interest kAlwaysInterested{1};

}  // namespace banyan::store
