#include "sim/registry.h"

#include "sim/counter_world.h"
#include "sim/replication_world.h"

namespace banyan::sim {
namespace {

constexpr WorldSpec kWorlds[] = {
    {.name = "counter",
     .summary = "one server counts in a file; no number may be given twice",
     .run = [](std::uint64_t seed,
               bool trace) { return run_counter_world(seed, {.trace = trace}); }},
    {.name = "replication",
     .summary = "three whole servers: what a replica holds is what its primary held",
     .run = [](std::uint64_t seed, bool trace) -> Result<> {
       TRY_DO(run_replication_world(seed, trace));
       return {};
     }},
};

}  // namespace

std::span<const WorldSpec> all_worlds() { return kWorlds; }

const WorldSpec* find_world(std::string_view name) {
  for (const WorldSpec& world : kWorlds)
    if (world.name == name) return &world;
  return nullptr;
}

}  // namespace banyan::sim
