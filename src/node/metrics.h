// Metrics: what a node measures of itself in the course of time: rates, the memory's peak, how many
// processor ticks make a microsecond, how much waits to be freed.
//
// Vocabulary   A *rate* is the mean of the last kSamples samples, one per tick of the server.
// Threads      sample() on the main loop, inside the gate. Others read and reset under the
// exclusive
//              gate; ticks_per_us() and the counters of background work: any thread.
#pragma once

#include <array>
#include <atomic>
#include <memory>
#include <span>

#include "base/env.h"
#include "base/ticks.h"
#include "node/worker.h"

namespace banyan::node {

enum class Rate : std::uint8_t { commands, input, output, turns };
inline constexpr std::size_t kRates = 4;

class Metrics {
 public:
  explicit Metrics(Env& env);

  void sample(std::span<const std::unique_ptr<Worker>> workers);
  std::uint64_t per_second(Rate rate) const;
  void reset();  // CONFIG RESETSTAT

  double ticks_per_us() const { return ticks_per_us_.load(std::memory_order_relaxed); }
  double to_us(Ticks ticks) const { return static_cast<double>(ticks) / ticks_per_us(); }
  // The threshold of the slow log: negative = never, 0 = everything.
  Ticks slow_ticks(std::int64_t threshold_us) const;

  // Raises the peak to `bytes` if that is more.
  void note_used_bytes(std::uint64_t bytes) { peak_bytes_ = std::max(peak_bytes_, bytes); }
  std::uint64_t peak_bytes() const { return peak_bytes_; }
  std::uint64_t startup_bytes() const { return startup_bytes_; }
  // Processor time of the main thread: what its event loop did not spend waiting.
  std::uint64_t main_loop_busy_us() const { return main_loop_busy_us_ - busy_us_at_reset_; }

  // Keys that a background thread is to free, and has freed.
  std::atomic<std::uint64_t> keys_to_free = 0, keys_freed = 0;

 private:
  static constexpr std::size_t kSamples = 16;
  struct Series {
    std::uint64_t last = 0;
    std::array<std::uint64_t, kSamples> samples = {};
  };

  Env& env_;
  std::uint64_t startup_bytes_, peak_bytes_ = 0;
  std::uint64_t main_loop_busy_us_ = 0, busy_us_at_reset_ = 0;
  std::array<Series, kRates> series_ = {};
  std::size_t next_sample_ = 0;
  Instant sampled_{};
  const Instant first_instant_;
  const Ticks first_ticks_;
  std::atomic<double> ticks_per_us_ = 1000;  // a guess until there is a measurement
};

}  // namespace banyan::node
