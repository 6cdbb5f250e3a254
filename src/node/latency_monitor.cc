#include "node/latency_monitor.h"

#include <algorithm>

namespace banyan::node {

void LatencyEvent::add(const LatencySample& sample) {
  worst_ms = std::max(worst_ms, sample.ms);
  const auto place = std::ranges::lower_bound(samples, sample.second, {}, &LatencySample::second);
  if (place != samples.end() && place->second == sample.second) {
    place->ms = std::max(place->ms, sample.ms);
    return;
  }
  samples.insert(place, sample);
  if (samples.size() > kSamplesMax) samples.erase(samples.begin());
}

void LatencyMonitor::add(unsigned worker, std::string_view event, const LatencySample& sample) {
  Events& events = lists_[worker].events;
  const auto found = events.find(event);
  (found != events.end() ? found->second : events[std::string(event)]).add(sample);
}

LatencyMonitor::Events LatencyMonitor::events() const {
  Events all;
  for (const List& list : lists_) {
    for (const auto& [name, event] : list.events) {
      LatencyEvent& total = all[name];
      for (const LatencySample& sample : event.samples) total.add(sample);
      total.worst_ms = std::max(total.worst_ms, event.worst_ms);
    }
  }
  return all;
}

std::size_t LatencyMonitor::clear() {
  const std::size_t count = events().size();
  for (List& list : lists_) list.events.clear();
  return count;
}

bool LatencyMonitor::clear(Bytes event) {
  bool any = false;
  for (List& list : lists_) {
    const auto found = list.events.find(event);
    if (found == list.events.end()) continue;
    list.events.erase(found);
    any = true;
  }
  return any;
}

}  // namespace banyan::node
