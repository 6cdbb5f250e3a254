// The families of commands that the engine itself carries out, one function each.
#pragma once

#include "commands/spec.h"

namespace banyan::engine {

commands::Family pubsub_commands();
commands::Family transaction_commands();

}  // namespace banyan::engine
