// BlockChain: the memory of the log: equal blocks in a row, each kept while somebody needs it.
//
// Vocabulary   The *window* is the row of blocks the log itself holds. A block's *owners* are: the
//              window, for its first block only; the block before it; every reader pinned to it. So
//              one pin keeps a block and all that follow, also after the window was cleared: a
//              reader on another thread may be in the middle of sending them.
// Invariants   Every block of the window but the last is full: data is split over blocks, never
//              fitted, so that the block of an offset is found by division.
//              drop_front() of a pinned block never happens: can_drop_front().
// Threads      Guarded by the log's lock; but a reader may follow `next` and read `data` of blocks
// it
//              keeps alive, up to the offset the log has published (see reader.h).
// Memory       Blocks that nobody needs go to a small pool. What the pool will not take is
// collected
//              and freed by the caller after unlocking: freeing may cost a system call.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "log/marks.h"
#include "log/offset.h"

namespace banyan::log {

// With its header a block takes 64 KiB, a size class of the allocator.
inline constexpr std::size_t kBlockBytes = 64 * 1024 - 128;

struct Block {
  Offset base;  // of data[0]
  Block* next = nullptr;
  std::uint32_t owners = 0;
  Marks marks;
  char data[kBlockBytes];  // not initialised

  Offset end() const { return base + kBlockBytes; }
};
static_assert(sizeof(Block) <= 64 * 1024);
static_assert(kBlockBytes <= 0x10000, "a mark's start has 16 bits");

class BlockChain {
 public:
  BlockChain() = default;
  ~BlockChain();  // requires: nothing pinned
  BlockChain(const BlockChain&) = delete;
  BlockChain& operator=(const BlockChain&) = delete;

  std::size_t size() const { return count_; }
  Block* at(std::size_t index) const { return ring_[(first_ + index) & (ring_.size() - 1)]; }
  Block* front() const { return at(0); }
  Block* back() const { return back_; }
  // The index of the block that holds the byte after `at`; the last one when that is its end.
  // Requires: front()->base <= at <= back()->end().
  std::size_t find(Offset at) const;

  void start(Offset base);  // requires: empty; makes one block
  void grow();              // one block more, empty
  void shrink(Offset at);   // drops the blocks that start after `at`
  void clear();             // the window is empty; pinned blocks live on
  bool can_drop_front() const { return count_ > 1 && front()->owners == 1; }
  void drop_front();

  void pin(Block* block) { ++block->owners; }
  void unpin(Block* block) { release(block); }

  void mark(Block* block, std::uint16_t start, const EntryInfo& info) {
    mark_bytes_ += block->marks.add(start, info);
  }

  std::size_t bytes_in_use() const { return in_use_ * sizeof(Block) + mark_bytes_; }
  std::size_t spare_bytes() const { return spare_count_ * sizeof(Block); }

  // Unlinks what waits to be freed; hand it to destroy() after unlocking.
  Block* take_garbage() {
    Block* garbage = garbage_;
    garbage_ = nullptr;
    return garbage;
  }
  static void destroy(Block* garbage);

 private:
  Block* take(Offset base);
  void push(Block* block);
  void release(Block* block);
  void recycle(Block* block);

  std::vector<Block*> ring_ = std::vector<Block*>(16);  // size: a power of two
  std::size_t first_ = 0;
  std::size_t count_ = 0;
  Block* back_ = nullptr;
  Block* spare_ = nullptr;
  Block* garbage_ = nullptr;
  std::size_t spare_count_ = 0;
  std::size_t in_use_ = 0;
  std::size_t mark_bytes_ = 0;
};

}  // namespace banyan::log
