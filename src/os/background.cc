#include "os/background.h"

#include <pthread.h>

#include "os/signals.h"

namespace banyan::os {

Background::Background() {
  const SignalBlock block;
  thread_ = std::thread([this] { run(); });
}

Background::~Background() {
  {
    const std::lock_guard lock(mutex_);
    is_ending_ = true;
  }
  given_.notify_one();
  thread_.join();
}

void Background::add(Task task) {
  {
    const std::lock_guard lock(mutex_);
    tasks_.push_back(std::move(task));
  }
  given_.notify_one();
}

void Background::drain() {
  std::unique_lock lock(mutex_);
  idle_.wait(lock, [this] { return tasks_.empty() && !is_busy_; });
}

void Background::run() {
  ::pthread_setname_np(::pthread_self(), "background");
  std::unique_lock lock(mutex_);
  while (true) {
    given_.wait(lock, [this] { return !tasks_.empty() || is_ending_; });
    if (tasks_.empty()) return;
    Task task = std::move(tasks_.front());
    tasks_.pop_front();
    is_busy_ = true;
    lock.unlock();
    task();
    task = nullptr;  // what it holds may be large: freed here too, not under the lock
    lock.lock();
    is_busy_ = false;
    if (tasks_.empty()) idle_.notify_all();
  }
}

}  // namespace banyan::os
