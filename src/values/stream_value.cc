#include "values/stream_value.h"

#include <algorithm>

namespace banyan::values {
namespace {

// A new block is given as much room as the last one needed, but a huge entry is no precedent.
constexpr std::size_t kBlockBytesExpectedMax = 4096;

}  // namespace

StreamValue StreamValue::copy() const {
  StreamValue result;
  result.size_ = size_;
  result.first_id_ = first_id_;
  result.counters_ = counters_;
  for (auto at = blocks_.begin(); !blocks_.is_end(at); at = blocks_.next(at))
    result.blocks_.append(blocks_.at(at).copy());
  for (const auto& [name, group] : groups_) result.groups_.emplace(name, group.copy());
  return result;
}

Result<StreamValue> StreamValue::load(Blocks blocks, const Counters& counters) {
  StreamValue result;
  result.counters_ = counters;
  for (auto at = blocks.begin(); !blocks.is_end(at);) {
    const std::uint64_t live = blocks.at(at).live();
    result.size_ += live;
    at = live == 0 ? blocks.erase(at) : blocks.next(at);
  }
  result.blocks_ = std::move(blocks);
  result.find_first_id();
  if (!result.blocks_.empty()) {
    StreamEntry last;
    result.blocks_.back().last(last);
    if (last.id > counters.last_id)
      return fail(Errc::corrupt, "stream: an entry is above its last ID");
  }
  if (counters.entries_added < result.size_)
    return fail(Errc::corrupt, "stream: fewer entries were added than there are");
  return result;
}

std::optional<StreamId> StreamValue::next_id(StreamId last, std::uint64_t now_ms) {
  if (now_ms > last.ms) return StreamId{now_ms, 0};
  return last.next();
}

void StreamValue::append(StreamId id, std::span<const Bytes> words, const EncodingLimits& limits) {
  std::size_t text_bytes = 0;
  for (const Bytes word : words) text_bytes += word.size();
  if (!blocks_.empty() && blocks_.back().fits(text_bytes, limits)) [[likely]] {
    blocks_.back().append(id, words);
  } else {
    std::size_t bytes_expected = 0;
    if (!blocks_.empty()) {
      bytes_expected = std::min(blocks_.back().bytes().size() + 256, kBlockBytesExpectedMax);
      blocks_.back().shrink();
    }
    blocks_.append(StreamBlock(id, words, bytes_expected));
  }
  if (++size_ == 1) first_id_ = id;
  ++counters_.entries_added;
  counters_.last_id = id;
}

bool StreamValue::erase_one(StreamId id) {
  const auto at = blocks_.floor(id);
  if (blocks_.is_end(at)) return false;
  StreamBlock& block = blocks_.at(at);
  StreamEntry entry;
  for (bool more = block.first(entry); more && entry.id <= id; more = block.next(entry)) {
    if (entry.id != id) continue;
    if (entry.is_deleted) return false;
    if (block.live() == 1)
      blocks_.erase(at);
    else
      block.erase(entry);
    --size_;
    return true;
  }
  return false;
}

std::uint64_t StreamValue::erase(std::span<const StreamId> ids) {
  std::uint64_t erased = 0;
  for (const StreamId id : ids) {
    if (!erase_one(id)) continue;
    ++erased;
    counters_.max_deleted_id = std::max(counters_.max_deleted_id, id);
  }
  if (erased != 0) find_first_id();
  return erased;
}

std::uint64_t StreamValue::trim(const StreamTrim& trim) {
  using By = StreamTrim::By;
  std::uint64_t dropped = 0;
  while (trim.by != By::nothing && !blocks_.empty()) {
    if (trim.by == By::length && size_ <= trim.length) break;
    const std::uint64_t live = blocks_.front().live();
    if (trim.limit != 0 && dropped + live > trim.limit) break;
    StreamEntry last;
    blocks_.front().last(last);
    const bool whole = trim.by == By::length ? size_ - live >= trim.length : last.id < trim.below;
    if (!whole && trim.approximate) break;
    std::uint64_t gone = live;
    if (!whole) {
      StreamBlock& block = blocks_.at(blocks_.begin());
      gone = trim.by == By::length ? block.erase_front(size_ - trim.length, std::nullopt)
                                   : block.erase_front(live, trim.below);
    }
    size_ -= gone;
    dropped += gone;
    // Only tombstones may be left, behind which there is nothing to drop.
    if (gone == live) blocks_.erase(blocks_.begin());
    if (!whole) break;
  }
  if (dropped != 0) find_first_id();
  return dropped;
}

void StreamValue::find_first_id() {
  StreamReader reader(*this, kStreamIdMin, kStreamIdMax);
  first_id_ = reader.next() ? reader.entry().id : kStreamIdMin;
}

bool StreamValue::contains(StreamId id) const { return StreamReader(*this, id, id).next(); }

StreamId StreamValue::last_live_id() const {
  StreamReader reader(*this, kStreamIdMin, kStreamIdMax, true);
  return reader.next() ? reader.entry().id : kStreamIdMin;
}

StreamId StreamValue::front_id() const {
  StreamEntry entry;
  return !blocks_.empty() && blocks_.front().first(entry) ? entry.id : kStreamIdMax;
}

StreamGroup* StreamValue::find_group(Bytes name) {
  const auto found = groups_.find(name);
  return found == groups_.end() ? nullptr : &found->second;
}

const StreamGroup* StreamValue::find_group(Bytes name) const {
  const auto found = groups_.find(name);
  return found == groups_.end() ? nullptr : &found->second;
}

StreamGroup* StreamValue::create_group(Bytes name, StreamId last, std::int64_t entries_read) {
  const auto [at, created] =
      groups_.try_emplace(std::string(name), StreamGroup(last, entries_read));
  return created ? &at->second : nullptr;
}

bool StreamValue::erase_group(Bytes name) {
  const auto found = groups_.find(name);
  if (found == groups_.end()) return false;
  groups_.erase(found);
  return true;
}

bool StreamValue::may_have_tombstone_from(StreamId id) const {
  const StreamId deleted = counters_.max_deleted_id;
  return size_ != 0 && !deleted.is_zero() && first_id_ <= deleted && id <= deleted;
}

std::int64_t StreamValue::entries_up_to(StreamId id) const {
  const auto added = static_cast<std::int64_t>(entries_added());
  if (added == 0) return 0;
  if (id == last_id() || (size_ == 0 && id < last_id())) return added;
  if (id > last_id()) return StreamGroup::kReadUnknown;
  // With a tombstone behind the first entry, nobody knows how many lie in front of `id`.
  if (!max_deleted_id().is_zero() && max_deleted_id() >= first_id_)
    return StreamGroup::kReadUnknown;
  const auto before_first = static_cast<std::int64_t>(entries_added() - size_);
  if (id < first_id_) return before_first;
  return id == first_id_ ? before_first + 1 : StreamGroup::kReadUnknown;
}

void StreamValue::note_delivery(StreamGroup& group, StreamId id) const {
  if (group.entries_read != StreamGroup::kReadUnknown && !may_have_tombstone_from(id))
    ++group.entries_read;
  else if (entries_added() != 0)
    group.entries_read = entries_up_to(id);
  group.last_id = id;
}

std::optional<std::int64_t> StreamValue::lag(const StreamGroup& group) const {
  if (entries_added() == 0) return 0;
  std::int64_t read = group.entries_read;
  if (read == StreamGroup::kReadUnknown || may_have_tombstone_from(group.last_id))
    read = entries_up_to(group.last_id);
  if (read == StreamGroup::kReadUnknown) return std::nullopt;
  return static_cast<std::int64_t>(entries_added() - static_cast<std::uint64_t>(read));
}

std::size_t StreamValue::memory_bytes(std::size_t samples) const {
  std::size_t blocks = 0;
  std::size_t seen = 0;
  for (auto at = blocks_.begin(); !blocks_.is_end(at) && seen < samples; at = blocks_.next(at)) {
    blocks += blocks_.at(at).memory_bytes();
    ++seen;
  }
  if (seen < blocks_.size()) blocks = estimated_bytes(blocks, seen, blocks_.size());
  std::size_t groups = 0;
  seen = 0;
  for (auto at = groups_.begin(); at != groups_.end() && seen < samples; ++at) {
    groups += sizeof(Groups::value_type) + 32 + at->first.size() + at->second.memory_bytes();
    ++seen;
  }
  if (seen < groups_.size()) groups = estimated_bytes(groups, seen, groups_.size());
  return sizeof *this + blocks_.memory_bytes() + blocks + groups;
}

std::size_t StreamValue::free_effort() const {
  std::size_t effort = 1 + blocks_.size();
  for (const auto& [name, group] : groups_)
    effort += 1 + 2 * group.consumers().size() + group.pending().size() / 64;
  return effort;
}

StreamReader::StreamReader(const StreamValue& stream, StreamId from, StreamId to, bool reverse)
    : blocks_(stream.blocks()), from_(from), to_(to), reverse_(reverse) {
  at_ = blocks_.floor(reverse ? to : from);
  if (!reverse && blocks_.is_end(at_)) at_ = blocks_.begin();
}

// To the next entry or tombstone.
bool StreamReader::step() {
  while (!blocks_.is_end(at_)) {
    const StreamBlock& block = blocks_.at(at_);
    bool found = false;
    if (in_block_)
      found = reverse_ ? block.previous(entry_) : block.next(entry_);
    else
      found = reverse_ ? block.last(entry_) : block.first(entry_);
    in_block_ = found;
    if (found) return true;
    at_ = reverse_ ? blocks_.previous(at_) : blocks_.next(at_);
  }
  return false;
}

bool StreamReader::next() {
  while (step()) {
    const StreamId id = entry_.id;
    if (reverse_ ? id < from_ : id > to_) return false;
    const bool is_inside = reverse_ ? id <= to_ : id >= from_;
    if (is_inside && !entry_.is_deleted) return true;
  }
  return false;
}

}  // namespace banyan::values
