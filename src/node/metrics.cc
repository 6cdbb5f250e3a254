#include "node/metrics.h"

#include <limits>
#include <numeric>

namespace banyan::node {

Metrics::Metrics(Env& env)
    : env_(env),
      startup_bytes_(env.process_stats().allocated_bytes),
      peak_bytes_(startup_bytes_),
      first_instant_(env.main_loop().precise_now()),
      first_ticks_(read_ticks()) {}

void Metrics::sample(std::span<const std::unique_ptr<Worker>> workers) {
  const Instant now = env_.main_loop().precise_now();
  if (now > first_instant_ + 1ms) {
    const auto us = static_cast<double>((now - first_instant_).count());
    ticks_per_us_ = std::max(1.0, static_cast<double>(read_ticks() - first_ticks_) / us);
  }
  const ProcessStats process = env_.process_stats();
  note_used_bytes(process.allocated_bytes);
  main_loop_busy_us_ = static_cast<std::uint64_t>(
      (process.main_thread_cpu_user_seconds + process.main_thread_cpu_system_seconds) * 1e6);

  std::array<std::uint64_t, kRates> totals = {};
  for (const auto& worker : workers) {
    totals[static_cast<std::size_t>(Rate::commands)] += worker->dispatcher().stats().commands;
    totals[static_cast<std::size_t>(Rate::input)] += worker->traffic().input_bytes;
    totals[static_cast<std::size_t>(Rate::output)] += worker->traffic().output_bytes;
    totals[static_cast<std::size_t>(Rate::turns)] += worker->traffic().turns;
  }
  const auto elapsed_us = static_cast<std::uint64_t>((now - sampled_).count());
  for (std::size_t i = 0; i < kRates; ++i) {
    const std::uint64_t grown = totals[i] >= series_[i].last ? totals[i] - series_[i].last : 0;
    if (sampled_ != Instant{} && elapsed_us > 0)
      series_[i].samples[next_sample_] = grown * 1'000'000 / elapsed_us;
    series_[i].last = totals[i];
  }
  sampled_ = now;
  next_sample_ = (next_sample_ + 1) % kSamples;
}

std::uint64_t Metrics::per_second(Rate rate) const {
  const auto& samples = series_[static_cast<std::size_t>(rate)].samples;
  return std::accumulate(samples.begin(), samples.end(), std::uint64_t{0}) / kSamples;
}

void Metrics::reset() {
  series_ = {};
  sampled_ = {};
  busy_us_at_reset_ = main_loop_busy_us_;
  keys_freed = 0;
}

Ticks Metrics::slow_ticks(std::int64_t threshold_us) const {
  if (threshold_us < 0) return std::numeric_limits<Ticks>::max();
  const double ticks = static_cast<double>(threshold_us) * ticks_per_us();
  return ticks < 1e18 ? static_cast<Ticks>(ticks) : std::numeric_limits<Ticks>::max();
}

}  // namespace banyan::node
