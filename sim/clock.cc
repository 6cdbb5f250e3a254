#include "sim/clock.h"

namespace banyan::sim {

Instant NodeClock::world(Instant target) const {
  constexpr Duration kCentury = std::chrono::hours(24 * 36525);
  if (target <= start_local_) return start_world_;
  if (target > start_local_ + kCentury) return start_world_ + kCentury;
  const __int128 wanted = (target - start_local_).count();
  const auto estimate = static_cast<std::int64_t>(wanted * 1'000'000 / (1'000'000 + drift_ppm_));
  Instant guess = start_world_ + Duration(estimate);
  while (local(guess) >= target && guess > start_world_) guess -= Duration(1);
  while (local(guess) < target) guess += Duration(1);
  return guess;
}

}  // namespace banyan::sim
