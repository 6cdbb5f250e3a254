// EofMark: finds the end of a snapshot that comes from a primary as "$EOF:<40 bytes>", payload, and
// the same 40 bytes again, delivered in pieces cut anywhere.
//
// Invariants   What is passed on, put together, is the payload: nothing of the mark, nothing twice.
//              The outcome does not depend on how the bytes were cut. Bytes are held back only as
//              long as they may be the start of the mark, so never more than 39 of them; since
//              they are equal to the mark's, nothing is ever copied.
// Threads      None.
// Failure      None.
#pragma once

#include <array>

#include "base/bytes.h"

namespace banyan::persist {

class EofMark {
 public:
  static constexpr std::size_t kMarkBytes = 40;

  // What feed() found out. The payload is `held`, then `fresh`.
  struct Output {
    Bytes held;             // from earlier pieces; valid as long as this EofMark
    Bytes fresh;            // a view of this piece
    std::size_t taken = 0;  // bytes of this piece up to the end of the mark
    bool is_end = false;    // the mark is complete
  };

  // `mark` has kMarkBytes bytes.
  explicit EofMark(Bytes mark);

  // Not to be called after the end.
  Output feed(Bytes piece);

 private:
  Bytes mark() const { return {mark_.data(), mark_.size()}; }
  std::size_t longest_start_at_end_of(Bytes text) const;
  Output found_at(std::size_t position, Bytes piece) const;

  std::array<char, kMarkBytes> mark_{};
  std::size_t held_bytes_ = 0;  // the last bytes fed are the first bytes of the mark
};

}  // namespace banyan::persist
