// The worlds that banyan-sim can run, by name.
//
// Threads   None.
#pragma once

#include <cstdint>
#include <span>

#include "base/result.h"

namespace banyan::sim {

struct WorldSpec {
  const char* name;
  const char* summary;
  // The error says what went wrong, with the nodes' logs.
  Result<> (*run)(std::uint64_t seed, bool trace);
};

std::span<const WorldSpec> all_worlds();
const WorldSpec* find_world(std::string_view name);

}  // namespace banyan::sim
