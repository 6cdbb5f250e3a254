#include "store/item_prefetch.h"

#include "store/hash_value.h"

namespace banyan::store {
namespace {

// Null when the value has none.
const PackedTable* table_of(const Entry& entry) {
  if (entry.is_string() || entry.body().encoding() != Encoding::hashtable) return nullptr;
  if (entry.type() == Type::hash) return &entry.body().as<const BigHash>()->table();
  return entry.type() == Type::set ? entry.body().as<const PackedTable>() : nullptr;
}

}  // namespace

void ItemPrefetch::add(Keyspace& keyspace, unsigned database, const Key& key, Bytes item) {
  const bool alone = keyspace.is_alone();
  if (!alone && !keyspace.try_lock(Keyspace::lock_of(key))) return;
  const Table::Slot slot = keyspace.table(database, key).find(key.text, key.hash);
  if (const PackedTable* table = slot ? table_of(*slot.entry()) : nullptr; table != nullptr) {
    const std::uint64_t hash = table->hash_of(item);
    if (alone) {
      table->prefetch_bucket(hash);
      found_.push_back({table, hash});
    } else {
      table->prefetch_block(hash);
    }
  }
  if (!alone) keyspace.unlock(Keyspace::lock_of(key));
}

void ItemPrefetch::fetch() {
  for (const Found& found : found_) found.table->prefetch_block(found.hash);
  for (const Found& found : found_) found.table->prefetch_item(found.hash);
}

}  // namespace banyan::store
