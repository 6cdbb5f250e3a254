// KernelEnv: the Env of env.h over the kernel: one main loop, workers with a thread and a loop
// each, the file system, signals, the log.
//
// Invariants   When run() has returned, the workers' threads have ended, offloaded works have been
//              run and undelivered mail is destroyed. The loops live as long as the Env, so that
//              streams and listeners may be destroyed after run().
// Threads      Made, run and destroyed on one thread, the main one. stop(), process_stats(),
//              files(): any thread; others as env.h says.
// Failure      A process that may have no more threads or descriptors ends when it starts.
#pragma once

#include <algorithm>
#include <array>
#include <atomic>
#include <thread>

#include "base/env.h"
#include "net/epoll_loop.h"
#include "net/resolver.h"
#include "os/kernel_files.h"
#include "os/log_writer.h"
#include "os/process_title.h"
#include "os/signals.h"

namespace banyan::net {

class KernelEnv final : public Env, private Source {
 public:
  KernelEnv();
  ~KernelEnv() override;

  Loop& main_loop() override { return main_loop_; }
  Loop& start_worker(const std::string& name) override;
  bool has_threads() const override { return true; }
  unsigned cpu_count() const override { return std::max(1U, std::thread::hardware_concurrency()); }
  Files& files() override { return files_; }
  UnixMs unix_ms() override;
  std::int64_t unix_us() override;
  void fill_random(std::span<char> to) override;
  void on_signal(Signal signal, Task handler) override;
  std::int64_t process_id() const override;
  ProcessStats process_stats() override;
  SystemFacts system_facts() override;
  std::string allocator_report() override;
  void return_free_memory() override;
  Result<int> oom_score() override;
  Result<> set_oom_score(int score) override;
  void set_process_title(const std::string& title) override { title_.set(title); }
  void write_log(Bytes line) override { log_.write(line); }
  Result<> set_log_file(const std::string& path) override { return log_.set_file(path); }
  int run() override;
  void stop(int exit_code) override;

 private:
  struct Worker;

  void on_ready(std::uint32_t events) override;  // signals
  void wind_up();

  const int main_thread_;
  os::KernelFiles files_;
  os::LogWriter log_;
  os::ProcessTitle title_;
  EpollLoop main_loop_;
  std::vector<std::unique_ptr<Worker>> workers_;
  os::SignalWatch signals_;
  SourceId signals_id_;
  std::array<std::shared_ptr<Task>, 4> signal_handlers_;  // shared with a call under way
  std::atomic<int> exit_code_ = 0;
  Resolver resolver_;  // ends before the loops it answers to
};

}  // namespace banyan::net
