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

// ASCII only, as commands and directives are.
constexpr char to_lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; }
bool equals_ignoring_case(Bytes a, Bytes b);
std::string lower(Bytes text);
std::string upper(Bytes text);
Bytes trim(Bytes text);  // spaces, tabs, CR, LF at both ends

}  // namespace banyan
