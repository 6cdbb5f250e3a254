// The reply of "CONTAINER HELP".
#pragma once

#include <span>

#include "commands/call.h"

namespace banyan::commands {

// `lines` are of the container's subcommands; the head and the lines on HELP are added.
void reply_help(Call& call, std::span<const std::string_view> lines);

}  // namespace banyan::commands
