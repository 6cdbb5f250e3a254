// Bits of a string, numbered as SETBIT and BITFIELD do: bit 0 is the highest of the first byte.
//
// Vocabulary   A *field* is up to 64 neighbouring bits read as one number, the first the highest.
// Invariants   What lies beyond the end of a text reads as zero; nothing is ever read there.
// Threads      Pure functions.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>

#include "base/bytes.h"

namespace banyan::values {

// How many bits are one.
std::uint64_t count_ones(Bytes text);

// The first bit of the value `wanted` in [first, end). Requires: end <= 8 * text.size().
std::optional<std::uint64_t> find_bit(Bytes text, bool wanted, std::uint64_t first,
                                      std::uint64_t end);

bool bit_at(Bytes text, std::uint64_t offset);
// Requires: the bit lies in the text.
void set_bit(char* text, std::uint64_t offset, bool value);

// Requires: 1 <= bits <= 64.
std::uint64_t field_at(Bytes text, std::uint64_t offset, unsigned bits);
// The lowest `bits` of `value`. Requires: the field lies in the text of `size` bytes.
void set_field(char* text, std::size_t size, std::uint64_t offset, unsigned bits,
               std::uint64_t value);

enum class BitOperation : std::uint8_t { bit_and, bit_or, bit_xor, bit_not };

// Writes to `result` as many bytes as the longest source has; shorter ones are filled up with zero
// bytes. bit_not takes the first source alone. `result` overlaps no source. Requires: a source.
void combine_bits(BitOperation operation, std::span<const Bytes> sources, char* result);

}  // namespace banyan::values
