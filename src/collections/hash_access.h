// How the hash family gets at hashes: changes that keep the table's record of field expiries right,
// and fields whose time is over.
//
// Vocabulary   A field is *over* when its expiry has passed and commands may act on it (a replica
//              applying its primary's stream may not). Reading such a field erases it where
//              expiring is ours to do, with an HDEL in the log.
// Threads      See Call.
#pragma once

#include "commands/call.h"
#include "values/hash_value.h"

namespace banyan::collections {

using commands::Call;
using values::Hash;
using values::HashField;
using values::HashRoom;
using values::HashView;

// A hash being changed. Its life ends before the key is erased or looked up again.
class HashEdit {
 public:
  HashEdit(const commands::Database& db, const store::Key& key, store::Entry* entry)
      : table_(db.context().keyspace.table(db.number(), key)),
        entry_(entry),
        hash_(entry->body()),
        before_(hash_.soonest_expiry()) {}
  HashEdit(const HashEdit&) = delete;
  HashEdit& operator=(const HashEdit&) = delete;
  ~HashEdit() {
    const UnixMs after = hash_.soonest_expiry();
    if (before_ != after) [[unlikely]]
      table_.move_field_expiry(entry_->key(), before_, after);
  }
  Hash* operator->() { return &hash_; }

 private:
  store::Table& table_;
  store::Entry* entry_;
  Hash hash_;
  UnixMs before_;
};

inline bool is_over(UnixMs expiry, const commands::Context& context) {
  return expiry != kNoExpiry && expiry < context.now &&
         context.expiry != commands::ExpiryMode::ignore;
}
inline bool is_over(const HashField& field, const commands::Context& context) {
  return is_over(field.expiry, context);
}

// The hash of call.key() for reading, null when missing; Errc::wrong_type.
inline Result<const store::Entry*> find_hash(Call& call) {
  return call.db.find(call.key(), values::Type::hash);
}

// Erases a field that is over, if expiring is ours to do; and the hash, when it was the last one.
void drop_field(Call& call, Bytes field);

// The field at call.key(), unless it is over: then it is dropped, and null.
std::optional<HashField> live_field(Call& call, const store::Entry* entry, Bytes field,
                                    HashRoom& room);

// Erases at most `count` fields of a hash that are over, and the hash when none is left; logs it.
// How many. Requires: ExpiryMode::remove.
std::size_t expire_fields(commands::Database& db, const store::Key& key, std::size_t count);

// Erases a hash that has become empty: true. After a change that changed() told of.
bool erase_if_empty(commands::Database& db, const store::Key& key);

}  // namespace banyan::collections
