#include "collections/hash_access.h"

namespace banyan::collections {

using namespace commands;
using store::Entry;
using store::Key;

bool erase_if_empty(Database& db, const Key& key) {
  const Database::Place place = db.place(key);
  if (!place || HashView(place.entry()->body()).size() != 0) return false;
  db.erase(place);
  db.notify(key, EventKind::generic, "del");
  return true;
}

void drop_field(Call& call, Bytes field) {
  Context& context = call.db.context();
  if (context.expiry != ExpiryMode::remove) return;
  const Key& key = call.key();
  HashEdit(call.db, key, call.db.writable(call.db.place(key)))->erase(field);
  ++context.counters.expired_fields;
  context.effects.before({"HDEL", key.text, field});
  call.db.notify(key, EventKind::hash, "hexpired");
  erase_if_empty(call.db, key);
}

std::optional<HashField> live_field(Call& call, const Entry* entry, Bytes field, HashRoom& room) {
  if (entry == nullptr) return std::nullopt;
  auto found = HashView(entry->body()).find(field, room);
  if (found && is_over(*found, call.db.context())) [[unlikely]] {
    drop_field(call, field);
    return std::nullopt;
  }
  return found;
}

std::size_t expire_fields(Database& db, const Key& key, std::size_t count) {
  Context& context = db.context();
  const Database::Place place = db.place(key);
  if (!place || place.entry()->type() != values::Type::hash) return 0;
  std::size_t expired = 0;
  HashEdit(db, key, db.writable(place))->expire(context.now, count, [&](Bytes field) {
    context.effects.before({"HDEL", key.text, field});
    ++expired;
  });
  if (expired == 0) return 0;
  context.counters.expired_fields += expired;
  db.notify(key, EventKind::hash, "hexpired");
  erase_if_empty(db, key);
  return expired;
}

}  // namespace banyan::collections
