// Where a command's keys are, found from its key specs.
//
// Threads   Pure functions.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "base/bytes.h"
#include "commands/spec.h"

namespace banyan::commands {

struct KeyPosition {
  std::uint32_t word;
  KeyFlag flags;
};

// Appends the positions of all keys to `out`. False when the words do not fit the specs (a count
// that is no number, or reaches past the end); what was found up to there stays.
bool find_keys(const CommandSpec& spec, std::span<const Bytes> words,
               std::vector<KeyPosition>& out);

}  // namespace banyan::commands
