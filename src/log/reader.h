// Reader: a position in the log, and the bytes from there without copying them.
//
//   Bytes pieces[64];
//   const std::size_t n = reader->read(pieces, 256 * 1024);   // hand them to write_pieces()
//   reader->advance(written);
//
// Invariants   What the reader has not passed yet stays in memory, however far behind it is. To
// bound
//              that is the owner's business: look at lag_bytes(), close the reader.
//              When the log moves to another history the reader is *cut off*: it reads nothing
//              more, for ever; close it and let its peer synchronise anew. Views it gave out stay
//              valid.
// Threads      Each reader belongs to one thread at a time; appenders run on others. The log must
//              outlive its readers.
#pragma once

#include <memory>
#include <span>

#include "log/log.h"

namespace banyan::log {

class Reader {
 public:
  // nullptr when `from` is not in the log's window (next included), or the log is inactive.
  static std::unique_ptr<Reader> open(Log& log, Offset from);
  ~Reader();
  Reader(const Reader&) = delete;
  Reader& operator=(const Reader&) = delete;

  // Fills `pieces` with views of the bytes that follow position(), at most `max_bytes` in all, and
  // returns how many pieces. 0: nothing to read now. Does not move. Valid until advance().
  std::size_t read(std::span<Bytes> pieces, std::size_t max_bytes);
  // Requires: bytes <= what the last read() showed.
  void advance(std::size_t bytes);

  Offset position() const { return position_; }
  std::int64_t lag_bytes() const { return readable_end() - position_; }
  bool is_cut_off() const;

 private:
  Reader(Log& log, Offset from, Block* block);
  Offset readable_end() const;
  void move_block(Offset published);

  Log& log_;
  const std::uint64_t generation_;
  Block* block_;  // pinned; holds the byte after position_, or ends at it
  Offset position_;
  Offset shown_;  // the end of what read() gave out
};

}  // namespace banyan::log
