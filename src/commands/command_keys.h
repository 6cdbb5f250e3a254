// COMMAND GETKEYS and GETKEYSANDFLAGS.
#pragma once

#include "commands/call.h"

namespace banyan::commands {

Result<> command_getkeys(Call& call);
Result<> command_getkeysandflags(Call& call);

}  // namespace banyan::commands
