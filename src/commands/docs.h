// docs/commands.md: the commands of a registry as a document.
//
// Threads   Pure.
#pragma once

#include <string>

#include "commands/registry.h"

namespace banyan::commands {

// Groups in the order of their names, commands in theirs; containers before their subcommands.
std::string render_commands_md(const Registry& registry);

}  // namespace banyan::commands
