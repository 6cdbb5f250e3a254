// The counter world: one server that counts, its counter in a file; clients that ask it to count,
// over a bad network, while the server crashes. Small enough to show how a world is written.
//
// Goal      No number is acknowledged twice, whatever crashes; and when the trouble is over, the
//           counting goes on.
// Threads   None.
#pragma once

#include "sim/world.h"

namespace banyan::sim {

struct CounterOptions {
  bool trace = false;
  bool forgets_to_sync = false;  // a sabotaged server: the checker must catch it
};

Result<> run_counter_world(std::uint64_t seed, const CounterOptions& options);

}  // namespace banyan::sim
