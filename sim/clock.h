// NodeClock: what the clocks of one machine show. They run a little too fast or too slow, start
// anywhere, and the wall clock may be set by somebody; the monotonic one never goes back.
//
// Vocabulary   *World time* is the scheduler's; *local time* is what the node's Loop::now() says.
//              Local times of two nodes, or of two runs of one node, cannot be compared.
// Threads      None; a value.
#pragma once

#include "base/rng.h"
#include "base/time.h"

namespace banyan::sim {

class NodeClock {
 public:
  static constexpr UnixMs kWorldStart = 1'700'000'000'000;

  NodeClock() = default;
  NodeClock(std::int64_t drift_ppm, Duration wall_offset)
      : drift_ppm_(drift_ppm), wall_offset_(wall_offset) {}

  // A new process at `world` time sees a monotonic clock that starts somewhere else.
  void restart(Instant world, Duration uptime) {
    start_world_ = world;
    start_local_ = Instant(uptime);
  }

  Instant local(Instant world) const { return start_local_ + stretched(world - start_world_); }
  // The first world time at which local() has reached `target`. At most a century ahead.
  Instant world(Instant target) const;

  UnixMs unix_ms(Instant world) const {
    const Duration since_start = stretched(world.time_since_epoch()) + wall_offset_;
    return kWorldStart + std::chrono::floor<std::chrono::milliseconds>(since_start).count();
  }
  void jump_wall(Duration by) { wall_offset_ += by; }

 private:
  Duration stretched(Duration d) const { return d + d * drift_ppm_ / 1'000'000; }

  std::int64_t drift_ppm_ = 0;
  Duration wall_offset_{};
  Instant start_world_{};
  Instant start_local_{};
};

}  // namespace banyan::sim
