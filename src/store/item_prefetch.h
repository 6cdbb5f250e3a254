// ItemPrefetch: brings what commands of a pipeline will look for in big hashes and sets into the
// cache, all of them before the first one runs.
//
// How it works   In steps, each for all items: the pointer to the item's bucket, the head of the
//                bucket, the item. With several workers a table may change between the steps: then
//                the first two are taken in one, under the partition's lock.
// Threads        The worker's own.
#pragma once

#include <vector>

#include "store/keyspace.h"
#include "store/packed_table.h"

namespace banyan::store {

class ItemPrefetch {
 public:
  void clear() { found_.clear(); }
  // The item, a field or a member, that a command on `key` names. The key's entry is in the cache.
  void add(Keyspace& keyspace, unsigned database, const Key& key, Bytes item);
  // When all are added.
  void fetch();

 private:
  struct Found {
    const PackedTable* table;
    std::uint64_t hash;
  };
  std::vector<Found> found_;
};

}  // namespace banyan::store
