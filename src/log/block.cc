#include "log/block.h"

#include <algorithm>
#include <utility>

#include "base/check.h"

namespace banyan::log {

namespace {
// Enough that readers which come and go within a megabyte of each other cost no allocation.
constexpr std::size_t kMaxSpareBlocks = 16;
}  // namespace

BlockChain::~BlockChain() {
  clear();
  CHECK(in_use_ == 0);
  destroy(take_garbage());
  destroy(spare_);
}

std::size_t BlockChain::find(Offset at) const {
  const auto distance = static_cast<std::size_t>(at - front()->base);
  return std::min(distance / kBlockBytes, count_ - 1);
}

void BlockChain::start(Offset base) {
  CHECK(count_ == 0);
  push(take(base));
}

void BlockChain::grow() {
  Block* last = back_;
  push(take(last->end()));
  last->next = back_;
}

void BlockChain::shrink(Offset at) {
  while (count_ > 1 && back_->base > at) {
    Block* dropped = back_;
    --count_;
    back_ = this->at(count_ - 1);
    back_->next = nullptr;
    release(dropped);
  }
}

void BlockChain::clear() {
  if (count_ == 0) return;
  Block* first = front();
  count_ = 0;
  back_ = nullptr;
  release(first);
}

void BlockChain::drop_front() {
  CHECK(can_drop_front());
  Block* dropped = front();
  first_ = (first_ + 1) & (ring_.size() - 1);
  --count_;
  pin(front());  // the window's own, now that it is the first
  release(dropped);
}

void BlockChain::destroy(Block* garbage) {
  while (garbage) delete std::exchange(garbage, garbage->next);
}

Block* BlockChain::take(Offset base) {
  Block* block = spare_;
  if (block) {
    spare_ = block->next;
    --spare_count_;
  } else {
    block = new Block;
  }
  block->base = base;
  block->next = nullptr;
  block->owners = 1;
  ++in_use_;
  return block;
}

void BlockChain::push(Block* block) {
  if (count_ == ring_.size()) {
    std::vector<Block*> larger(ring_.size() * 2);
    for (std::size_t i = 0; i < count_; ++i) larger[i] = at(i);
    ring_ = std::move(larger);
    first_ = 0;
  }
  ring_[(first_ + count_) & (ring_.size() - 1)] = block;
  ++count_;
  back_ = block;
}

// A block that goes takes its link to the next one with it: a loop, since a slow reader's departure
// may free thousands.
void BlockChain::release(Block* block) {
  while (block && --block->owners == 0) {
    Block* next = block->next;
    recycle(block);
    block = next;
  }
}

void BlockChain::recycle(Block* block) {
  --in_use_;
  block->marks.clear();
  if (spare_count_ < kMaxSpareBlocks) {
    block->next = std::exchange(spare_, block);
    ++spare_count_;
    return;
  }
  mark_bytes_ -= block->marks.memory_bytes();
  block->next = std::exchange(garbage_, block);
}

}  // namespace banyan::log
