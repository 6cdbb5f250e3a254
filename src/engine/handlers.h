// What handlers of the engine's own commands reach it with.
//
// Threads   The worker's that runs the call.
#pragma once

#include "engine/dispatcher.h"

namespace banyan::engine {

// Who runs the call: in a node, it is what logs its effects.
inline Dispatcher& dispatcher_of(const commands::Call& call) {
  return static_cast<Dispatcher&>(*call.db.context().effect_log);
}

}  // namespace banyan::engine
