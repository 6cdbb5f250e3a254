#include "net/mailbox.h"

#include <sys/eventfd.h>
#include <unistd.h>

#include "base/check.h"

namespace banyan::net {

Mailbox::Mailbox() : wake_(::eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC)) { CHECK(wake_.is_open()); }

void Mailbox::post(Task task) {
  {
    const std::lock_guard lock(mutex_);
    tasks_.push_back(std::move(task));
  }
  wake();
}

void Mailbox::wake() {
  has_mail_.store(true);
  // Of several senders, the first to see the loop asleep wakes it.
  if (is_asleep_.load() && is_asleep_.exchange(false)) {
    const std::uint64_t one = 1;
    CHECK(::write(wake_.get(), &one, sizeof one) == sizeof one);
  }
}

bool Mailbox::begin_sleep() {
  is_asleep_.store(true);
  if (!has_mail_.load()) return true;
  end_sleep();
  return false;
}

bool Mailbox::run_all() {
  if (!has_mail_.load(std::memory_order_relaxed)) return false;
  {
    const std::lock_guard lock(mutex_);
    has_mail_.store(false);
    running_.swap(tasks_);
  }
  for (Task& task : running_) {
    task();
    task = nullptr;  // what it holds must not outlive its turn
  }
  running_.clear();
  return true;
}

bool Mailbox::drop_all() {
  std::vector<Task> dropped;  // outlives the lock: destroying a task may post another
  const std::lock_guard lock(mutex_);
  dropped.swap(tasks_);
  return !dropped.empty();
}

}  // namespace banyan::net
