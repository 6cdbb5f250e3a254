// The access clock of entries: when a key was last used (LRU), or how often (LFU).
//
// LFU   16 bits of minutes (of the last decay), 8 bits of a logarithmic counter: each use raises it
//       with a probability that falls as it grows; it decays by one per lfu-decay-time minutes.
//       (Counter after Morris 1978; initial value 5 and factor 10 are Redis's defaults.)
#pragma once

#include <algorithm>
#include <cstdint>

#include "commands/context.h"

namespace banyan::commands {

inline constexpr std::uint32_t kLfuInitial = 5;

inline std::uint32_t lfu_minutes(UnixMs now) {
  return static_cast<std::uint32_t>(now / 60000) & 0xffff;
}

// The counter of `access` after its decay up to `now`.
inline std::uint32_t lfu_decayed(std::uint32_t access, UnixMs now, std::uint32_t decay_minutes) {
  const std::uint32_t counter = access & 0xff;
  if (decay_minutes == 0) return counter;
  const std::uint32_t elapsed = (lfu_minutes(now) - (access >> 8)) & 0xffff;
  return counter - std::min(counter, elapsed / decay_minutes);
}

inline std::uint32_t initial_access(const Context& context) {
  if (context.lfu) return lfu_minutes(context.now) << 8 | kLfuInitial;
  return static_cast<std::uint32_t>(context.now / 1000) & 0xffffff;
}

inline void touch(store::Entry& entry, Context& context) {
  if (!context.lfu) {
    const auto clock = static_cast<std::uint32_t>(context.now / 1000) & 0xffffff;
    if (entry.access() != clock) entry.set_access(clock);
    return;
  }
  std::uint32_t counter = lfu_decayed(entry.access(), context.now, context.lfu_decay_minutes);
  if (counter < 255) {
    const std::uint32_t above = counter > kLfuInitial ? counter - kLfuInitial : 0;
    if (context.rng.unit() * (above * context.lfu_log_factor + 1.0) < 1.0) ++counter;
  }
  entry.set_access(lfu_minutes(context.now) << 8 | counter);
}

}  // namespace banyan::commands
