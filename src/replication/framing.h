// Cutting the bytes of a link into what the replica expects next: reply lines during the
// handshake, then one snapshot payload. What follows is the command stream, which is not ours.
//
// Vocabulary   A *payload* ends after a known length, or with a *mark*: 40 bytes that the primary
//              chose at random and announced.
// Invariants   A reader takes exactly its own bytes from the front of `input` and leaves the rest.
//              How the network cuts the bytes does not change what comes out.
// Threads      None.
// Failure      A line longer than kLineMax is reported, never stored further.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>

#include "base/bytes.h"
#include "replication/types.h"

namespace banyan::replication {

class LineReader {
 public:
  static constexpr std::size_t kLineMax = 1024;
  enum class Outcome : std::uint8_t { line, need_more, too_long };

  // On `line`, line() is the text without its "\n" or "\r\n", valid until the next call.
  Outcome next(Bytes& input);
  const std::string& line() const { return line_; }
  // Forgets a half-received line: for a new link.
  void reset();

 private:
  std::string line_;
  bool complete_ = true;
};

class PayloadReader {
 public:
  // Requires: length >= 0.
  explicit PayloadReader(std::int64_t length) : left_(length) {}
  explicit PayloadReader(const std::array<char, kReplidSize>& mark);

  // The payload's next bytes: first `held`, which an earlier input brought and which turned out not
  // to be the mark, then `fresh`, a part of `input`. Valid while the reader and the input are.
  // `done`: the payload is complete; input now starts with what follows it.
  struct Piece {
    Bytes held, fresh;
    bool done = false;
  };
  Piece next(Bytes& input);

 private:
  Piece next_until_mark(Bytes& input);

  std::optional<std::int64_t> left_;  // nullopt: a mark ends the payload
  std::array<char, kReplidSize> mark_{};
  // Knuth-Morris-Pratt: the bytes not yet given out are always mark_[0 .. matched_).
  std::array<std::uint8_t, kReplidSize> fallback_{};
  std::size_t matched_ = 0;
};

}  // namespace banyan::replication
