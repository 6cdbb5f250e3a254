#include "commands/database.h"

#include "commands/lfu.h"
#include "values/hash_value.h"

namespace banyan::commands {

using store::Entry;
using store::StringValue;
using store::Table;

// Removes or hides an expired key. True when the key is not to be seen.
bool Database::drop_expired(Table& table, const Key& key, const Table::Slot& slot) {
  switch (context_.expiry) {
    case ExpiryMode::ignore:
      return false;
    case ExpiryMode::hide:
      return true;
    case ExpiryMode::remove:
      break;
  }
  dispose(table.remove(slot));
  ++context_.counters.expired;
  if (home_ == number_) [[likely]] {
    context_.effects.before({context_.expiry_deletion, key.text});
  } else {
    context_.effects.before({"SELECT", std::to_string(number_)});
    context_.effects.before({context_.expiry_deletion, key.text});
    context_.effects.before({"SELECT", std::to_string(home_)});
  }
  notify(key, EventKind::expired, "expired");
  return true;
}

void Database::tell(Bytes key, EventKind kind, Bytes event) {
  if (context_.observer != nullptr) context_.observer->on_change(number_, key, kind, event);
}

[[gnu::always_inline]] inline Table::Slot Database::live_slot(Table& table, const Key& key) {
  const Table::Slot slot = table.find(key.text, key.hash);
  if (slot && slot.entry()->is_expired(context_.now)) [[unlikely]] {
    if (drop_expired(table, key, slot)) return {};
  }
  return slot;
}

const Entry* Database::peek(const Key& key) {
  const Table::Slot slot = live_slot(context_.keyspace.table(number_, key), key);
  return slot ? slot.entry() : nullptr;
}

const Entry* Database::look(const Key& key) {
  const Entry* entry = peek(key);
  entry != nullptr ? void(++context_.counters.hits) : count_miss(key);
  return entry;
}

const Entry* Database::find(const Key& key) {
  const Table::Slot slot = live_slot(context_.keyspace.table(number_, key), key);
  if (!slot) {
    count_miss(key);
    return nullptr;
  }
  ++context_.counters.hits;
  Entry* entry = slot.entry();
  if (context_.touch) touch(*entry, context_);
  return entry;
}

Result<const Entry*> Database::find(const Key& key, values::Type type) {
  const Entry* entry = find(key);
  if (entry != nullptr && entry->type() != type) return fail(Errc::wrong_type);
  return entry;
}

[[gnu::always_inline]] inline Database::Place Database::place_hot(const Key& key) {
  Table& table = context_.keyspace.table(number_, key);
  const Table::Slot slot = live_slot(table, key);
  if (!slot) {
    // A writable replica's own write: what is hidden would be in the way of the new entry.
    if (context_.expiry == ExpiryMode::hide) [[unlikely]]
      if (const Table::Slot hidden = table.find(key.text, key.hash)) dispose(table.remove(hidden));
    return {};
  }
  if (context_.touch) touch(*slot.entry(), context_);
  return {&table, slot};
}

Database::Place Database::place(const Key& key) { return place_hot(key); }

Result<Database::Place> Database::place(const Key& key, values::Type type) {
  const Place found = place_hot(key);
  if (found && found.entry()->type() != type) return fail(Errc::wrong_type);
  return found;
}

Result<Entry*> Database::open(const Key& key, values::Type type) {
  const Place found = place_hot(key);
  if (found) {
    if (found.entry()->type() != type) [[unlikely]]
      return fail(Errc::wrong_type);
    return writable(found);
  }
  Entry* entry = Entry::make_collection(key.text, type);
  insert(key, entry);
  return entry;
}

void Database::insert(const Key& key, Entry* entry) {
  entry->set_access(initial_access(context_));
  note_own_expiry(key.text, entry->expiry());
  context_.keyspace.table(number_, key).insert(entry, key.hash);
  notify(key, EventKind::new_key, "new");
}

void Database::put(const Key& key, Entry* entry) {
  const Place found = place(key);
  if (!found) return insert(key, entry);
  note_own_expiry(key.text, entry->expiry());
  Entry* old = found.table->begin_write(found.slot);
  entry->set_access(old->access());
  found.table->forget_field_expiry(*old);
  dispose(old);
  found.table->move_field_expiry(key.text, kNoExpiry,
                                 values::soonest_field_expiry(entry->type(), entry->body()));
  found.table->end_write(found.slot, entry);
}

void Database::set_string(const Key& key, const StringValue& value, UnixMs expiry) {
  Table& table = context_.keyspace.table(number_, key);
  Table::Slot slot = table.find(key.text, key.hash);
  // Where expiry is not ours to carry out, an expired one is simply replaced.
  if (slot && slot.entry()->is_expired(context_.now) && context_.expiry == ExpiryMode::remove)
      [[unlikely]] {
    drop_expired(table, key, slot);
    slot = {};
  }
  if (!slot) return insert(key, Entry::make(key.text, value, expiry));
  note_own_expiry(key.text, expiry);
  Entry* entry = table.begin_write(slot);
  if (entry->type() == values::Type::string) {
    entry = Entry::with_value(entry, value);
    if (entry->has_expiry() || expiry != kNoExpiry) entry = Entry::with_expiry(entry, expiry);
  } else {
    const std::uint32_t access = entry->access();
    table.forget_field_expiry(*entry);
    dispose(entry);
    entry = Entry::make(key.text, value, expiry);
    entry->set_access(access);
  }
  // The key goes on being used: an LFU counter must not start over.
  if (context_.touch) touch(*entry, context_);
  table.end_write(slot, entry);
}

void Database::replace_string(const Key& key, const Place& place, const StringValue& value) {
  if (!place) return insert(key, Entry::make(key.text, value));
  Entry* entry = place.table->begin_write(place.slot);
  place.table->end_write(place.slot, Entry::with_value(entry, value));
}

void Database::set_integer(const Place& place, std::int64_t value) {
  place.table->begin_write(place.slot)->set_integer(value);
}

char* Database::resize_string(const Key& key, const Place& place, std::size_t size) {
  if (!place) {
    Entry* entry = Entry::resized(Entry::make(key.text, {}), size);
    insert(key, entry);
    return entry->writable_text();
  }
  Entry* entry = Entry::resized(place.table->begin_write(place.slot), size);
  place.table->end_write(place.slot, entry);
  return entry->writable_text();
}

void Database::set_expiry(const Place& place, UnixMs expiry) {
  note_own_expiry(place.entry()->key(), expiry);
  Entry* entry = place.table->begin_write(place.slot);
  place.table->end_write(place.slot, Entry::with_expiry(entry, expiry));
}

void Database::erase(const Place& place) { dispose(place.table->remove(place.slot)); }

bool Database::erase(const Key& key) {
  const Place found = place(key);
  if (found) erase(found);
  return static_cast<bool>(found);
}

}  // namespace banyan::commands
