// SlowLog: the last commands that took longer than slowlog-log-slower-than. It tells the latency
// monitor of those that took longer than latency-monitor-threshold.
//
// Invariants   Secrets among the words are replaced (redacted()); long words and long lists of
//              words are cut, so that an entry stays small.
// Threads      on_slow(): the worker that ran the command, into a list of its own. The rest: under
//              the exclusive gate.
#pragma once

#include <atomic>
#include <deque>
#include <string>
#include <vector>

#include "engine/dispatcher.h"
#include "node/latency_monitor.h"

namespace banyan::node {

struct SlowEntry {
  std::uint64_t id = 0;
  UnixMs time = 0;
  Ticks took = 0;
  std::vector<std::string> words;
  std::string peer, client_name;
};

class SlowLog final : public engine::SlowCommands {
 public:
  // Either may be the larger one. Any thread.
  struct Thresholds {
    Ticks slow = 0, latency = 0;
  };
  explicit SlowLog(unsigned workers) : latency_(workers), lists_(workers) {}

  void set_thresholds(const Thresholds& thresholds, double ticks_per_us) {
    slow_ticks_ = thresholds.slow;
    latency_ticks_ = thresholds.latency;
    ticks_per_ms_ = ticks_per_us * 1000;
  }
  LatencyMonitor& latency() { return latency_; }

  void on_slow(unsigned worker, const commands::Session& session, const commands::CommandSpec& spec,
               std::span<const Bytes> words, Ticks took, UnixMs now) override;

  void set_length_max(std::uint64_t entries) { length_max_ = entries; }
  std::size_t size() const;
  std::vector<const SlowEntry*> newest(std::size_t count) const;
  void clear();

 private:
  struct alignas(64) List {
    std::deque<SlowEntry> entries;  // oldest first
  };

  void add(unsigned worker, const commands::Session& session, const commands::CommandSpec& spec,
           std::span<const Bytes> words, Ticks took, UnixMs now);

  std::atomic<Ticks> slow_ticks_ = 0, latency_ticks_ = 0;
  std::atomic<double> ticks_per_ms_ = 1e6;
  LatencyMonitor latency_;
  std::uint64_t length_max_ = 128;
  std::atomic<std::uint64_t> next_id_ = 0;
  std::vector<List> lists_;
};

// Whether `words[index]` of a command must stay out of logs, MONITOR and SLOWLOG.
bool is_secret(const commands::CommandSpec& spec, std::span<const Bytes> words, std::size_t index);

}  // namespace banyan::node
