// Bytes: a view of binary-safe text, owned by somebody else; and little helpers on it.
//
// Threads   None; values and pure functions.
#pragma once

#include <bit>
#include <cstdint>
#include <cstring>
#include <string>
#include <string_view>

namespace banyan {

using Bytes = std::string_view;

// Unaligned loads and stores in the machine's order (little-endian is required: see the assertion).
template <class T>
T load(const void* from) {
  T value;
  std::memcpy(&value, from, sizeof value);
  return value;
}
template <class T>
void store_to(void* to, T value) {
  std::memcpy(to, &value, sizeof value);
}
static_assert(std::endian::native == std::endian::little);

// a == b, without a call for what is short, as keys and members are.
inline bool same_bytes(Bytes a, Bytes b) {
  const std::size_t size = a.size();
  if (size != b.size()) return false;
  const char* p = a.data();
  const char* q = b.data();
  const auto differ = [p, q]<class T>(std::size_t at, T) {
    return load<T>(p + at) ^ load<T>(q + at);
  };
  using U64 = std::uint64_t;
  if (size > 32) return std::memcmp(p, q, size) == 0;
  if (size > 16)
    return (differ(0, U64{}) | differ(8, U64{}) | differ(size - 16, U64{}) |
            differ(size - 8, U64{})) == 0;
  if (size >= 8) return (differ(0, U64{}) | differ(size - 8, U64{})) == 0;
  if (size >= 4) return (differ(0, std::uint32_t{}) | differ(size - 4, std::uint32_t{})) == 0;
  for (std::size_t i = 0; i < size; ++i)
    if (p[i] != q[i]) return false;
  return true;
}

// ASCII only, as commands and directives are.
constexpr char to_lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; }
bool equals_ignoring_case(Bytes a, Bytes b);
std::string lower(Bytes text);
std::string upper(Bytes text);
Bytes trim(Bytes text);  // spaces, tabs, CR, LF at both ends

}  // namespace banyan
