// Time as types. Instant is monotonic and has no meaning outside its process; UnixMs is the wall
// clock that expiry times and files are written in. Nobody below `os` or `sim` reads a clock:
// both kinds arrive as parameters (see base/env.h).
#pragma once

#include <chrono>
#include <cstdint>

namespace banyan {

using namespace std::chrono_literals;
using Duration = std::chrono::microseconds;

struct MonotonicClock {  // a tag: has no now()
  using duration = Duration;
  using rep = Duration::rep;
  using period = Duration::period;
  using time_point = std::chrono::time_point<MonotonicClock>;
  static constexpr bool is_steady = true;
};
using Instant = MonotonicClock::time_point;

// Milliseconds since 1970-01-01 UTC.
using UnixMs = std::int64_t;
inline constexpr UnixMs kNoExpiry = -1;  // of a key, or a hash's field, that stays until deleted

}  // namespace banyan
