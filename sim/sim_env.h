// SimEnv: the Env of one run of one node in the virtual world. Main loop only: no workers.
//
// Invariants   After kill() no call has an effect outside the node's own memory, and none fails in
//              a way that a live kernel could not: a dead node can be destroyed in peace.
// Threads      None.
#pragma once

#include <optional>

#include "sim/node_log.h"
#include "sim/sim_files.h"
#include "sim/sim_loop.h"

namespace banyan::sim {

class SimEnv final : public Env {
 public:
  // `on_stop` is told once that the node asked to end, or was told to by a signal it ignores.
  struct Hooks {
    Disk& disk;
    NodeLog& log;
    std::move_only_function<void(int exit_code)> on_stop;
    std::int64_t process_id = 1;
  };
  SimEnv(const Place& place, Hooks hooks);
  ~SimEnv() override;

  Process& process() { return *process_; }
  SimLoop& sim_loop() { return loop_; }
  void deliver(Signal signal);
  // A process without privileges gets no lower score than this.
  void set_oom_score_min(int score) { oom_score_min_ = score; }
  const std::string& process_title() const { return process_title_; }
  void set_process_stats(const ProcessStats& stats) { stats_ = stats; }

  Loop& main_loop() override { return loop_; }
  Loop& start_worker(const std::string& name) override;
  bool has_threads() const override { return false; }
  unsigned cpu_count() const override { return 1; }
  Files& files() override { return files_; }
  UnixMs unix_ms() override { return loop_.unix_ms(); }
  void fill_random(std::span<char> to) override;
  void on_signal(Signal signal, Task handler) override;
  std::int64_t process_id() const override { return hooks_.process_id; }
  ProcessStats process_stats() override;
  SystemFacts system_facts() override { return {.system = "Simulated", .executable = "/banyan"}; }
  std::string allocator_report() override { return {}; }
  void return_free_memory() override {}
  Result<int> oom_score() override { return oom_score_; }
  Result<> set_oom_score(int score) override;
  void set_process_title(const std::string& title) override { process_title_ = title; }
  void write_log(Bytes line) override;
  Result<> set_log_file(const std::string& path) override;
  int run() override;
  void stop(int exit_code) override;

 private:
  void run_handler(Signal signal);

  Place place_;
  Hooks hooks_;
  std::shared_ptr<Process> process_ = std::make_shared<Process>();
  SimFiles files_;
  SimLoop loop_;
  std::map<Signal, Task> signal_handlers_;
  std::unique_ptr<File> log_file_;
  ProcessStats stats_{.resident_bytes = 16 << 20,
                      .allocated_bytes = 1 << 20,
                      .total_memory_bytes = std::uint64_t{8} << 30};
  int oom_score_ = 0, oom_score_min_ = -1000;
  std::string process_title_;
  bool is_stopping_ = false;
};

}  // namespace banyan::sim
