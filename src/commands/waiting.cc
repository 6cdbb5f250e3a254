#include "commands/waiting.h"

#include <cmath>

#include "base/number.h"

namespace banyan::commands {

namespace {

Result<UnixMs> deadline_after(std::int64_t wait_ms, UnixMs now) {
  if (wait_ms < 0) return fail("timeout is negative");
  if (wait_ms == 0) return kWaitForever;
  UnixMs deadline = 0;
  if (__builtin_add_overflow(now, wait_ms, &deadline)) return fail("timeout is out of range");
  return deadline;
}

}  // namespace

Result<UnixMs> parse_timeout_seconds(Bytes text, UnixMs now) {
  const auto seconds = parse_long_double(text);
  if (!seconds) return fail("timeout is not a float or out of range");
  const long double wait_ms = std::ceil(*seconds * 1000);
  constexpr auto kMax = static_cast<long double>(std::numeric_limits<std::int64_t>::max());
  if (wait_ms > kMax) return fail("timeout is out of range");
  if (wait_ms < 0) return fail("timeout is negative");  // perhaps too far below 0 for an integer
  return deadline_after(static_cast<std::int64_t>(wait_ms), now);
}

Result<UnixMs> parse_timeout_ms(Bytes text, UnixMs now) {
  const auto wait_ms = parse_int(text);
  if (!wait_ms) return fail("timeout is not an integer or out of range");
  return deadline_after(*wait_ms, now);
}

}  // namespace banyan::commands
