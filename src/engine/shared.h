// Shared: what the dispatchers of all workers of a node share.
//
// Threads   As each member says; the members behind references have rules of their own.
#pragma once

#include <atomic>
#include <limits>
#include <span>
#include <vector>

#include "base/ticks.h"
#include "commands/call.h"
#include "commands/registry.h"
#include "config/choices.h"
#include "engine/key_interest.h"
#include "engine/policy.h"
#include "engine/pubsub.h"
#include "log/log.h"
#include "store/gate.h"

namespace banyan::engine {

// Hears of commands that took long. Called by the worker that ran it, inside the gate, without
// locks.
class SlowCommands {
 public:
  virtual void on_slow(unsigned worker, const commands::Session& session,
                       const commands::CommandSpec& spec, std::span<const Bytes> words, Ticks took,
                       UnixMs now) = 0;

 protected:
  ~SlowCommands() = default;
};

class Dispatcher;

// What all workers of a node share.
struct Shared {
  const commands::Registry& registry;
  store::Keyspace& keyspace;
  store::Gate& gate;
  log::Log& log;
  Policy& policy;
  KeyInterest& interest;
  PubSub& pubsub;
  commands::Node* node = nullptr;
  std::size_t string_bytes_max = 512UL * 1024 * 1024;  // changed under the exclusive gate
  bool track_latency = true;                           // this too
  // Changed under the exclusive gate, as the settings say.
  config::KeyEvents key_events = {};
  SlowCommands* slow_commands = nullptr;
  // What takes as long is slow.
  std::atomic<Ticks> slow_ticks = std::numeric_limits<Ticks>::max();
  std::vector<Dispatcher*> dispatchers = {};  // by worker; complete before any of them runs
};

}  // namespace banyan::engine
