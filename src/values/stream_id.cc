#include "values/stream_id.h"

#include <charconv>

namespace banyan::values {
namespace {

constexpr std::uint64_t kMax = std::numeric_limits<std::uint64_t>::max();

// As strtoull() reads it, but for what is negative.
std::optional<std::uint64_t> parse_part(Bytes text) {
  if (const std::size_t digits = text.find_first_not_of(" \t\n\v\f\r"); digits != Bytes::npos)
    text.remove_prefix(digits);
  if (text.starts_with('+')) text.remove_prefix(1);
  std::uint64_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc{} || end != text.data() + text.size()) return std::nullopt;
  return value;
}

}  // namespace

std::optional<StreamId> StreamId::next() const {
  if (seq != kMax) return StreamId{ms, seq + 1};
  if (ms != kMax) return StreamId{ms + 1, 0};
  return std::nullopt;
}

std::optional<StreamId> StreamId::previous() const {
  if (seq != 0) return StreamId{ms, seq - 1};
  if (ms != 0) return StreamId{ms - 1, kMax};
  return std::nullopt;
}

StreamIdText::StreamIdText(StreamId id, char separator) {
  char* const limit = room_ + sizeof room_;
  char* end = std::to_chars(room_, limit, id.ms).ptr;
  *end++ = separator;
  end = std::to_chars(end, limit, id.seq).ptr;
  size_ = static_cast<std::size_t>(end - room_);
}

std::optional<StreamId> parse_stream_id(Bytes text, std::uint64_t missing_seq) {
  const std::size_t dash = text.find('-');
  const auto ms = parse_part(text.substr(0, dash));
  if (!ms) return std::nullopt;
  if (dash == Bytes::npos) return StreamId{*ms, missing_seq};
  const auto seq = parse_part(text.substr(dash + 1));
  if (!seq) return std::nullopt;
  return StreamId{*ms, *seq};
}

StreamId read_raw_stream_id(const char* from) {
  return {std::byteswap(load<std::uint64_t>(from)), std::byteswap(load<std::uint64_t>(from + 8))};
}

void write_raw_stream_id(char* to, StreamId id) {
  store_to(to, std::byteswap(id.ms));
  store_to(to + 8, std::byteswap(id.seq));
}

}  // namespace banyan::values
