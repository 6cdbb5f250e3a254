// Process: the life of one run of a node, from its start to its crash or end. Everything that the
// node holds of the world (loop, streams, files) shares it and asks it before it does anything, so
// that a dead node's destructors touch nothing.
//
// Invariants   Once dead, always dead: a restarted node gets a new Process.
// Threads      None.
#pragma once

#include <optional>
#include <utility>

#include "base/time.h"

namespace banyan::sim {

class Process {
 public:
  bool is_alive() const { return is_alive_; }
  void kill() { is_alive_ = false; }

  // Lets `effects` more effects happen and then dies: in the middle of a callback, if need be.
  // What the callback does afterwards is lost, as if the machine had stopped at that point.
  void kill_after(unsigned effects) { effects_left_ = effects; }

  // Asked before each effect on the world (a write, a rename, a connect); false = it must not be.
  bool may_act() {
    if (effects_left_ && (*effects_left_)-- == 0) kill();
    return is_alive_;
  }

  // Time that a blocking call took; the loop adds it to the callback's duration.
  void spend(Duration cost) { spent_ += cost; }
  Duration spent() const { return spent_; }
  Duration take_spent() { return std::exchange(spent_, Duration::zero()); }

 private:
  bool is_alive_ = true;
  std::optional<unsigned> effects_left_;
  Duration spent_{};
};

}  // namespace banyan::sim
