// The runs of a sparse HyperLogLog (store/hyperloglog.h).
//
// Threads   Pure functions.
#pragma once

#include <cstdint>
#include <optional>

#include "base/bytes.h"
#include "base/result.h"

namespace banyan::store {

struct HllRun {
  std::uint32_t length = 0;  // registers
  std::uint8_t value = 0;    // of each
  std::uint8_t bytes = 1;
  bool is_long_zero() const { return bytes == 2; }
};

inline constexpr std::uint8_t kHllRunValueMax = 32;
inline constexpr std::uint32_t kHllRunLengthMax = 4;
inline constexpr std::uint32_t kHllZeroLengthMax = 64;

// The run at `at`. Requires: at < runs.size(). Null when its second byte is missing.
inline std::optional<HllRun> hll_run_at(Bytes runs, std::size_t at) {
  const auto byte = static_cast<std::uint8_t>(runs[at]);
  if ((byte & 0x80U) != 0)
    return HllRun{.length = (byte & 3U) + 1,
                  .value = static_cast<std::uint8_t>((byte >> 2 & 0x1fU) + 1)};
  if ((byte & 0x40U) == 0) return HllRun{.length = (byte & 0x3fU) + 1};
  if (at + 1 == runs.size()) return std::nullopt;
  const auto second = static_cast<std::uint8_t>(runs[at + 1]);
  return HllRun{.length = ((byte & 0x3fU) << 8 | second) + 1, .bytes = 2};
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
    const std::optional<HllRun> run = hll_run_at(runs, at);
    if (!run || run->length > registers - first) return corrupt_hll();
    visit(first, *run);
    first += run->length;
    at += run->bytes;
  }
  if (first != registers) return corrupt_hll();
  return {};
}

}  // namespace banyan::store
