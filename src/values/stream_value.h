// StreamValue: an append-only log of entries with ascending IDs, and the groups that read it.
//
// How it works Entries lie in blocks (stream_block.h), found by the ID of their first entry.
//              Appending writes into the last block; trimming drops blocks at the front.
// Vocabulary   A *tombstone* is a deleted entry whose place remains. `entries_added` counts what
// was
//              ever added, so that `entries_read` of a group can be told as a distance.
// Invariants   Blocks and entries ascend and none is above last_id(); no block is without live
//              entries; size() counts the live ones; first_id() is the first live one, or 0-0.
// Threads      None.
#pragma once

#include <map>
#include <string>

#include "base/result.h"
#include "values/body.h"
#include "values/ordered_by_id.h"
#include "values/stream_block.h"
#include "values/stream_groups.h"

namespace banyan::values {

// What to drop from the front.
struct StreamTrim {
  enum class By : std::uint8_t { nothing, length, id };
  By by = By::nothing;
  bool approximate = false;  // whole blocks only
  std::uint64_t length = 0;  // By::length: keep that many
  StreamId below = {};       // By::id: drop what is below
  std::uint64_t limit = 0;   // at most so many entries; 0: no limit
};

class StreamValue {
 public:
  using Blocks = OrderedById<StreamBlock>;
  using Groups = std::map<std::string, StreamGroup, std::less<>>;

  // What RDB says of a stream beside its blocks and groups.
  struct Counters {
    std::uint64_t entries_added = 0;
    StreamId last_id = {}, max_deleted_id = {};
  };

  StreamValue() = default;
  StreamValue copy() const;
  // Requires: the blocks ascend and are below each other. Blocks without live entries are dropped.
  static Result<StreamValue> load(Blocks blocks, const Counters& counters);

  std::uint64_t size() const { return size_; }
  StreamId last_id() const { return counters_.last_id; }
  StreamId first_id() const { return first_id_; }
  StreamId max_deleted_id() const { return counters_.max_deleted_id; }
  std::uint64_t entries_added() const { return counters_.entries_added; }
  const Blocks& blocks() const { return blocks_; }
  const Counters& counters() const { return counters_; }
  // XSETID; the caller has checked that they suit the entries.
  void set_counters(const Counters& counters) { counters_ = counters; }

  // --- Entries.
  // The ID for an entry that comes at `now`, behind `last`; nullopt when there are no more.
  static std::optional<StreamId> next_id(StreamId last, std::uint64_t now_ms);
  // Requires: id > last_id(); fields and values in turn, in all at most kStreamEntryBytesMax.
  void append(StreamId id, std::span<const Bytes> words, const EncodingLimits& limits);
  // How many of them were there.
  std::uint64_t erase(std::span<const StreamId> ids);
  std::uint64_t trim(const StreamTrim& trim);
  bool contains(StreamId id) const;
  // The last live entry's ID, or 0-0.
  StreamId last_live_id() const;
  // The first entry's ID, tombstones counted; the highest ID when there is none.
  StreamId front_id() const;

  // --- Groups.
  const Groups& groups() const { return groups_; }
  StreamGroup* find_group(Bytes name);
  const StreamGroup* find_group(Bytes name) const;
  // Null when it exists already.
  StreamGroup* create_group(Bytes name, StreamId last, std::int64_t entries_read);
  bool erase_group(Bytes name);
  // The group was just given the entry `id`, which is above its last: moves it on.
  void note_delivery(StreamGroup& group, StreamId id) const;
  // How many entries the group has still to read; nullopt when that cannot be known.
  std::optional<std::int64_t> lag(const StreamGroup& group) const;
  // How many entries were added up to `id`, or kReadUnknown.
  std::int64_t entries_up_to(StreamId id) const;

  // Estimated from the first `samples` blocks and groups.
  std::size_t memory_bytes(std::size_t samples = kAllBlocks) const;
  // About how many allocations it is made of.
  std::size_t free_effort() const;

 private:
  // True when an entry behind `id` may have been deleted.
  bool may_have_tombstone_from(StreamId id) const;
  bool erase_one(StreamId id);
  void find_first_id();

  std::uint64_t size_ = 0;
  StreamId first_id_;
  Counters counters_;
  Blocks blocks_;
  Groups groups_;
};

// Walks over the live entries from `from` to `to`, or from `to` back to `from`. Valid until the
// stream changes.
class StreamReader {
 public:
  StreamReader(const StreamValue& stream, StreamId from, StreamId to, bool reverse = false);
  // False at the end; else entry() is the next one.
  bool next();
  StreamEntry& entry() { return entry_; }

 private:
  bool step();

  const StreamValue::Blocks& blocks_;
  StreamId from_, to_;
  bool reverse_;
  bool in_block_ = false;
  StreamValue::Blocks::Cursor at_;
  StreamEntry entry_;
};

}  // namespace banyan::values
