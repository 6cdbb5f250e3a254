#include "sim/registry.h"

#include "sim/counter_world.h"

namespace banyan::sim {
namespace {

constexpr WorldSpec kWorlds[] = {
    {.name = "counter",
     .summary = "one server counts in a file; no number may be given twice",
     .run = [](std::uint64_t seed,
               bool trace) { return run_counter_world(seed, {.trace = trace}); }},
};

}  // namespace

std::span<const WorldSpec> all_worlds() { return kWorlds; }

const WorldSpec* find_world(std::string_view name) {
  for (const WorldSpec& world : kWorlds)
    if (world.name == name) return &world;
  return nullptr;
}

}  // namespace banyan::sim
