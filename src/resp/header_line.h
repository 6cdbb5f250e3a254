// The header lines of RESP, "<type><decimal>\r\n": how lengths and counts are written everywhere.
//
// Threads   None; pure functions.
#pragma once

#include <cstdint>

#include "base/bytes.h"
#include "base/number.h"

namespace banyan::resp {

inline constexpr std::size_t kDecimalMax = 20;  // "-9223372036854775808"
inline constexpr std::size_t kHeaderMax = 1 + kDecimalMax + 2;

// Writes at most kDecimalMax characters at `to`, returns their end. Requires: value < 2^63.
inline char* write_decimal(char* to, std::uint64_t value) {
  if (value < 10) {
    *to = static_cast<char>('0' + value);
    return to + 1;
  }
  if (value < 100) {
    to[0] = static_cast<char>('0' + value / 10);
    to[1] = static_cast<char>('0' + value % 10);
    return to + 2;
  }
  return to + write_int(to, static_cast<std::int64_t>(value));
}

inline char* write_crlf(char* to) {
  std::memcpy(to, "\r\n", 2);
  return to + 2;
}

// Writes at most kHeaderMax characters at `to`, returns their end.
inline char* write_header(char* to, char type, std::uint64_t value) {
  *to = type;
  return write_crlf(write_decimal(to + 1, value));
}

// How many characters write_header() writes.
inline std::size_t header_size(std::uint64_t value) {
  std::size_t size = 4;
  for (; value >= 10; value /= 10) ++size;
  return size;
}

}  // namespace banyan::resp
