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

void Gate::enter_alone(unsigned worker) {
  if (workers_ == 1) return;
  if (owner_.load(std::memory_order_relaxed) == worker) {
    ++depth_;
    return;
  }
  const bool was_inside = flags_[worker].inside.exchange(0, std::memory_order_seq_cst) != 0;
  alone_.lock();
  owner_.store(worker, std::memory_order_relaxed);
  depth_ = 1;
  was_inside_ = was_inside;
  closed_.store(1, std::memory_order_seq_cst);
  for (unsigned w = 0; w < workers_; ++w) {
    while (flags_[w].inside.load(std::memory_order_seq_cst) != 0) std::this_thread::yield();
  }
}

void Gate::leave_alone(unsigned worker) {
  if (workers_ == 1 || --depth_ > 0) return;
  if (was_inside_) flags_[worker].inside.store(1, std::memory_order_seq_cst);
  owner_.store(kNobody, std::memory_order_relaxed);
  closed_.store(0, std::memory_order_seq_cst);
  closed_.notify_all();
  alone_.unlock();
}

}  // namespace banyan::store
