// The families of data commands, one function each; families.cc lists them.
#pragma once

#include "commands/spec.h"

namespace banyan::commands {

Family string_commands();
Family bitmap_commands();
Family hyperloglog_commands();
Family generic_commands();
Family generic_move_commands();
Family expire_commands();
Family scan_commands();
Family object_commands();
Family dump_commands();
Family command_commands();

}  // namespace banyan::commands
