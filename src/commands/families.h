// The families of data commands, one function each; families.cc lists them.
#pragma once

#include "commands/spec.h"

namespace banyan::commands {

Family string_commands();
Family generic_commands();
Family expire_commands();

}  // namespace banyan::commands
