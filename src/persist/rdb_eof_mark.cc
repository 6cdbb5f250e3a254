#include "persist/rdb_eof_mark.h"

#include <algorithm>

#include "base/check.h"

namespace banyan::persist {
namespace {

// Much faster than string_view::find, which stops at every occurrence of the first byte.
std::size_t find(Bytes text, Bytes what) {
  const void* at = memmem(text.data(), text.size(), what.data(), what.size());
  if (at == nullptr) return Bytes::npos;
  return static_cast<std::size_t>(static_cast<const char*>(at) - text.data());
}

}  // namespace

EofMark::EofMark(Bytes mark) {
  CHECK(mark.size() == kMarkBytes);
  std::copy(mark.begin(), mark.end(), mark_.begin());
}

EofMark::Output EofMark::feed(Bytes piece) {
  // Everything that a mark begun in an earlier piece can touch: the held bytes and what may end it.
  std::array<char, 2 * kMarkBytes> around{};
  const std::size_t look = std::min(piece.size(), kMarkBytes - 1);
  char* const middle = std::copy_n(mark_.begin(), held_bytes_, around.begin());
  std::copy_n(piece.begin(), look, middle);
  const Bytes joint(around.data(), held_bytes_ + look);

  if (const std::size_t at = find(joint, mark()); at != Bytes::npos) return found_at(at, piece);
  if (const std::size_t at = find(piece, mark()); at != Bytes::npos)
    return found_at(held_bytes_ + at, piece);

  const std::size_t keep = longest_start_at_end_of(look < piece.size() ? piece : joint);
  const std::size_t passed = held_bytes_ + piece.size() - keep;
  const std::size_t passed_held = std::min(passed, held_bytes_);
  held_bytes_ = keep;
  return {.held = mark().substr(0, passed_held),
          .fresh = piece.substr(0, passed - passed_held),
          .taken = piece.size()};
}

// `position` counts from the first held byte.
EofMark::Output EofMark::found_at(std::size_t position, Bytes piece) const {
  const std::size_t passed_held = std::min(position, held_bytes_);
  return {.held = mark().substr(0, passed_held),
          .fresh = piece.substr(0, position - passed_held),
          .taken = position + kMarkBytes - held_bytes_,
          .is_end = true};
}

std::size_t EofMark::longest_start_at_end_of(Bytes text) const {
  for (std::size_t size = std::min(text.size(), kMarkBytes - 1); size > 0; --size)
    if (text.ends_with(mark().substr(0, size))) return size;
  return 0;
}

}  // namespace banyan::persist
