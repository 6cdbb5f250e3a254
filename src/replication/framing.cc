#include "replication/framing.h"

#include <algorithm>

#include "base/check.h"

namespace banyan::replication {

LineReader::Outcome LineReader::next(Bytes& input) {
  if (complete_) reset();
  complete_ = false;
  const std::size_t end = input.find('\n');
  const Bytes part = input.substr(0, end);
  if (line_.size() + part.size() > kLineMax) return Outcome::too_long;
  line_ += part;
  if (end == Bytes::npos) {
    input = {};
    return Outcome::need_more;
  }
  input.remove_prefix(end + 1);
  if (line_.ends_with('\r')) line_.pop_back();
  complete_ = true;
  return Outcome::line;
}

void LineReader::reset() {
  line_.clear();
  complete_ = false;
}

PayloadReader::PayloadReader(const std::array<char, kReplidSize>& mark) : mark_(mark) {
  std::uint8_t length = 0;
  for (std::size_t i = 1; i < kReplidSize; ++i) {
    while (length > 0 && mark_[length] != mark_[i]) length = fallback_[length - 1U];
    if (mark_[length] == mark_[i]) ++length;
    fallback_[i] = length;
  }
}

PayloadReader::Piece PayloadReader::next(Bytes& input) {
  if (!left_) return next_until_mark(input);
  const auto size = static_cast<std::size_t>(
      std::min<std::uint64_t>(input.size(), static_cast<std::uint64_t>(*left_)));
  Piece piece{.held = {}, .fresh = input.substr(0, size), .done = false};
  input.remove_prefix(size);
  *left_ -= static_cast<std::int64_t>(size);
  piece.done = *left_ == 0;
  return piece;
}

PayloadReader::Piece PayloadReader::next_until_mark(Bytes& input) {
  CHECK(matched_ < kReplidSize);  // else the payload was complete already
  const std::size_t held = matched_;
  std::size_t i = 0;
  while (i < input.size() && matched_ < kReplidSize) {
    if (matched_ == 0) {
      i = std::min(input.find(mark_[0], i), input.size());
      if (i == input.size()) break;
    }
    while (matched_ > 0 && mark_[matched_] != input[i]) matched_ = fallback_[matched_ - 1];
    if (mark_[matched_] == input[i]) ++matched_;
    ++i;
  }
  const std::size_t certain = held + i - matched_;  // bytes that cannot be part of the mark
  Piece piece{.held = Bytes(mark_.data(), std::min(certain, held)),
              .fresh = input.substr(0, certain > held ? certain - held : 0),
              .done = matched_ == kReplidSize};
  input.remove_prefix(i);
  return piece;
}

}  // namespace banyan::replication
