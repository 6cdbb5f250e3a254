// Small values that every replication core speaks of.
//
// Vocabulary   A *position* names a history and how many of its bytes a node holds: `offset` counts
//              bytes since the history began, so the next byte is number offset + 1. That next
//              number is what PSYNC asks for.
// Invariants   A replication id that came from outside is used only after is_replid() said yes, an
//              offset only after is_offset(): so offset + 1 cannot overflow, and an id can be
//              written to a log, a file or a reply as it is.
// Threads      None; values.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>

#include "base/bytes.h"

namespace banyan::replication {

inline constexpr std::size_t kReplidSize = 40;
inline constexpr std::int64_t kOffsetMax = std::int64_t{1} << 62;

struct Position {
  std::string replid;
  std::int64_t offset = 0;
  bool operator==(const Position&) const = default;
};

struct Address {
  std::string host;
  int port = 0;
  bool operator==(const Address&) const = default;
};

enum class Level : std::uint8_t { debug, verbose, notice, warning };
struct Log {
  Level level = Level::notice;
  std::string text;
};

// 40 letters and digits. (Ids are hexadecimal, but tools and tests in the field invent others.)
bool is_replid(Bytes text);
// A decimal offset in [0, kOffsetMax].
std::optional<std::int64_t> parse_offset(Bytes text);
// What a peer sent, fit for a log line or an error reply: control characters become '?', and what
// exceeds 256 characters is cut.
std::string printable(Bytes text);
// "host:port", with brackets around an IPv6 address.
std::string format_address(Bytes host, int port);

}  // namespace banyan::replication
