#include "values/bits.h"

#include <algorithm>
#include <bit>

namespace banyan::values {
namespace {

using Wide = unsigned __int128;
constexpr std::size_t kFieldBytesMax = 9;  // 64 bits that begin inside a byte

// Several sums, so that one addition need not wait for the other. Inlined into functions for
// several machines: that is what makes them differ.
[[gnu::always_inline]] inline std::uint64_t sum_of_ones(Bytes text) {
  const auto ones = [](std::uint64_t word) {
    return static_cast<std::uint64_t>(std::popcount(word));
  };
  const char* from = text.data();
  std::size_t left = text.size();
  std::uint64_t sums[4] = {};
  for (; left >= 32; left -= 32, from += 32)
    for (std::size_t i = 0; i < 4; ++i) sums[i] += ones(load<std::uint64_t>(from + 8 * i));
  for (; left >= 8; left -= 8, from += 8) sums[0] += ones(load<std::uint64_t>(from));
  std::uint64_t rest = 0;
  if (left > 0) std::memcpy(&rest, from, left);
  return sums[0] + sums[1] + sums[2] + sums[3] + ones(rest);
}

std::uint64_t count_portably(Bytes text) { return sum_of_ones(text); }

#if defined(__x86_64__)
// The baseline of x86-64 lacks the instruction that all its processors since 2008 have.
__attribute__((target("popcnt"))) std::uint64_t count_by_instruction(Bytes text) {
  return sum_of_ones(text);
}
#endif

// The eight bytes from `at` on, the first the highest.
std::uint64_t word_at(Bytes text, std::size_t at) {
  if (text.size() - at >= 8) return std::byteswap(load<std::uint64_t>(text.data() + at));
  std::uint64_t word = 0;
  std::memcpy(&word, text.data() + at, text.size() - at);
  return std::byteswap(word);
}

// Where on from `at` a byte may differ from those of `uniform`: after blocks that do not.
std::size_t skip_uniform(Bytes text, std::size_t at, std::uint64_t uniform) {
  constexpr std::size_t kBlock = 64;
  for (; text.size() - at >= kBlock; at += kBlock) {
    std::uint64_t differing = 0;
    for (std::size_t i = 0; i < kBlock; i += 8)
      differing |= load<std::uint64_t>(text.data() + at + i) ^ uniform;
    if (differing != 0) break;
  }
  return at;
}

// The bytes that a field may touch, the first the highest of kFieldBytesMax.
Wide window_at(Bytes text, std::size_t at) {
  unsigned char bytes[kFieldBytesMax] = {};
  if (at < text.size())
    std::memcpy(bytes, text.data() + at, std::min(text.size() - at, kFieldBytesMax));
  return static_cast<Wide>(std::byteswap(load<std::uint64_t>(bytes))) << 8 | bytes[8];
}

constexpr std::uint64_t lowest(unsigned bits) { return ~0ULL >> (64 - bits); }
constexpr unsigned shift_of(std::uint64_t offset, unsigned bits) {
  return static_cast<unsigned>(8 * kFieldBytesMax - offset % 8) - bits;
}

template <class Operation>
void apply(char* result, Bytes source, const Operation& operation) {
  std::size_t i = 0;
  for (; i + 8 <= source.size(); i += 8)
    store_to(result + i,
             operation(load<std::uint64_t>(result + i), load<std::uint64_t>(source.data() + i)));
  for (; i < source.size(); ++i)
    result[i] = static_cast<char>(
        operation(static_cast<unsigned char>(result[i]), static_cast<unsigned char>(source[i])));
}

}  // namespace

std::uint64_t count_ones(Bytes text) {
#if defined(__x86_64__)
  if (__builtin_cpu_supports("popcnt")) return count_by_instruction(text);
#endif
  return count_portably(text);
}

std::optional<std::uint64_t> find_bit(Bytes text, bool wanted, std::uint64_t first,
                                      std::uint64_t end) {
  const std::uint64_t flip = wanted ? 0 : ~0ULL;
  text = text.substr(0, (end + 7) / 8);
  for (std::uint64_t at = first; at < end; at = (at / 8 + 8) * 8) {
    if (at % 8 == 0) at = 8 * skip_uniform(text, at / 8, flip);
    if (at >= end) break;
    const std::uint64_t word = (word_at(text, at / 8) ^ flip) << at % 8;
    if (word == 0) continue;
    const std::uint64_t found = at + static_cast<unsigned>(std::countl_zero(word));
    if (found >= end) return std::nullopt;
    return found;
  }
  return std::nullopt;
}

bool bit_at(Bytes text, std::uint64_t offset) {
  const std::uint64_t at = offset / 8;
  return at < text.size() && (text[at] >> (7 - offset % 8) & 1) != 0;
}

void set_bit(char* text, std::uint64_t offset, bool value) {
  const auto mask = static_cast<unsigned char>(0x80U >> offset % 8);
  auto& byte = reinterpret_cast<unsigned char&>(text[offset / 8]);
  byte = static_cast<unsigned char>(value ? byte | mask : byte & ~mask);
}

std::uint64_t field_at(Bytes text, std::uint64_t offset, unsigned bits) {
  const Wide window = window_at(text, offset / 8);
  return static_cast<std::uint64_t>(window >> shift_of(offset, bits)) & lowest(bits);
}

void set_field(char* text, std::size_t size, std::uint64_t offset, unsigned bits,
               std::uint64_t value) {
  const std::size_t at = offset / 8;
  const unsigned shift = shift_of(offset, bits);
  const Wide mask = static_cast<Wide>(lowest(bits)) << shift;
  const Wide window =
      (window_at({text, size}, at) & ~mask) | (static_cast<Wide>(value & lowest(bits)) << shift);
  unsigned char bytes[kFieldBytesMax];
  store_to(bytes, std::byteswap(static_cast<std::uint64_t>(window >> 8)));
  bytes[8] = static_cast<unsigned char>(window);
  std::memcpy(text + at, bytes, std::min(size - at, kFieldBytesMax));
}

void combine_bits(BitOperation operation, std::span<const Bytes> sources, char* result) {
  std::size_t size = 0;
  for (const Bytes source : sources) size = std::max(size, source.size());
  const Bytes first = sources.front();
  if (!first.empty()) std::memcpy(result, first.data(), first.size());
  if (size > first.size()) std::memset(result + first.size(), 0, size - first.size());
  if (operation == BitOperation::bit_not)
    return apply(result, first, [](std::uint64_t, std::uint64_t b) { return ~b; });
  for (const Bytes source : sources.subspan(1)) {
    switch (operation) {
      case BitOperation::bit_and:
        apply(result, source, [](std::uint64_t a, std::uint64_t b) { return a & b; });
        if (size > source.size()) std::memset(result + source.size(), 0, size - source.size());
        break;
      case BitOperation::bit_or:
        apply(result, source, [](std::uint64_t a, std::uint64_t b) { return a | b; });
        break;
      case BitOperation::bit_xor:
        apply(result, source, [](std::uint64_t a, std::uint64_t b) { return a ^ b; });
        break;
      case BitOperation::bit_not:
        break;
    }
  }
}

}  // namespace banyan::values
