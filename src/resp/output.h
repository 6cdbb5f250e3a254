// Output: the bytes a connection still has to send.
//
// Vocabulary   A chunk is one allocation. A segment is a run of bytes inside a chunk; the last
//              segment is the one being written, those before it are sealed. A chunk usually holds
//              one segment; a gap (see begin_gap) splits it. A chunk belongs to its last segment.
// Invariants   What was appended is never copied again, but for small bodies behind a gap.
//              A new Output, and one after release(), holds no memory besides itself.
// Threads      None. One per connection.
// Failure      None but the end of memory.
//
// consume() must not come between mark() and rollback(), nor between begin_gap() and fill_gap().
#pragma once

#include <cstddef>
#include <cstring>
#include <span>
#include <vector>

#include "base/bytes.h"

namespace banyan::resp {

class Output {
 public:
  Output() = default;
  ~Output() { release(); }
  Output(const Output&) = delete;
  Output& operator=(const Output&) = delete;

  bool empty() const { return size() == 0; }
  std::size_t size() const { return sealed_bytes_ + last_size(); }
  // What it holds of the allocator's memory, for output buffer limits and INFO.
  std::size_t memory_bytes() const { return chunk_bytes_ + sealed_.capacity() * sizeof(Segment); }

  void append(Bytes bytes) {
    if (bytes.size() <= room()) [[likely]] {
      if (!bytes.empty()) std::memcpy(write_, bytes.data(), bytes.size());
      write_ += bytes.size();
    } else {
      append_split(bytes);
    }
  }
  // Room for `size` bytes in one piece, to be written directly; then commit(end of what was
  // written). Wastes the rest of a chunk, so it is meant for short things.
  char* reserve(std::size_t size) {
    if (size > room()) [[unlikely]]
      add_chunk(size);
    return write_;
  }
  void commit(char* end) { write_ = end; }

  // Fills `pieces` with the next bytes to send, in order; returns how many it filled. They are
  // valid until the next call that is not const.
  std::size_t pieces(std::span<Bytes> pieces) const;
  std::string text() const;  // all of it, copied: for tests and small outputs

  // Drops the first `size` bytes: they were sent. Requires: size <= this->size(). When nothing is
  // left, keeps the last chunk for the next batch if it is small, and frees it otherwise.
  void consume(std::size_t size);
  // Drops everything and frees all memory. An idle connection that is empty() calls it too.
  void release();

  // A place to come back to: rollback() drops all that was appended since mark(). Costs O(1) per
  // chunk dropped; memory stays for what comes next only in the chunk of the mark.
  struct Mark {
    std::size_t sealed = 0;
    char* write = nullptr;
  };
  Mark mark() const { return {sealed_.size(), write_}; }
  void rollback(Mark mark);

  // A gap is room for a header of at most kGapMax bytes that is known only when what follows it is
  // written. Gaps nest; each is filled exactly once or rolled back, inner ones first.
  static constexpr std::size_t kGapMax = 24;
  struct Gap {
    std::size_t segment = 0;  // the one that begins behind the gap
  };
  Gap begin_gap();
  void fill_gap(Gap gap, Bytes header);

 private:
  struct Segment {
    char* begin;
    char* end;
    char* limit;  // end of the chunk
    char* chunk;  // to be freed after this segment; null: the next segment is in the same chunk
  };

  std::size_t room() const { return static_cast<std::size_t>(limit_ - write_); }
  std::size_t last_size() const { return static_cast<std::size_t>(write_ - begin_); }
  void append_split(Bytes bytes);
  void add_chunk(std::size_t size_min);
  void seal(char* chunk);
  void free_chunk(char* chunk, const char* limit);
  void drop_sealed(std::size_t& size);
  void forget_sent_segments();

  // The last segment. All null while there is no chunk.
  char* begin_ = nullptr;
  char* write_ = nullptr;
  char* limit_ = nullptr;
  char* chunk_ = nullptr;
  std::vector<Segment> sealed_;  // those before sealed_first_ are sent and freed
  std::size_t sealed_first_ = 0;
  std::size_t sealed_bytes_ = 0;
  std::size_t chunk_bytes_ = 0;
};

}  // namespace banyan::resp
