// The families of commands on strings, and of what lies in them.
#pragma once

#include "commands/spec.h"

namespace banyan::strings {

commands::Family string_commands();
commands::Family bitmap_commands();
commands::Family hyperloglog_commands();

}  // namespace banyan::strings
