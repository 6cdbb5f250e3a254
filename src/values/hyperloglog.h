// HyperLogLog: how many different elements there were, from 16384 registers; kept in a string whose
// bytes are Redis's.
//
// Format       16 bytes of header: "HYLL", the encoding, three zero bytes, the cached cardinality
//              (8 bytes, little-endian; its highest bit says that it is out of date). Then
//                dense   registers of 6 bits, the first the lowest bits of the first byte
//                sparse  runs: 00llllll    l + 1 registers of zero
//                              01llllll l8 the same with 14 bits of length
//                              1vvvvvll    l + 1 registers of v + 1
// Vocabulary   An element *raises* the register that its hash chooses to the length of a run of
// zero
//              bits in it, unless that is as high already.
// Invariants   No function reads or writes beyond the text, whatever it holds. Sparse texts are
//              checked as far as they are read, and no further.
// Threads      Pure functions.
// Failure      Errc::custom: "INVALIDOBJ ..." for a sparse text that does not make sense.
#pragma once

#include <array>
#include <cstdint>
#include <string>

#include "base/bytes.h"
#include "base/result.h"

namespace banyan::values {

inline constexpr unsigned kHllRegisters = 16384;
inline constexpr std::size_t kHllHeaderBytes = 16;
inline constexpr std::size_t kHllDenseBytes = kHllHeaderBytes + kHllRegisters * 6 / 8;

struct HllElement {
  std::uint32_t index;
  std::uint8_t value;  // 1 ... 51

  static HllElement of(Bytes text);
};

// --- Whole texts. All but is_hll() require is_hll(text).

bool is_hll(Bytes text);  // as far as header and length tell
std::string empty_hll();
bool is_dense(Bytes text);
bool has_cardinality(Bytes text);
std::uint64_t cached_cardinality(Bytes text);
void cache_cardinality(char* text, std::uint64_t value);
void forget_cardinality(char* text);
Result<std::uint64_t> count_elements(Bytes text);

// Requires: is_dense(). True when the register rose.
bool raise_dense(char* text, HllElement element);
// Becomes dense where it would outgrow `sparse_bytes_max`, or the value is too high for a run.
Result<bool> raise_register(std::string& text, HllElement element, std::size_t sparse_bytes_max);
// No change if it is dense already.
Result<> make_dense(std::string& text);
// The runs of a sparse one, as PFDEBUG DECODE tells them, whatever they cover.
Result<std::string> describe_runs(Bytes text);

// How many registers have each value.
using HllHistogram = std::array<std::uint32_t, 64>;

// --- One byte a register: the form in which they are merged.
class HllRegisters {
 public:
  // Every register becomes the higher one of the two.
  Result<> merge(Bytes hll);
  std::uint64_t count_elements() const;
  std::uint8_t operator[](std::size_t i) const { return values_[i]; }
  // Requires: is_dense(text).
  void write_dense(char* text) const;

 private:
  Result<> merge_sparse(Bytes runs);
  void merge_dense(Bytes hll);
  void raise(std::uint32_t index, std::uint8_t value);

  alignas(64) std::array<std::uint8_t, kHllRegisters> values_{};
  // Kept as long as all that came was sparse: counting all registers would cost more than merging
  // the few that are not 0. Those that are 0 are the rest.
  bool is_counted_ = true;
  HllHistogram counts_{};
};

}  // namespace banyan::values
