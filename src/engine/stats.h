// What a worker counts while it runs commands; INFO adds the workers up.
//
// Threads   Written by the worker inside the gate; read by others under the exclusive gate, but for
//           Counters, which anybody may read.
#pragma once

#include <algorithm>
#include <array>
#include <atomic>
#include <bit>
#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "base/ticks.h"

namespace banyan::engine {

// A count that one thread raises and any thread may read, a little old.
class Counter {
 public:
  Counter& operator+=(std::uint64_t n) {
    value_.store(value_.load(std::memory_order_relaxed) + n, std::memory_order_relaxed);
    return *this;
  }
  Counter& operator++() { return *this += 1; }
  operator std::uint64_t() const { return value_.load(std::memory_order_relaxed); }  // NOLINT
  void reset() { value_.store(0, std::memory_order_relaxed); }

 private:
  std::atomic<std::uint64_t> value_ = 0;
};

// How often something took how long: eight buckets to a power of two, so that a figure read from
// it is off by an eighth at most.
class LatencyHistogram {
 public:
  static constexpr std::size_t kBuckets = 41 * 8;

  void add(Ticks ticks) { ++counts_[bucket_of(ticks)]; }
  void add(const LatencyHistogram& other) {
    for (std::size_t i = 0; i < kBuckets; ++i) counts_[i] += other.counts_[i];
  }
  std::uint64_t count_in(std::size_t bucket) const { return counts_[bucket]; }
  // The longest time that is counted in `bucket`.
  static Ticks last_of(std::size_t bucket) {
    if (bucket < 8) return bucket;
    const std::size_t shift = bucket / 8 - 1;
    return ((Ticks{bucket % 8} + 9) << shift) - 1;
  }

 private:
  static std::size_t bucket_of(Ticks ticks) {
    if (ticks < 8) return ticks;
    const auto shift = static_cast<std::size_t>(std::bit_width(ticks)) - 4;
    return std::min(shift * 8 + static_cast<std::size_t>(ticks >> shift), kBuckets - 1);
  }
  std::array<std::uint64_t, kBuckets> counts_ = {};
};

struct CommandStats {
  std::uint64_t calls = 0;
  Ticks ticks = 0;
  std::uint64_t rejected = 0;                 // refused before it ran
  std::uint64_t failed = 0;                   // ran and answered an error
  std::unique_ptr<LatencyHistogram> latency;  // from its first call on, while latencies are tracked

  void count(Ticks took, bool with_latency) {
    ++calls;
    ticks += took;
    if (!with_latency) return;
    if (latency == nullptr) [[unlikely]]
      latency = std::make_unique<LatencyHistogram>();
    latency->add(took);
  }
};

struct WorkerStats {
  explicit WorkerStats(std::size_t command_ids) : by_command(command_ids) {}

  std::vector<CommandStats> by_command;                      // by command id
  std::map<std::string, std::uint64_t, std::less<>> errors;  // by code: "ERR", "WRONGTYPE"
  Counter commands;
  std::uint64_t error_replies = 0;
  Counter dirty;  // changes since start

  // CONFIG RESETSTAT; `dirty` is no statistic.
  void reset() {
    for (CommandStats& command : by_command) command = {};
    errors.clear();
    commands.reset();
    error_replies = 0;
  }
};

// Error codes beyond so many are not told apart, so that EVAL-made codes cannot fill memory.
inline constexpr std::size_t kErrorCodesMax = 128;

}  // namespace banyan::engine
