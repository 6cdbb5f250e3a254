// LatencyMonitor: when something took longer than latency-monitor-threshold: the LATENCY command.
//
// Vocabulary   An *event* is a kind of thing that may take long ("command", "fast-command"). A
//              *sample* is the worst of one second.
// Threads      add(): the worker that saw it, into lists of its own. The rest: under the exclusive
//              gate.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "base/bytes.h"
#include "base/time.h"

namespace banyan::node {

struct LatencySample {
  std::int64_t second = 0;  // since 1970
  std::int64_t ms = 0;
};

struct LatencyEvent {
  std::vector<LatencySample> samples;  // oldest first, at most kSamplesMax
  std::int64_t worst_ms = 0;           // of all time

  static constexpr std::size_t kSamplesMax = 160;
  void add(const LatencySample& sample);
};

class LatencyMonitor {
 public:
  explicit LatencyMonitor(unsigned workers) : lists_(workers) {}

  void add(unsigned worker, std::string_view event, const LatencySample& sample);

  // By name.
  using Events = std::map<std::string, LatencyEvent, std::less<>>;
  Events events() const;
  // The number of events that had samples.
  std::size_t clear();
  bool clear(Bytes event);

 private:
  struct alignas(64) List {
    Events events;
  };
  std::vector<List> lists_;
};

}  // namespace banyan::node
