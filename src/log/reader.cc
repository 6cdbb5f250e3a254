#include "log/reader.h"

#include <algorithm>

#include "base/check.h"

namespace banyan::log {

std::unique_ptr<Reader> Reader::open(Log& log, Offset from) {
  Log::Locked lock(log);
  const Window window = log.window_locked();
  if (!window.active || from < window.first || from > window.next) return nullptr;
  Block* block = log.chain_.at(log.chain_.find(from));
  return std::unique_ptr<Reader>(new Reader(log, from, block));
}

Reader::Reader(Log& log, Offset from, Block* block)
    : log_(log),
      generation_(log.generation_.load(std::memory_order_relaxed)),
      block_(block),
      position_(from),
      shown_(from) {
  log_.chain_.pin(block_);
  ++log_.readers_;
}

Reader::~Reader() {
  Log::Locked lock(log_);
  log_.chain_.unpin(block_);
  --log_.readers_;
  log_.trim_locked(Log::kTrimBlocksPerCall);
}

bool Reader::is_cut_off() const {
  return log_.generation_.load(std::memory_order_acquire) != generation_;
}

// The order matters. An offset of a newer history was published after the generation was raised, so
// loading the offset first and the generation second cannot take a foreign offset for ours.
Offset Reader::readable_end() const {
  const Offset end = log_.next();
  return is_cut_off() ? position_ : end;
}

std::size_t Reader::read(std::span<Bytes> pieces, std::size_t max_bytes) {
  const auto lag = static_cast<std::uint64_t>(lag_bytes());
  const Offset end = position_ + static_cast<std::int64_t>(std::min<std::uint64_t>(lag, max_bytes));
  move_block(end);

  std::size_t count = 0;
  Offset at = position_;
  for (const Block* block = block_; at < end && count < pieces.size(); block = block->next) {
    const Offset stop = std::min(end, block->end());
    pieces[count++] = {block->data + (at - block->base), static_cast<std::size_t>(stop - at)};
    at = stop;
    if (at == end) break;  // the next link may not be published yet
  }
  shown_ = at;
  return count;
}

void Reader::advance(std::size_t bytes) {
  CHECK(bytes <= static_cast<std::size_t>(shown_ - position_));
  position_ += static_cast<std::int64_t>(bytes);
  move_block(shown_);
}

// A block's link is ours to follow once something beyond the block was published.
void Reader::move_block(Offset published) {
  Block* block = block_;
  while (position_ >= block->end() && published > block->end()) block = block->next;
  if (block == block_) return;
  Log::Locked lock(log_);
  log_.chain_.pin(block);
  log_.chain_.unpin(block_);
  block_ = block;
  log_.trim_locked(Log::kTrimBlocksPerCall);
}

}  // namespace banyan::log
