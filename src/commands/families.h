// The families of data commands, one function each; families.cc lists them.
#pragma once

#include "commands/spec.h"

namespace banyan::commands {

Family string_commands();
Family list_commands();
Family generic_commands();
Family generic_move_commands();
Family expire_commands();
Family scan_commands();
Family object_commands();
Family dump_commands();
Family set_commands();
Family sort_commands();
Family set_random_commands();
Family set_algebra_commands();
Family hash_commands();
Family command_commands();
Family sorted_set_commands();
Family geo_commands();
Family stream_commands();
Family bitmap_commands();
Family hyperloglog_commands();

}  // namespace banyan::commands
