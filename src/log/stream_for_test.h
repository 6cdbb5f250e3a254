// A stream for tests whose every byte tells its offset, and ways to write and read it.
//
// Threads   None; for tests.
#pragma once

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "log/log.h"
#include "log/reader.h"

namespace banyan::log {

inline constexpr auto kBlock = static_cast<std::int64_t>(kBlockBytes);
inline constexpr EntryInfo kPing{.time = 1000};

// Bytes that differ from place to place, so that a byte at a wrong offset is seen.
inline std::string pattern(Offset from, std::size_t size) {
  std::string out(size, '\0');
  for (std::size_t i = 0; i < size; ++i) {
    const auto at = static_cast<std::uint64_t>(from.bytes()) + i;
    out[i] = static_cast<char>((at * 0x9e3779b97f4a7c15ULL) >> 56);
  }
  return out;
}

inline void append_pattern(Log& log, std::int64_t size) {
  log.append(kPing, pattern(log.next(), static_cast<std::size_t>(size)));
}

inline std::string look(Reader& reader, std::size_t max_bytes = 1 << 30,
                        std::size_t max_pieces = 64) {
  std::vector<Bytes> pieces(max_pieces);
  const std::size_t count = reader.read(pieces, max_bytes);
  std::string out;
  for (std::size_t i = 0; i < count; ++i) {
    EXPECT_FALSE(pieces[i].empty());
    out += pieces[i];
  }
  return out;
}

inline std::string take(Reader& reader, std::size_t max_bytes = 1 << 30) {
  std::string all;
  for (std::string part; !(part = look(reader, max_bytes - all.size())).empty();) {
    reader.advance(part.size());
    all += part;
  }
  return all;
}

}  // namespace banyan::log
