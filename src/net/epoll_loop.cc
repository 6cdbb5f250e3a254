#include "net/epoll_loop.h"

#include <algorithm>
#include <thread>

#include "base/check.h"
#include "net/kernel_listener.h"
#include "net/kernel_stream.h"
#include "os/process.h"

namespace banyan::net {

EpollLoop::EpollLoop(Resolver& resolver) : resolver_(resolver) {
  // No source: the event only ends the wait.
  CHECK(poller_.watch(SourceId::none, mailbox_.descriptor(), 0, EPOLLIN | EPOLLET) == 0);
}

EpollLoop::~EpollLoop() {
  drain_background();
  while (drop_mail()) {
  }
}

void EpollLoop::run() {
  read_clocks();
  is_running_ = true;
  while (!is_stopping_.load(std::memory_order_relaxed)) turn();
  is_running_ = false;
}

void EpollLoop::turn() {
  const int timeout = timeout_ms();
  const bool sleeps = timeout != 0 && mailbox_.begin_sleep();
  poller_.wait(sleeps ? timeout : 0);
  if (sleeps) mailbox_.end_sleep();
  read_clocks();

  const bool had_events = poller_.dispatch();
  const bool had_mail = mailbox_.run_all();
  const bool had_timers = timers_.run_due(now_);
  was_busy_ = had_events || had_mail || had_timers;
  has_more_ = hook_ && hook_();
}

void EpollLoop::read_clocks() {
  now_ = os::monotonic_now();
  unix_ms_ = os::unix_ms_now();
}

int EpollLoop::timeout_ms() const {
  if (has_more_) return 0;
  const std::optional<Instant> next = timers_.next();
  if (!next) return -1;
  // The clock was read before the turn's work. Rather than reading it again on every turn, wait
  // briefly after one that did something; the turn after that one knows the time.
  const Duration limit = was_busy_ ? Duration(10ms) : Duration(1h);
  const Duration wait = std::clamp(*next - now_, Duration(0), limit);
  return static_cast<int>(std::chrono::ceil<std::chrono::milliseconds>(wait).count());
}

Instant EpollLoop::now() const { return is_running_ ? now_ : os::monotonic_now(); }
UnixMs EpollLoop::unix_ms() const { return is_running_ ? unix_ms_ : os::unix_ms_now(); }
Instant EpollLoop::precise_now() const { return os::monotonic_now(); }

void EpollLoop::offload(Task work, Task done) {
  background_.add([this, work = std::move(work), done = std::move(done)]() mutable {
    work();
    work = nullptr;  // what it holds is freed here, before `done` is told
    if (done) post(std::move(done));
  });
}

Result<std::unique_ptr<Listener>> EpollLoop::listen(const Address& at, ListenOptions options,
                                                    OnAccept on_accept) {
  return KernelListener::open(*this, at, options, std::move(on_accept));
}

std::unique_ptr<Stream> EpollLoop::connect(const Address& to, StreamHandler& handler,
                                           const Address& source) {
  return std::make_unique<KernelStream>(*this, handler, to, source);
}

void EpollLoop::hang(Duration length) {
  std::this_thread::sleep_for(length);
  if (is_running_) read_clocks();
}

void EpollLoop::stop() {
  is_stopping_.store(true, std::memory_order_relaxed);
  mailbox_.wake();
}

}  // namespace banyan::net
