// What a worker counts while it runs commands; INFO adds the workers up.
//
// Threads   Written by the worker inside the gate; read by others under the exclusive gate.
#pragma once

#include <atomic>
#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "base/ticks.h"

namespace banyan::engine {

struct CommandStats {
  std::uint64_t calls = 0;
  Ticks ticks = 0;
  std::uint64_t rejected = 0;  // refused before it ran
  std::uint64_t failed = 0;    // ran and answered an error
};

struct WorkerStats {
  explicit WorkerStats(std::size_t command_ids) : by_command(command_ids) {}

  std::vector<CommandStats> by_command;                      // by command id
  std::map<std::string, std::uint64_t, std::less<>> errors;  // by code: "ERR", "WRONGTYPE"
  std::uint64_t commands = 0;
  std::uint64_t error_replies = 0;
  std::atomic<std::uint64_t> dirty = 0;  // changes since start; any thread may read it
  void count_dirty(std::uint64_t n) {
    dirty.store(dirty.load(std::memory_order_relaxed) + n, std::memory_order_relaxed);
  }
};

// Error codes beyond so many are not told apart, so that EVAL-made codes cannot fill memory.
inline constexpr std::size_t kErrorCodesMax = 128;

}  // namespace banyan::engine
