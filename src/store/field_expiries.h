// FieldExpiries: which hashes of a table have fields that expire, and when the soonest one does.
//
// Invariants   What is in here is what the hashes themselves say: whoever changes a hash tells.
// Threads      Whoever holds the lock of the table's partition; soonest() may be read by any
// thread.
#pragma once

#include <atomic>
#include <limits>
#include <set>
#include <string>
#include <utility>

#include "base/bytes.h"
#include "base/time.h"

namespace banyan::store {

class FieldExpiries {
 public:
  static constexpr UnixMs kNever = std::numeric_limits<UnixMs>::max();

  UnixMs soonest() const { return soonest_.load(std::memory_order_relaxed); }
  std::size_t size() const { return hashes_.size(); }
  // A hash whose soonest field expires at soonest(). There must be one.
  const std::string& first() const { return hashes_.begin()->second; }

  void add(Bytes key, UnixMs at) {
    hashes_.emplace(at, key);
    renew();
  }
  void remove(Bytes key, UnixMs at) {
    hashes_.erase({at, std::string(key)});
    renew();
  }

 private:
  void renew() {
    soonest_.store(hashes_.empty() ? kNever : hashes_.begin()->first, std::memory_order_relaxed);
  }

  std::set<std::pair<UnixMs, std::string>> hashes_;
  std::atomic<UnixMs> soonest_ = kNever;
};

}  // namespace banyan::store
