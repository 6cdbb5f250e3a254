// What the tables of one keyspace share: the hash secret and the state of snapshots.
//
// Threads   `walking`, `version` and `preserver` change under the exclusive gate only.
#pragma once

#include <cstdint>

#include "base/hash.h"

namespace banyan::store {

class Table;

// Saves a bucket as it was at the cut, before it changes (see store/snapshot.h).
class Preserver {
 public:
  virtual void preserve(Table& table, std::uint32_t bucket) = 0;

 protected:
  ~Preserver() = default;
};

struct TableContext {
  HashSecret secret;
  Preserver* preserver = nullptr;
  bool walking = false;      // some walk is active: writers must preserve
  std::uint8_t version = 0;  // what a bucket born now starts with
};

}  // namespace banyan::store
