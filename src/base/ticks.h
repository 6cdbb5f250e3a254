// Ticks: the processor's own counter, for measuring how long something took in a few nanoseconds.
// Only for statistics that people read: nothing may be decided by it, since it is not virtual in
// the simulator. Ticks per microsecond are found by whoever also sees a clock.
#pragma once

#include <cstdint>

namespace banyan {

using Ticks = std::uint64_t;

inline Ticks read_ticks() {
#if defined(__x86_64__)
  return __builtin_ia32_rdtsc();
#else
  Ticks value;
  asm volatile("mrs %0, cntvct_el0" : "=r"(value));
  return value;
#endif
}

}  // namespace banyan
