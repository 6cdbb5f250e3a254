// How long ago something happened, as stream commands reckon.
#pragma once

#include <limits>

#include "commands/call.h"

namespace banyan::streams {

using commands::Call;

// Negative for what lies ahead. A time from outside may be any number: the distance saturates.
inline std::int64_t idle_ms(const Call& call, UnixMs since) {
  std::int64_t idle = 0;
  if (!__builtin_sub_overflow(call.now(), since, &idle)) return idle;
  return since < 0 ? std::numeric_limits<std::int64_t>::max()
                   : std::numeric_limits<std::int64_t>::min();
}

}  // namespace banyan::streams
