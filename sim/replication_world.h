// The replication world: a primary and two replicas, whole servers, in trouble; an operator who
// changes their roles, and writers. What it checks: see ReplicationChecker and ReplicationWriter.
// When the world is healed, all nodes must be in step within kHealing.
//
// Threads   None.
#pragma once

#include "base/result.h"
#include "base/time.h"

namespace banyan::sim {

struct ReplicationReport {
  std::uint64_t event_hash = 0;
  std::uint64_t acknowledged = 0;       // own writes
  std::uint64_t contents_compared = 0;  // at positions seen before
};

// The error says what went wrong, with the nodes' logs.
Result<ReplicationReport> run_replication_world(std::uint64_t seed, bool trace = false);

}  // namespace banyan::sim
