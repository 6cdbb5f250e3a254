// Where does an RDB item end? Shapes say what follows its first byte, and a scanner walks them.
//
// Vocabulary   A *shape* is a text of steps, taken left to right:
//                s      a string                       l      a length
//                d      a double as text               1 4 8  that many bytes
//                i      16 bytes (a stream id)         m      what a module wrote, with its end
//                (...)  a length n, then the steps inside, n times
// Invariants   Every round of a (...) takes at least one byte, so a claimed count costs nothing
// until
//              its bytes are there. A scan takes up where the last one had to stop: a long item
//              that comes in pieces is walked once.
// Threads      None.
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <string_view>

#include "base/bytes.h"
#include "base/result.h"
#include "persist/rdb_format.h"
#include "persist/rdb_reader.h"

namespace banyan::persist {

// "hash (ziplist)" for error texts; empty for what is no type.
std::string_view type_name(RdbType type);

// The steps of a payload of `type`. corrupt for bytes that are no type, and for the types of
// pre-releases, whose layout nobody promises.
Result<std::string_view> payload_shape(RdbType type);

// What a loader says of a type that it cannot store: "type 4 (hash) not supported yet by this
// build".
Error unsupported(RdbType type);

class ShapeScanner {
 public:
  // Steps of `head`, then those of `tail`; both must outlive the scan. The first `position` bytes
  // are taken for read.
  void start(std::size_t position, std::string_view head, std::string_view tail = {});

  // The size of the item at the start of `bytes`. need_more when it is not all there: call again
  // with the same bytes and more behind them. `offset` is that of `bytes` in the file.
  Result<std::size_t> scan(Bytes bytes, std::uint64_t offset);
  // After need_more: the least size of `bytes` that can bring the scan any further.
  std::size_t needed() const { return needed_; }

 private:
  struct Round {
    std::size_t first_step = 0;
    std::uint64_t left = 0;
  };
  static constexpr std::size_t kDepthMax = 3;

  Result<> step(RdbReader& reader);
  Result<> open_round(RdbReader& reader);
  void close_round();
  Result<> module_pair(RdbReader& reader);

  std::string_view steps_, tail_;
  std::size_t at_ = 0;  // in steps_
  std::array<Round, kDepthMax> rounds_{};
  std::size_t depth_ = 0;
  std::size_t position_ = 0;  // in bytes
  std::size_t needed_ = 0;
};

}  // namespace banyan::persist
