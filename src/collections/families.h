// The families of commands on lists, sets, hashes, sorted sets and places.
#pragma once

#include "commands/spec.h"

namespace banyan::collections {

commands::Family list_commands();
commands::Family set_commands();
commands::Family set_random_commands();
commands::Family set_algebra_commands();
commands::Family hash_commands();
commands::Family sorted_set_commands();
commands::Family geo_commands();

}  // namespace banyan::collections
