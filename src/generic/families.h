// The families of commands on keys of any type; and the list of all families of data commands.
#pragma once

#include <span>

#include "commands/spec.h"

namespace banyan::generic {

commands::Family generic_commands();
commands::Family generic_move_commands();
commands::Family expire_commands();
commands::Family scan_commands();
commands::Family object_commands();
commands::Family dump_commands();
commands::Family sort_commands();

// All that need nothing but the data, of whatever folder.
std::span<const commands::Family> data_families();

}  // namespace banyan::generic
