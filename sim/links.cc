#include "sim/links.h"

namespace banyan::sim {

bool Links::is_blocked(NodeId from, NodeId to) const {
  if (from == to) return false;
  return blocked_.contains({from, to}) || without_power_.contains(to);
}

Instant Links::clogged_until(NodeId from, NodeId to) const {
  const auto it = clogged_.find({from, to});
  return it == clogged_.end() ? Instant{} : it->second;
}

Duration Links::draw_latency(NodeId from, NodeId to) {
  if (from == to) return Duration(rng_.between(5, 50));
  return faults_.latency_min + draw_exponential(rng_, faults_.latency_mean);
}

void Links::set_power(NodeId node, bool on) {
  if (on)
    without_power_.erase(node);
  else
    without_power_.insert(node);
}

void Links::heal() {
  blocked_.clear();
  clogged_.clear();
}

}  // namespace banyan::sim
