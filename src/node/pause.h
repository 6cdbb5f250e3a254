// Pause: CLIENT PAUSE: holds back what clients send until a time.
//
// Invariants   Of several pauses that overlap, the latest end and the strictest kind are in force.
//              policy.pause says which.
// Threads      begin() and end() run alone on the node, on any worker's thread. The timer is the
//              main loop's.
#pragma once

#include <memory>
#include <vector>

#include "node/worker.h"

namespace banyan::node {

class Pause {
 public:
  using Workers = std::vector<std::unique_ptr<Worker>>;
  // The main worker is the first. Both outlive this.
  Pause(engine::Policy& policy, const Workers& workers) : policy_(policy), workers_(workers) {}

  void begin(Instant now, Duration length, engine::PauseKind kind);
  void end();

  engine::PauseKind kind() const { return policy_.pause; }
  Duration left(Instant now) const;

 private:
  void set_timer();
  void on_timer();

  engine::Policy& policy_;
  const Workers& workers_;
  Instant until_{};
  TimerId timer_ = TimerId::none;
};

}  // namespace banyan::node
