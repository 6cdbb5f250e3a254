#include "values/stream_block.h"

#include <algorithm>
#include <cstdlib>
#include <utility>

#include "base/check.h"
#include "encodings/allocation_class.h"

namespace banyan::values {

using encodings::allocation_class;
using encodings::ListpackValue;

namespace {

namespace entry_bytes = encodings::listpack_entry;

constexpr std::uint16_t kUnknownCount = 65535;
constexpr std::uint8_t kDeleted = 1;
constexpr std::uint8_t kSameFields = 2;
// Integers and the length of a text take at most this, with the back length.
constexpr std::size_t kElementOverheadMax = 16;

std::int64_t read_integer(const char*& at) {
  ListpackValue value;
  at = entry_bytes::read(at, value);
  return value.integer;
}
char* write_integer(char* to, std::uint64_t value) {
  if (value < 128) {
    to[0] = static_cast<char>(value);
    to[1] = 1;
    return to + 2;
  }
  return entry_bytes::write(to, ListpackValue::of_integer(static_cast<std::int64_t>(value)));
}
char* write_text(char* to, Bytes text) { return entry_bytes::write(to, ListpackValue::of(text)); }

std::size_t room_for(std::span<const Bytes> words) {
  std::size_t bytes = 8 * kElementOverheadMax;
  for (const Bytes word : words) bytes += word.size() + kElementOverheadMax;
  return bytes;
}

}  // namespace

StreamEntry::Pair StreamEntry::next_pair(Room& room) {
  ListpackValue field, value;
  --unread_;
  if (same_fields_)
    field_at_ = entry_bytes::read(field_at_, field);
  else
    at_ = entry_bytes::read(at_, field);
  at_ = entry_bytes::read(at_, value);
  return {field.as_text(room.field), value.as_text(room.value)};
}

StreamBlock::StreamBlock(StreamId first, std::span<const Bytes> words, std::size_t bytes_expected)
    : id(first) {
  std::size_t room = room_for(words);
  for (std::size_t i = 0; i < words.size(); i += 2) room += words[i].size() + kElementOverheadMax;
  set_capacity(std::max(bytes_expected, room));
  char* to = bytes_ + kHeaderBytes;
  to = write_integer(to, 1);
  to = write_integer(to, 0);
  to = write_integer(to, words.size() / 2);
  for (std::size_t i = 0; i < words.size(); i += 2) to = write_text(to, words[i]);
  to = write_integer(to, 0);
  store_to(bytes_ + 4, std::uint16_t{0});
  finish(to, words.size() / 2 + 4);
  write_entry(first, words, true);
  if (bytes_expected == 0) shrink();
}

StreamBlock::StreamBlock(StreamBlock&& other) noexcept
    : id(other.id),
      bytes_(std::exchange(other.bytes_, nullptr)),
      capacity_(std::exchange(other.capacity_, 0)) {}

StreamBlock& StreamBlock::operator=(StreamBlock&& other) noexcept {
  std::swap(id, other.id);
  std::swap(bytes_, other.bytes_);
  std::swap(capacity_, other.capacity_);
  return *this;
}

StreamBlock::~StreamBlock() { std::free(bytes_); }

StreamBlock StreamBlock::copy() const {
  StreamBlock result;
  result.id = id;
  result.set_capacity(total_bytes());
  std::memcpy(result.bytes_, bytes_, total_bytes());
  return result;
}

void StreamBlock::set_capacity(std::size_t bytes) {
  bytes = allocation_class(bytes);
  CHECK(bytes <= std::numeric_limits<std::uint32_t>::max());
  bytes_ = static_cast<char*>(std::realloc(bytes_, bytes));
  CHECK(bytes_ != nullptr);
  capacity_ = static_cast<std::uint32_t>(bytes);
}

void StreamBlock::reserve(std::size_t more) {
  const std::size_t needed = total_bytes() + more;
  if (needed <= capacity_) [[likely]]
    return;
  set_capacity(std::max(needed, std::size_t{capacity_} + capacity_ / 2));
}

void StreamBlock::shrink() {
  if (allocation_class(total_bytes()) < capacity_) set_capacity(total_bytes());
}

StreamBlock::Head StreamBlock::head() const {
  Head result;
  const char* at = bytes_ + kHeaderBytes;
  result.live = static_cast<std::uint64_t>(read_integer(at));
  result.deleted = static_cast<std::uint64_t>(read_integer(at));
  result.pairs = static_cast<std::uint64_t>(read_integer(at));
  result.fields = at;
  return result;
}

bool StreamBlock::fits(std::size_t text_bytes, const EncodingLimits& limits) const {
  std::uint64_t bytes_max = limits.stream_node_bytes;
  if (bytes_max == 0 || bytes_max > kStreamEntryBytesMax) bytes_max = kStreamEntryBytesMax;
  if (total_bytes() + text_bytes >= bytes_max) return false;
  if (limits.stream_node_entries == 0) return true;
  const Head head = this->head();
  return head.live + head.deleted < limits.stream_node_entries;
}

bool StreamBlock::has_fields(const Head& head, std::span<const Bytes> words) const {
  if (head.pairs != words.size() / 2) return false;
  const char* at = head.fields;
  IntegerText room;
  for (std::size_t i = 0; i < words.size(); i += 2) {
    ListpackValue field;
    at = entry_bytes::read(at, field);
    if (field.as_text(room) != words[i]) return false;
  }
  return true;
}

void StreamBlock::append(StreamId entry, std::span<const Bytes> words) {
  reserve(room_for(words));
  const Head head = this->head();
  const bool same_fields = has_fields(head, words);
  set_counts(head.live + 1, head.deleted);
  write_entry(entry, words, same_fields);
}

// The room is there.
void StreamBlock::write_entry(StreamId entry, std::span<const Bytes> words, bool same_fields) {
  const std::uint64_t pairs = words.size() / 2;
  const std::uint64_t elements = same_fields ? pairs + 3 : 2 * pairs + 4;
  char* to = const_cast<char*>(end());
  to = write_integer(to, same_fields ? kSameFields : 0);
  to = write_integer(to, entry.ms - id.ms);
  to = write_integer(to, entry.seq - id.seq);
  if (!same_fields) to = write_integer(to, pairs);
  for (std::size_t i = same_fields ? 1 : 0; i < words.size(); i += same_fields ? 2 : 1)
    to = write_text(to, words[i]);
  to = write_integer(to, elements);
  finish(to, elements + 1);
}

void StreamBlock::finish(const char* end, std::uint64_t more_elements) {
  *const_cast<char*>(end) = static_cast<char>(entry_bytes::kEnd);
  store_to(bytes_, static_cast<std::uint32_t>(end + 1 - bytes_));
  const std::uint64_t count = load<std::uint16_t>(bytes_ + 4) + more_elements;
  store_to(bytes_ + 4, static_cast<std::uint16_t>(std::min<std::uint64_t>(count, kUnknownCount)));
}

// The head's integers may become longer or shorter: then everything behind them moves.
void StreamBlock::set_counts(std::uint64_t live, std::uint64_t deleted) {
  char counts[2 * kElementOverheadMax];
  const char* const new_end = write_integer(write_integer(counts, live), deleted);
  const auto new_bytes = static_cast<std::size_t>(new_end - counts);
  const char* const first = bytes_ + kHeaderBytes;
  const auto old_bytes =
      static_cast<std::size_t>(entry_bytes::next(entry_bytes::next(first)) - first);
  if (new_bytes != old_bytes) [[unlikely]] {
    const std::size_t total = total_bytes();
    if (total + new_bytes > capacity_) set_capacity(total + new_bytes);
    const std::size_t behind = kHeaderBytes + old_bytes;
    std::memmove(bytes_ + kHeaderBytes + new_bytes, bytes_ + behind, total - behind);
    store_to(bytes_, static_cast<std::uint32_t>(total - old_bytes + new_bytes));
  }
  std::memcpy(bytes_ + kHeaderBytes, counts, new_bytes);
}

void StreamBlock::read(const char* at, StreamEntry& entry) const {
  entry.begin_ = at;
  const std::int64_t flags = read_integer(at);
  entry.is_deleted = (flags & kDeleted) != 0;
  entry.same_fields_ = (flags & kSameFields) != 0;
  entry.id.ms = id.ms + static_cast<std::uint64_t>(read_integer(at));
  entry.id.seq = id.seq + static_cast<std::uint64_t>(read_integer(at));
  entry.pairs =
      entry.same_fields_ ? entry.head_pairs_ : static_cast<std::uint64_t>(read_integer(at));
  entry.unread_ = entry.pairs;
  entry.field_at_ = entry.head_fields_;
  entry.at_ = at;
}

bool StreamBlock::first(StreamEntry& entry) const {
  const Head head = this->head();
  const char* at = head.fields;
  for (std::uint64_t i = 0; i <= head.pairs; ++i) at = entry_bytes::next(at);
  if (at == end()) return false;
  entry.head_pairs_ = head.pairs;
  entry.head_fields_ = head.fields;
  read(at, entry);
  return true;
}

bool StreamBlock::last(StreamEntry& entry) const {
  const Head head = this->head();
  entry.head_pairs_ = head.pairs;
  entry.head_fields_ = head.fields;
  entry.begin_ = end();
  return previous(entry);
}

bool StreamBlock::next(StreamEntry& entry) const {
  const char* at = entry.at_;
  const std::uint64_t elements = (entry.same_fields_ ? 1 : 2) * entry.unread_ + 1;
  for (std::uint64_t i = 0; i < elements; ++i) at = entry_bytes::next(at);
  if (at == end()) return false;
  read(at, entry);
  return true;
}

bool StreamBlock::previous(StreamEntry& entry) const {
  const char* at = entry_bytes::previous(entry.begin_);
  ListpackValue elements;
  entry_bytes::read(at, elements);
  if (elements.integer == 0) return false;  // the end of the head
  for (std::int64_t i = 0; i < elements.integer; ++i) at = entry_bytes::previous(at);
  read(at, entry);
  return true;
}

void StreamBlock::mark_deleted(const char* flags) {
  char* const byte = const_cast<char*>(flags);
  *byte = static_cast<char>(*byte | kDeleted);
}

void StreamBlock::erase(const StreamEntry& entry) {
  mark_deleted(entry.begin_);
  const Head head = this->head();
  set_counts(head.live - 1, head.deleted + 1);
}

std::uint64_t StreamBlock::erase_front(std::uint64_t count_max, std::optional<StreamId> below) {
  std::uint64_t erased = 0;
  StreamEntry entry;
  for (bool more = first(entry); more && erased < count_max && !(below && entry.id >= *below);
       more = next(entry)) {
    if (entry.is_deleted) continue;
    mark_deleted(entry.begin_);
    ++erased;
  }
  const Head head = this->head();
  if (erased != 0) set_counts(head.live - erased, head.deleted + erased);
  return erased;
}

}  // namespace banyan::values
