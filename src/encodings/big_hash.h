// BigHash: a hash with too many fields, or too long ones, for a listpack. A table, and for the
// fields that expire a heap of when they do.
//
// Vocabulary   A heap element is *live* while a field with its hash has its expiry. Elements are
// not
//              taken out when their field goes or changes its expiry, but when they are the
//              soonest, or when less than half of them are live.
// Invariants   The soonest element is live. A field that expires has an element.
// Threads      None. Whoever holds the lock of the entry's partition.
#pragma once

#include <vector>

#include "encodings/packed_table.h"

namespace banyan::encodings {

class BigHash {
 public:
  explicit BigHash(const HashSecret& secret) : table_(PackedTable::Kind::hash, secret) {}
  std::unique_ptr<BigHash> clone() const;

  using Slot = PackedTable::Slot;
  const PackedTable& table() const { return table_; }
  std::uint64_t size() const { return table_.size(); }
  UnixMs soonest_expiry() const { return heap_.empty() ? kNoExpiry : heap_.front().at; }
  std::size_t memory_bytes() const {
    return sizeof *this - sizeof table_ + table_.memory_bytes() + heap_.capacity() * sizeof(Due);
  }

  void reserve(std::uint64_t fields, std::size_t field_bytes) {
    table_.reserve(fields, field_bytes);
  }
  // The field must not be there.
  void insert(const PackedItem& field, std::uint64_t hash) {
    table_.insert(field, hash);
    if (field.expiry != kNoExpiry) add_due(field.expiry, hash);
  }
  void replace(const Slot& slot, std::uint64_t hash, Bytes value, UnixMs expiry);
  void erase(const Slot& slot);
  // Erases at most `count` fields whose expiry is before `now`; fn(Bytes field) for each, before.
  template <class Fn>
  void expire(UnixMs now, std::size_t count, const Fn& fn) {
    for (; count > 0 && !heap_.empty() && heap_.front().at < now; --count) {
      const Slot slot = table_.find_expiring(heap_.front().hash, heap_.front().at);
      fn(table_.item(slot).member);
      erase(slot);
    }
  }

 private:
  struct Due {
    UnixMs at;
    std::uint64_t hash;
    auto operator<=>(const Due&) const = default;
  };
  bool is_live(const Due& due) const {
    return static_cast<bool>(table_.find_expiring(due.hash, due.at));
  }
  void add_due(UnixMs at, std::uint64_t hash);
  // A field that expired `at` does so no more.
  void remove_due(UnixMs at);
  void compact();

  PackedTable table_;
  std::vector<Due> heap_;       // the soonest first
  std::uint64_t expiring_ = 0;  // fields with an expiry
};

}  // namespace banyan::encodings
