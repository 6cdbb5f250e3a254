// WatchList: the keys that a client watches (WATCH), and whether one of them has changed.
//
// Threads   The list: its client's worker. `dirty`: set by whoever changes a key, under the lock of
//           that key; `expired` of a key: under that lock.
#pragma once

#include <atomic>
#include <memory>
#include <string>
#include <vector>

#include "store/keyspace.h"

namespace banyan::engine {

struct WatchedKey {
  unsigned database;
  std::string text;
  store::Key key;  // its text is `text`
  // It was over its time already when it was watched: that it is then removed is no change.
  bool expired;
};

struct WatchList {
  std::vector<std::unique_ptr<WatchedKey>> keys;
  std::atomic<bool> dirty = false;

  bool contains(unsigned database, Bytes text) const {
    for (const auto& watched : keys)
      if (watched->database == database && watched->text == text) return true;
    return false;
  }
  store::LockSet locks() const {
    store::LockSet set = 0;
    for (const auto& watched : keys) set |= store::Keyspace::lock_of(watched->key);
    return set;
  }
};

}  // namespace banyan::engine
