#include "net/kernel_env.h"

#include <pthread.h>
#include <unistd.h>

#include "base/check.h"
#include "os/process.h"

namespace banyan::net {

struct KernelEnv::Worker {
  explicit Worker(Resolver& resolver) : loop(resolver) {}

  EpollLoop loop;
  std::thread thread;
};

KernelEnv::KernelEnv()
    : main_thread_(os::thread_id()),
      main_loop_(resolver_),
      signals_id_(main_loop_.poller().enroll(*this)) {
  os::ignore_broken_pipes();
  CHECK(main_loop_.poller().watch(signals_id_, signals_.descriptor(), 0, EPOLLIN) == 0);
}

KernelEnv::~KernelEnv() { wind_up(); }

Loop& KernelEnv::start_worker(const std::string& name) {
  Worker& worker = *workers_.emplace_back(std::make_unique<Worker>(resolver_));
  const os::SignalBlock block;
  worker.thread = std::thread([&loop = worker.loop, name = name.substr(0, 15)] {
    ::pthread_setname_np(::pthread_self(), name.c_str());
    loop.run();
  });
  return worker.loop;
}

UnixMs KernelEnv::unix_ms() { return os::unix_ms_now(); }

std::int64_t KernelEnv::unix_us() { return os::unix_us_now(); }

void KernelEnv::fill_random(std::span<char> to) { os::fill_random(to); }

void KernelEnv::on_signal(Signal signal, Task handler) {
  signal_handlers_.at(static_cast<std::size_t>(signal)) =
      std::make_shared<Task>(std::move(handler));
  signals_.add(signal);
}

void KernelEnv::on_ready(std::uint32_t) {
  for (const Signal signal : signals_.take()) {
    const std::shared_ptr<Task> handler = signal_handlers_.at(static_cast<std::size_t>(signal));
    if (handler) (*handler)();
  }
}

std::int64_t KernelEnv::process_id() const { return ::getpid(); }

ProcessStats KernelEnv::process_stats() { return os::process_stats(main_thread_); }

SystemFacts KernelEnv::system_facts() { return os::system_facts(); }

std::string KernelEnv::allocator_report() { return os::allocator_report(); }

void KernelEnv::return_free_memory() { os::return_free_memory(); }

Result<int> KernelEnv::oom_score() { return os::oom_score(); }

Result<> KernelEnv::set_oom_score(int score) { return os::set_oom_score(score); }

int KernelEnv::run() {
  main_loop_.run();
  wind_up();
  return exit_code_;
}

void KernelEnv::stop(int exit_code) {
  exit_code_ = exit_code;
  main_loop_.stop();
}

void KernelEnv::wind_up() {
  for (const auto& worker : workers_) worker->loop.stop();
  for (const auto& worker : workers_)
    if (worker->thread.joinable()) worker->thread.join();
  main_loop_.drain_background();
  for (const auto& worker : workers_) worker->loop.drain_background();
  // Mail may own anything, streams of other loops too: all of it goes while every loop is there.
  bool had_mail = true;
  while (had_mail) {
    had_mail = main_loop_.drop_mail();
    for (const auto& worker : workers_) had_mail |= worker->loop.drop_mail();
  }
}

}  // namespace banyan::net
