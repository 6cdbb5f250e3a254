// The family of COMMAND.
#pragma once

#include "commands/spec.h"

namespace banyan::commands {

Family command_commands();

}  // namespace banyan::commands
