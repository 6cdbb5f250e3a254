#include "sim/sim_env.h"

#include "base/check.h"

namespace banyan::sim {

SimEnv::SimEnv(const Place& place, Hooks hooks)
    : place_(place),
      hooks_(std::move(hooks)),
      files_(hooks_.disk, process_),
      loop_(place, process_) {}

SimEnv::~SimEnv() { process_->kill(); }

Loop& SimEnv::start_worker(const std::string&) {
  CHECK(has_threads() && "the simulator runs every node with one worker");
  return loop_;
}

void SimEnv::fill_random(std::span<char> to) {
  for (char& c : to) c = static_cast<char>(place_.rng.below(256));
}

void SimEnv::on_signal(Signal signal, Task handler) {
  signal_handlers_[signal] = std::move(handler);
}

void SimEnv::deliver(Signal signal) {
  loop_.enqueue_signal([this, signal] { run_handler(signal); });
}

void SimEnv::run_handler(Signal signal) {
  const auto it = signal_handlers_.find(signal);
  if (it == signal_handlers_.end() || !it->second) {
    process_->kill();
    return hooks_.on_stop(128);
  }
  Task handler = std::exchange(it->second, nullptr);  // it may install another one
  handler();
  Task& now_installed = signal_handlers_[signal];
  if (!now_installed) now_installed = std::move(handler);
}

ProcessStats SimEnv::process_stats() {
  ProcessStats stats = stats_;
  const auto us = static_cast<double>(place_.scheduler.now().time_since_epoch().count());
  stats.cpu_user_seconds = stats.main_thread_cpu_user_seconds = us / 1e7;
  return stats;
}

Result<> SimEnv::set_oom_score(int score) {
  if (score < oom_score_min_) return fail(Errc::io, "write the score: Permission denied");
  oom_score_ = score;
  return {};
}

void SimEnv::write_log(Bytes line) {
  if (!process_->is_alive()) return;
  hooks_.log.add(line);
  // A log that cannot be written is nobody's failure, as on a real machine.
  if (log_file_) static_cast<void>(log_file_->write_all(line));
}

Result<> SimEnv::set_log_file(const std::string& path) {
  log_file_.reset();
  if (!path.empty()) {
    TRY(log_file_, files_.open_append(path));
  }
  return {};
}

int SimEnv::run() {
  CHECK(false && "the world runs the loops of its nodes");
  return 0;
}

void SimEnv::stop(int exit_code) {
  if (!process_->may_act() || is_stopping_) return;
  is_stopping_ = true;
  loop_.halt();
  hooks_.on_stop(exit_code);
}

}  // namespace banyan::sim
