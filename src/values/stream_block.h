// StreamBlock: a run of stream entries in one listpack, byte for byte as Redis keeps and stores it.
//
// Layout       A head: live entries, deleted entries, number of fields, the fields, 0.
//              Then entries: flags, the ID's distance from the block's (ms, seq), then either the
//              values alone, when the fields are those of the head, or the number of fields and
//              fields and values; then how many elements the entry has, so that it can be read
//              backwards.
// Vocabulary   A deleted entry stays as a *tombstone*. `id` is the block's: that of its first
// entry. Invariants   Entries ascend, the first is not below `id`; the two counts of the head are
// right. Threads      None. Failure      The caller asks fits() before it appends; allocation
// failure terminates.
#pragma once

#include <span>

#include "base/result.h"
#include "encodings/listpack_entry.h"
#include "values/encoding_limits.h"
#include "values/stream_id.h"

namespace banyan::values {

// The bytes that fields and values of one entry may have together.
inline constexpr std::size_t kStreamEntryBytesMax = std::size_t{1} << 30;

// One entry of a block, read pair by pair. Valid until the block changes.
class StreamEntry {
 public:
  // Where integers become text: a pair lasts until the next one is read into the same room.
  struct Room {
    IntegerText field, value;
  };
  struct Pair {
    Bytes field, value;
  };

  StreamId id;
  std::uint64_t pairs = 0;
  bool is_deleted = false;

  // To be called at most `pairs` times.
  Pair next_pair(Room& room);

 private:
  friend class StreamBlock;

  bool same_fields_ = false;
  std::uint64_t unread_ = 0;        // pairs
  const char* at_ = nullptr;        // the next element of the entry
  const char* field_at_ = nullptr;  // the next field of the head, when same_fields_
  const char* begin_ = nullptr;     // the flags
  std::uint64_t head_pairs_ = 0;
  const char* head_fields_ = nullptr;
};

class StreamBlock {
 public:
  StreamId id;

  StreamBlock() = default;
  // With its first entry; `words` are fields and values in turn. Gets room for `bytes_expected`.
  StreamBlock(StreamId first, std::span<const Bytes> words, std::size_t bytes_expected);
  StreamBlock(StreamBlock&& other) noexcept;
  StreamBlock& operator=(StreamBlock&& other) noexcept;
  ~StreamBlock();
  StreamBlock copy() const;
  // From outside: everything is checked. `corrupt` says what is wrong.
  static Result<StreamBlock> decode(StreamId id, Bytes bytes);

  Bytes bytes() const { return {bytes_, total_bytes()}; }
  std::size_t memory_bytes() const { return capacity_; }
  std::uint64_t live() const { return head().live; }
  // Whether an entry with `text_bytes` of fields and values may join.
  bool fits(std::size_t text_bytes, const EncodingLimits& limits) const;

  // Requires: above all IDs in the block.
  void append(StreamId entry, std::span<const Bytes> words);
  void shrink();  // gives back room for more entries

  // Walks. first() and last() fill `entry`; false when the block has none. Tombstones count.
  bool first(StreamEntry& entry) const;
  bool last(StreamEntry& entry) const;
  bool next(StreamEntry& entry) const;  // the pairs need not have been read
  bool previous(StreamEntry& entry) const;

  // Turns the entry, which is live, into a tombstone. Other entries stay readable only if they are
  // read anew.
  void erase(const StreamEntry& entry);
  // Turns live entries into tombstones, from the first on, while fewer than `count_max` are erased
  // and their IDs are below `below`, if given. How many it erased.
  std::uint64_t erase_front(std::uint64_t count_max, std::optional<StreamId> below);

 private:
  static constexpr std::size_t kHeaderBytes = 6;

  struct Head {
    std::uint64_t live, deleted, pairs;
    const char* fields;
  };

  std::size_t total_bytes() const { return load<std::uint32_t>(bytes_); }
  const char* end() const { return bytes_ + total_bytes() - 1; }
  Head head() const;
  void read(const char* at, StreamEntry& entry) const;
  bool has_fields(const Head& head, std::span<const Bytes> words) const;
  void write_entry(StreamId entry, std::span<const Bytes> words, bool same_fields);
  void reserve(std::size_t more);
  void set_capacity(std::size_t bytes);
  void set_counts(std::uint64_t live, std::uint64_t deleted);
  void mark_deleted(const char* flags);
  void finish(const char* end, std::uint64_t more_elements);

  char* bytes_ = nullptr;
  std::uint32_t capacity_ = 0;
};

}  // namespace banyan::values
