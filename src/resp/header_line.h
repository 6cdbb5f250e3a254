// The header lines of RESP, "<type><decimal>\r\n": how lengths and counts are written everywhere.
//
// Threads   None; pure functions.
#pragma once

#include <array>
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

// The headers of short bulks, ready to be copied: what "$<size>\r\n" takes to be made is more than
// the text behind it.
struct BulkHeader {
  char text[7];
  std::uint8_t size;
};
inline constexpr std::size_t kShortBulkMax = 256;
inline constexpr auto kBulkHeaders = [] {
  std::array<BulkHeader, kShortBulkMax + 1> headers{};
  for (std::size_t size = 0; size < headers.size(); ++size) {
    std::size_t at = 0;
    const auto put = [&](std::size_t c) { headers[size].text[at++] = static_cast<char>(c); };
    put('$');
    if (size >= 100) put('0' + size / 100);
    if (size >= 10) put('0' + size / 10 % 10);
    put('0' + size % 10);
    put('\r');
    put('\n');
    headers[size].size = static_cast<std::uint8_t>(at);
  }
  return headers;
}();

// Writes all eight bytes of an entry at `to`, returns the end of the header. Requires: `size` is at
// most kShortBulkMax.
inline char* write_bulk_header(char* to, std::size_t size) {
  const BulkHeader& header = kBulkHeaders[size];
  std::memcpy(to, &header, sizeof header);
  return to + header.size;
}

// Copies a text, returns the end of the copy. A call of memcpy() would cost more than most are
// long.
inline char* write_text(char* to, Bytes text) {
  const char* const from = text.data();
  const std::size_t size = text.size();
  const auto copy_ends = [&](auto half) {  // two halves, which overlap
    std::memcpy(&half, from, sizeof half);
    auto last = half;
    std::memcpy(&last, from + size - sizeof last, sizeof last);
    std::memcpy(to, &half, sizeof half);
    std::memcpy(to + size - sizeof last, &last, sizeof last);
  };
  struct Sixteen {
    char bytes[16];
  };
  struct ThirtyTwo {
    char bytes[32];
  };
  if (size > 2 * sizeof(ThirtyTwo)) {
    std::memcpy(to, from, size);
  } else if (size >= sizeof(ThirtyTwo)) {
    copy_ends(ThirtyTwo());
  } else if (size >= sizeof(Sixteen)) {
    copy_ends(Sixteen());
  } else if (size >= sizeof(std::uint64_t)) {
    copy_ends(std::uint64_t());
  } else if (size >= sizeof(std::uint32_t)) {
    copy_ends(std::uint32_t());
  } else {
    for (std::size_t i = 0; i < size; ++i) to[i] = from[i];
  }
  return to + size;
}

// How many characters write_header() writes.
inline std::size_t header_size(std::uint64_t value) {
  std::size_t size = 4;
  for (; value >= 10; value /= 10) ++size;
  return size;
}

}  // namespace banyan::resp
