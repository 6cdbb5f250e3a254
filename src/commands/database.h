// Database: one numbered database as a command sees it: the keyspace with expiry, access clock and
// change tracking applied. Handlers read and write keys through this and nothing else.
//
// Invariants   The caller holds the locks of the keys' partitions (dispatch took them from the key
//              specs). A key that is expired is not there: removed, or hidden, as the context says.
//              After a change of a key the handler calls changed(): exactly one per event.
//              A returned Entry is valid until the next call that writes to the same table.
// Threads      The worker's own.
#pragma once

#include "base/result.h"
#include "commands/context.h"

namespace banyan::commands {

class Database {
 public:
  using Key = store::Key;
  using Entry = store::Entry;
  using Table = store::Table;

  Database(Context& context, unsigned number) : context_(context), number_(number), home_(number) {}

  unsigned number() const { return number_; }
  Context& context() const { return context_; }
  // Another database, while the command runs in this one.
  Database other(unsigned number) const {
    Database result = *this;
    result.number_ = number;
    return result;
  }
  Key key(Bytes text) const { return context_.keyspace.key(text); }

  // --- Reading. find() is a lookup on behalf of a client: counts a hit or a miss and renews the
  // access clock. peek() does neither.
  const Entry* find(const Key& key);
  const Entry* peek(const Key& key);
  // Counts a hit or a miss, but leaves the access clock alone (EXISTS, TYPE, TTL).
  const Entry* look(const Key& key);
  // Null when missing; Errc::wrong_type when it holds something else.
  Result<const Entry*> find(const Key& key, values::Type type);
  Result<const Entry*> find_string(const Key& key) { return find(key, values::Type::string); }

  // --- Writing. A Place is a key that exists and may be changed.
  struct Place {
    Table* table = nullptr;
    Table::Slot slot;
    explicit operator bool() const { return table != nullptr; }
    Entry* entry() const { return slot.entry(); }
  };
  // Does not count as a lookup, as Redis's lookups for writing do not.
  Place place(const Key& key);
  Result<Place> place(const Key& key, values::Type type);
  Result<Place> string_place(const Key& key) { return place(key, values::Type::string); }

  // --- Collections. The entry stays where it is until the key is erased or replaced.
  // To be changed; made, empty, when the key is missing: then it must not stay empty.
  Result<Entry*> open(const Key& key, values::Type type);
  // Of a place: before every change, for snapshots.
  Entry* writable(const Place& place) { return place.table->begin_write(place.slot); }

  // Creates or replaces, whatever was there; the expiry becomes `expiry`.
  void set_string(const Key& key, const store::StringValue& value, UnixMs expiry = kNoExpiry);
  // Creates (without expiry), or replaces the value and keeps the expiry.
  void replace_string(const Key& key, const Place& place, const store::StringValue& value);
  // In place: the entry must be an integer.
  void set_integer(const Place& place, std::int64_t value);
  // The bytes of a string of `size`, the old ones kept, new ones zero; `place` may be empty: the
  // key is created. Valid until the next write.
  char* resize_string(const Key& key, const Place& place, std::size_t size);
  void set_expiry(const Place& place, UnixMs expiry);  // kNoExpiry: persists
  bool erase(const Key& key);
  void erase(const Place& place);
  // Frees an entry that is in no table: in the background, if it is large.
  void dispose(Entry* entry) { dispose(context_, entry); }
  static void dispose(Context& context, Entry* entry) {
    if (!entry->is_string() && context.reclaimer != nullptr &&
        entry->free_effort() > kFreeEffortMax) [[unlikely]]
      return context.reclaimer->free_later(entry);
    Entry::destroy(entry);
  }
  // Takes the entry out; the caller owns it.
  [[nodiscard]] Entry* take(const Place& place) { return place.table->remove(place.slot); }
  // Takes ownership. The key must not exist.
  void insert(const Key& key, Entry* entry);
  // Takes ownership; replaces whatever the key held.
  void put(const Key& key, Entry* entry);

  // A change of `key` happened: counts it (rdb_changes_since_last_save), marks the command as
  // having an effect and raises the keyspace event.
  void changed(const Key& key, EventKind kind, Bytes event) {
    context_.effects.changed();
    notify(key, kind, event);
  }
  // A further event of a change that changed() counted (SET with a lifetime: "set", then "expire").
  void notify(const Key& key, EventKind kind, Bytes event) {
    if (context_.interest->any()) [[unlikely]]
      tell(key.text, kind, event);
  }

  // True when `at` is not in the future, and expiry is ours to carry out: then setting that expiry
  // must delete the key instead (EXPIRE with a past time).
  bool is_past(UnixMs at) const {
    return context_.expiry == ExpiryMode::remove && at <= context_.now;
  }

 private:
  void count_miss(const Key& key) {
    ++context_.counters.misses;
    if (context_.tells_misses) [[unlikely]]
      tell(key.text, EventKind::key_miss, "keymiss");
  }
  void tell(Bytes key, EventKind kind, Bytes event);
  static constexpr std::size_t kFreeEffortMax = 64;

  void note_own_expiry(Bytes key, UnixMs expiry) {
    if (context_.expiry == ExpiryMode::hide && expiry != kNoExpiry) [[unlikely]]
      context_.own_expiring.emplace(expiry, OwnKey{number_, std::string(key)});
  }
  Table::Slot live_slot(Table& table, const Key& key);
  Place place_hot(const Key& key);
  bool drop_expired(Table& table, const Key& key, const Table::Slot& slot);

  Context& context_;
  unsigned number_;
  unsigned home_;  // where the command is logged
};

}  // namespace banyan::commands
