#include "store/gate.h"

#include <thread>

namespace banyan::store {

Gate::Gate(unsigned workers) : workers_(workers), flags_(std::make_unique<Flag[]>(workers)) {}

void Gate::wait_to_enter(unsigned worker) {
  std::atomic<std::uint32_t>& inside = flags_[worker].inside;
  while (true) {
    inside.store(0, std::memory_order_release);
    closed_.wait(1, std::memory_order_acquire);
    inside.store(1, std::memory_order_seq_cst);
    if (closed_.load(std::memory_order_seq_cst) == 0) return;
  }
}

void Gate::enter_alone() {
  if (workers_ == 1) return;
  alone_.lock();
  closed_.store(1, std::memory_order_seq_cst);
  for (unsigned w = 0; w < workers_; ++w) {
    while (flags_[w].inside.load(std::memory_order_seq_cst) != 0) std::this_thread::yield();
  }
}

void Gate::leave_alone() {
  if (workers_ == 1) return;
  closed_.store(0, std::memory_order_seq_cst);
  closed_.notify_all();
  alone_.unlock();
}

}  // namespace banyan::store
