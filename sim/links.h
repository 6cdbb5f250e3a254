// Links: which machine can reach which at the moment, and how long a packet takes.
//
// Vocabulary   A link has a direction: `from` may be cut off from `to` while the way back works.
//              *Blocked* packets are held, as TCP holds and repeats them; a *clogged* link delivers
//              late.
// Invariants   A machine always reaches itself.
// Threads      None.
#pragma once

#include <map>
#include <set>
#include <utility>

#include "sim/faults.h"
#include "sim/scheduler.h"

namespace banyan::sim {

class Links {
 public:
  Links(Rng& rng, const Faults& faults) : rng_(rng), faults_(faults) {}

  bool is_blocked(NodeId from, NodeId to) const;
  Instant clogged_until(NodeId from, NodeId to) const;
  Duration draw_latency(NodeId from, NodeId to);

  void block(NodeId from, NodeId to) { blocked_.emplace(from, to); }
  void unblock(NodeId from, NodeId to) { blocked_.erase({from, to}); }
  void clog(NodeId from, NodeId to, Instant until) { clogged_[{from, to}] = until; }
  // A machine without power: nothing reaches it.
  void set_power(NodeId node, bool on);
  bool has_power(NodeId node) const { return !without_power_.contains(node); }
  void heal();  // ends blocks and clogs, not power cuts

 private:
  using Link = std::pair<NodeId, NodeId>;
  Rng& rng_;
  const Faults& faults_;
  std::set<Link> blocked_;
  std::map<Link, Instant> clogged_;
  std::set<NodeId> without_power_;
};

}  // namespace banyan::sim
