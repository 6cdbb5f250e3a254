#include "resp/output.h"

#include <algorithm>

#include "base/check.h"

namespace banyan::resp {
namespace {

// Chunks double from kChunkMin to kChunkMax, so that small talk costs little and a large reply
// few allocations; what a batch leaves behind is kept if it is at most kChunkKept.
constexpr std::size_t kChunkMin = 1024;
constexpr std::size_t kChunkMax = 64 * 1024;
constexpr std::size_t kChunkKept = 16 * 1024;
constexpr std::size_t kSealedKept = 16;
// A body behind a gap is moved to close it when it is at most this long: cheaper than one more
// piece for writev().
constexpr std::size_t kMoveMax = 1024;

}  // namespace

void Output::append_split(Bytes bytes) {
  if (const std::size_t fits = room(); fits != 0) {
    std::memcpy(write_, bytes.data(), fits);
    write_ += fits;
    bytes.remove_prefix(fits);
  }
  add_chunk(bytes.size());
  std::memcpy(write_, bytes.data(), bytes.size());
  write_ += bytes.size();
}

void Output::add_chunk(std::size_t size_min) {
  const std::size_t now = static_cast<std::size_t>(limit_ - chunk_);
  const std::size_t usual = std::clamp(now * 2, kChunkMin, kChunkMax);
  if (chunk_ != nullptr) seal(chunk_);
  const std::size_t size = std::max(usual, size_min);
  chunk_ = new char[size];
  begin_ = write_ = chunk_;
  limit_ = chunk_ + size;
  chunk_bytes_ += size;
}

// The last segment becomes a sealed one; `chunk` is what it shall own. The caller sets a new last.
void Output::seal(char* chunk) {
  sealed_.push_back({begin_, write_, limit_, chunk});
  sealed_bytes_ += last_size();
}

void Output::free_chunk(char* chunk, const char* limit) {
  if (chunk == nullptr) return;
  chunk_bytes_ -= static_cast<std::size_t>(limit - chunk);
  delete[] chunk;
}

std::size_t Output::pieces(std::span<Bytes> pieces) const {
  std::size_t count = 0;
  for (std::size_t i = sealed_first_; i < sealed_.size() && count < pieces.size(); ++i) {
    const Segment& segment = sealed_[i];
    if (segment.begin != segment.end) pieces[count++] = Bytes(segment.begin, segment.end);
  }
  if (count < pieces.size() && begin_ != write_) pieces[count++] = Bytes(begin_, write_);
  return count;
}

std::string Output::text() const {
  std::string all;
  all.reserve(size());
  for (std::size_t i = sealed_first_; i < sealed_.size(); ++i)
    all.append(sealed_[i].begin, sealed_[i].end);
  return all.append(begin_, write_);
}

void Output::consume(std::size_t size) {
  CHECK(size <= this->size());
  if (!sealed_.empty()) drop_sealed(size);
  begin_ += size;
  if (begin_ != write_ || !sealed_.empty()) return;
  if (static_cast<std::size_t>(limit_ - chunk_) > kChunkKept) return release();
  begin_ = write_ = chunk_;
}

// Takes what it can of `size` from the sealed segments and subtracts it.
void Output::drop_sealed(std::size_t& size) {
  for (; sealed_first_ < sealed_.size(); ++sealed_first_) {
    Segment& segment = sealed_[sealed_first_];
    const auto here = static_cast<std::size_t>(segment.end - segment.begin);
    const std::size_t taken = std::min(size, here);
    segment.begin += taken;
    size -= taken;
    sealed_bytes_ -= taken;
    if (taken < here) return forget_sent_segments();
    free_chunk(segment.chunk, segment.limit);
  }
  sealed_.clear();
  if (sealed_.capacity() > kSealedKept) sealed_.shrink_to_fit();
  sealed_first_ = 0;
}

// A connection that always has something left to send must not keep a list of all it ever sent.
void Output::forget_sent_segments() {
  if (sealed_first_ < kSealedKept || sealed_first_ < sealed_.size() / 2) return;
  sealed_.erase(sealed_.begin(), sealed_.begin() + static_cast<std::ptrdiff_t>(sealed_first_));
  sealed_first_ = 0;
}

void Output::release() {
  for (; sealed_first_ < sealed_.size(); ++sealed_first_)
    free_chunk(sealed_[sealed_first_].chunk, sealed_[sealed_first_].limit);
  free_chunk(chunk_, limit_);
  begin_ = write_ = limit_ = chunk_ = nullptr;
  std::vector<Segment>().swap(sealed_);  // an assignment would keep the capacity
  sealed_first_ = sealed_bytes_ = 0;
}

void Output::rollback(Mark mark) {
  CHECK(mark.sealed <= sealed_.size() && mark.sealed >= sealed_first_);
  while (sealed_.size() > mark.sealed) {
    const Segment& segment = sealed_.back();
    if (segment.chunk != nullptr) {
      free_chunk(chunk_, limit_);
      chunk_ = segment.chunk;
    }
    begin_ = segment.begin;
    limit_ = segment.limit;
    write_ = segment.end;
    sealed_bytes_ -= last_size();
    sealed_.pop_back();
  }
  // A mark from before the first chunk.
  write_ = mark.write != nullptr ? mark.write : begin_;
}

Output::Gap Output::begin_gap() {
  reserve(kGapMax);
  seal(nullptr);
  begin_ = write_ = write_ + kGapMax;
  return {sealed_.size()};
}

void Output::fill_gap(Gap gap, Bytes header) {
  CHECK(header.size() <= kGapMax && gap.segment > sealed_first_ && gap.segment <= sealed_.size());
  const bool is_last = gap.segment == sealed_.size();
  char*& begin = is_last ? begin_ : sealed_[gap.segment].begin;
  begin -= header.size();
  std::memcpy(begin, header.data(), header.size());
  if (!is_last) {
    sealed_bytes_ += header.size();
    return;
  }
  if (last_size() > kMoveMax) return;
  const Segment before = sealed_.back();
  const std::size_t size = last_size();
  std::memmove(before.end, begin_, size);
  begin_ = before.begin;
  write_ = before.end + size;
  sealed_bytes_ -= static_cast<std::size_t>(before.end - before.begin);
  sealed_.pop_back();
}

}  // namespace banyan::resp
