// The runs of a sparse HyperLogLog (values/hyperloglog.h).
//
// Threads   Pure functions.
#pragma once

#include <array>
#include <cstdint>

#include "base/bytes.h"
#include "base/result.h"

namespace banyan::values {

struct HllRun {
  std::uint32_t length = 0;  // registers
  std::uint8_t value = 0;    // of each
  bool is_long_zero = false;
};

inline constexpr std::uint8_t kHllRunValueMax = 32;
inline constexpr std::uint32_t kHllRunLengthMax = 4;
inline constexpr std::uint32_t kHllZeroLengthMax = 64;

// By first byte; of a long run of zeroes without what its second byte says.
inline constexpr auto kHllRuns = [] {
  std::array<HllRun, 256> runs{};
  for (std::uint32_t byte = 0; byte < runs.size(); ++byte) {
    if (byte >= 0x80) {
      runs[byte] = {.length = (byte & 3) + 1,
                    .value = static_cast<std::uint8_t>((byte >> 2 & 0x1f) + 1)};
    } else if (byte < 0x40) {
      runs[byte] = {.length = byte + 1};
    } else {
      runs[byte] = {.length = (byte & 0x3f) << 8, .is_long_zero = true};
    }
  }
  return runs;
}();

// Reads the run at `at`, and moves `at` behind it. Requires: at < runs.size(). False when its
// second byte is missing. The step is a matter of branches, not of the table: so that a processor
// that guesses them need not wait for each byte before it reads the next.
inline bool next_hll_run(Bytes runs, std::size_t& at, HllRun& run) {
  run = kHllRuns[static_cast<unsigned char>(runs[at])];
  at += 1;
  if (!run.is_long_zero) return true;
  if (at == runs.size()) return false;
  run.length += static_cast<unsigned char>(runs[at]) + 1U;
  at += 1;
  return true;
}

// Writes a run of `value` (0 for zeroes) at `to`; returns what follows it.
inline char* write_hll_run(char* to, std::uint8_t value, std::uint32_t length) {
  if (value != 0) {
    *to = static_cast<char>(0x80U | (value - 1U) << 2 | (length - 1));
    return to + 1;
  }
  if (length > kHllZeroLengthMax) *to++ = static_cast<char>(0x40U | (length - 1) >> 8);
  *to = static_cast<char>(length - 1);
  return to + 1;
}

inline auto corrupt_hll() { return fail(Errc::custom, "INVALIDOBJ Corrupted HLL object detected"); }

// Calls visit(first register, run) for each; fails unless they cover every register exactly.
template <class Visit>
Result<> for_each_hll_run(Bytes runs, std::uint32_t registers, const Visit& visit) {
  std::uint32_t first = 0;
  for (std::size_t at = 0; at < runs.size();) {
    HllRun run;
    if (!next_hll_run(runs, at, run) || run.length > registers - first) return corrupt_hll();
    visit(first, run);
    first += run.length;
  }
  if (first != registers) return corrupt_hll();
  return {};
}

}  // namespace banyan::values
