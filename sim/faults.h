// Faults: how hostile a virtual world is. The defaults are a calm world: a fast network, a disk
// without errors, true clocks. One seed draws everything that is random within these limits.
//
// Vocabulary   A *probability* is per operation, in [0, 1]. A *rate* (`_per_s`) counts how often
//              something befalls the whole world in a virtual second, on average.
// Threads      None; a value.
#pragma once

#include <cstddef>
#include <cstdint>
#include <limits>

#include "base/rng.h"
#include "base/time.h"

namespace banyan::sim {

struct Faults {
  // The network. Latency is latency_min plus an exponential part.
  Duration latency_min = 50us;
  Duration latency_mean = 200us;
  std::size_t socket_buffer_bytes = 256 * 1024;
  Duration connect_timeout = 20s;
  Duration retransmit_timeout = 900s;  // a sender that nobody answers gives up after this
  double refuse_connect = 0;           // nobody listens, it seems
  double split_segment = 0.05;         // what was written in one piece arrives in two
  double short_io = 0;                 // a read or a write moves only part of what it could
  double name_failure = 0;             // a name does not resolve this time
  Duration name_delay_mean = 1ms;

  // The disk.
  std::uint64_t disk_capacity_bytes = std::numeric_limits<std::uint64_t>::max();
  double write_error = 0;
  double sync_error = 0;
  Duration sync_mean{};  // how long a sync keeps its caller

  // Clocks, drawn once per node.
  Duration wall_offset_max{};
  std::int64_t drift_ppm_max = 0;

  // What happens to the world by itself until World::heal().
  double cuts_per_s = 0;
  double partitions_per_s = 0;
  double clogs_per_s = 0;
  double crashes_per_s = 0;
  double pauses_per_s = 0;
  double wall_jumps_per_s = 0;
  double kill_share = 0.5;  // of the crashes: the process alone dies, the machine goes on
  Duration partition_max = 5s;
  Duration clog_max = 5s;
  Duration down_max = 5s;
  Duration pause_max = 2s;
  Duration wall_jump_max = 10s;

  Duration cpu_step = 2us;    // what one callback costs its node
  Duration work_step = 20us;  // and what is done between two looks at its precise clock

  // The same world when nothing goes wrong any more: latencies and clocks stay as they are.
  Faults healed() const;
};

// A random hostile world: every seed switches on its own subset of the troubles, so that some
// runs show one of them alone and others all at once.
Faults draw_faults(Rng& rng);

// Exponentially distributed, cut off at twenty times the mean. Zero for a mean of zero.
Duration draw_exponential(Rng& rng, Duration mean);
Duration draw_up_to(Rng& rng, Duration max);  // uniform in [0, max]

}  // namespace banyan::sim
