// ValueProgress: how far the writing of a value has come, so that a big one can be written in
// pieces.
//
// Vocabulary   A *piece* is what one call writes. *Work* is about what it costs: the bytes of the
//              elements, and kElementWork for each.
//              An *element* is what is written as one: a string, whether it is a value, a member or
//              a node of a list; a bucket of a packed table; a value in a compact encoding.
// Invariants   The pieces of a value, one behind the other, are what a single one would be, cut
//              wherever, if the value does not change from the first to the last. What it reads for
//              others may move meanwhile: elements are found by their number.
//              A piece that has some work to do writes at least one element, and ends with the one
//              that takes the last of it. What is one element is never cut, however large.
// Threads      None.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <limits>

#include "values/stream_value.h"

namespace banyan::persist {

struct ValueProgress {
  static constexpr std::size_t kAllWork = std::numeric_limits<std::size_t>::max();
  static constexpr std::size_t kElementWork = 32;

  std::size_t work = kAllWork;  // left for this piece
  std::uint64_t next = 0;       // the number of the next element, as the type counts

  // Streams have several rows of elements, one behind the other.
  enum class Row : std::uint8_t { begin, blocks, group, pending, consumer, consumer_pending };
  Row row = Row::begin;
  values::StreamValue::Groups::const_iterator group = {};
  values::StreamGroup::Consumers::const_iterator consumer = {};

  void spend(std::size_t bytes) { work -= std::min(work, bytes + kElementWork); }
  bool is_piece_over() const { return work == 0; }
};

}  // namespace banyan::persist
