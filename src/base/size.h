// Checked size arithmetic: every length that comes from the network, a file or an argument goes
// through these before it is used to allocate, index or copy. nullopt = it does not fit.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>

namespace banyan {

inline std::optional<std::size_t> checked_add(std::size_t a, std::size_t b) {
  std::size_t sum = 0;
  if (__builtin_add_overflow(a, b, &sum)) return std::nullopt;
  return sum;
}
inline std::optional<std::size_t> checked_multiply(std::size_t a, std::size_t b) {
  std::size_t product = 0;
  if (__builtin_mul_overflow(a, b, &product)) return std::nullopt;
  return product;
}

// A Redis-style range [start, end] over `size` items, negative indexes counting from the end,
// clamped. Empty when it selects nothing. Never overflows, also for the extreme integers.
struct Range {
  std::size_t first = 0;
  std::size_t count = 0;
};
inline Range clamp_range(std::int64_t start, std::int64_t end, std::size_t size) {
  const auto n = static_cast<std::int64_t>(size);  // sizes never exceed 2^63
  if (start < 0) start = start < -n ? 0 : start + n;
  if (end < 0) end = end < -n ? -1 : end + n;
  if (end >= n) end = n - 1;
  if (n == 0 || start > end || start >= n) return {};
  return {static_cast<std::size_t>(start), static_cast<std::size_t>(end - start + 1)};
}

}  // namespace banyan
