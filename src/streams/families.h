// The family of commands on streams.
#pragma once

#include "commands/spec.h"

namespace banyan::streams {

commands::Family stream_commands();

}  // namespace banyan::streams
