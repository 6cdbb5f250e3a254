// StreamId: the name of a stream entry: milliseconds and a sequence number, ordered.
//
// Vocabulary   The text is "<ms>-<seq>"; kMin is "0-0", which no entry has.
// Threads      None; values.
#pragma once

#include <compare>
#include <cstdint>
#include <limits>
#include <optional>

#include "base/bytes.h"

namespace banyan::values {

struct StreamId {
  std::uint64_t ms = 0;
  std::uint64_t seq = 0;

  auto operator<=>(const StreamId&) const = default;
  bool is_zero() const { return ms == 0 && seq == 0; }

  // The ID behind it, or before it; nullopt when there is none.
  std::optional<StreamId> next() const;
  std::optional<StreamId> previous() const;
};
inline constexpr StreamId kStreamIdMin{};
inline constexpr StreamId kStreamIdMax{std::numeric_limits<std::uint64_t>::max(),
                                       std::numeric_limits<std::uint64_t>::max()};

class StreamIdText {
 public:
  // `separator` is '-' on the wire.
  explicit StreamIdText(StreamId id, char separator = '-');
  Bytes text() const { return {room_, size_}; }

 private:
  char room_[48];
  std::size_t size_;
};

// "<ms>-<seq>", or "<ms>" with `missing_seq` for the sequence. Each part may have spaces, a '+' and
// zeros in front, as clients have always been allowed.
std::optional<StreamId> parse_stream_id(Bytes text, std::uint64_t missing_seq);

// 16 bytes in network order, as RDB stores IDs.
inline constexpr std::size_t kRawStreamIdBytes = 16;
StreamId read_raw_stream_id(const char* from);
void write_raw_stream_id(char* to, StreamId id);

}  // namespace banyan::values
