// Keyspace: databases × tables, the locks of their partitions, and snapshots of them.
//
// Vocabulary   A key's *table* is its slot in cluster mode, else a share of its hash. Table t
//              belongs to *partition* t % 64; a LockSet has one bit per partition.
// Threads      A table's contents: under the lock of its partition, or, to read them only, shared
//              (SharedReads); inside the gate. The set of databases (flush, swap), snapshots: under
//              the exclusive gate.
// Failure      None that can be reported; allocation failure terminates.
#pragma once

#include <cstdint>
#include <memory>
#include <vector>

#include "base/rng.h"
#include "store/lock.h"
#include "store/shared_reads.h"
#include "store/snapshot.h"
#include "store/table_set.h"

namespace banyan::store {

// A key on its way to its place: hashed once, then passed along.
struct Key {
  Bytes text;
  std::uint64_t hash = 0;
  std::uint32_t table = 0;
};

struct KeyspaceOptions {
  unsigned databases = 16;
  bool slots = false;  // a table per cluster slot
  unsigned workers = 1;
  HashSecret secret;
};

// The cluster slot of a key: CRC16 of its hash tag, the part between the first '{' and the first
// '}' behind it when that is not empty, else of all of it; modulo 16384.
std::uint32_t slot_of(Bytes key);

class Keyspace {
 public:
  explicit Keyspace(const KeyspaceOptions& options);
  Keyspace(const Keyspace&) = delete;
  Keyspace& operator=(const Keyspace&) = delete;

  const HashSecret& secret() const { return context_.secret; }
  unsigned database_count() const { return static_cast<unsigned>(databases_.size()); }
  std::uint32_t table_count() const { return table_count_; }
  bool has_slots() const { return slots_; }
  bool is_threaded() const { return threaded_; }

  Key key(Bytes text) const {
    const std::uint64_t hash = hash_bytes(text, context_.secret);
    const std::uint32_t table =
        slots_ ? slot_of(text) : static_cast<std::uint32_t>(hash >> (64 - kTableBits));
    return {text, hash, table};
  }
  Table& table(unsigned database, const Key& key) { return databases_[database]->table(key.table); }
  TableSet& database(unsigned number) { return *databases_[number]; }
  const TableSet& database(unsigned number) const { return *databases_[number]; }

  static LockSet lock_of(const Key& key) { return LockSet{1} << (key.table % kPartitions); }
  // Not while this thread holds a lock or reads shared.
  void lock(LockSet set) {
    if (!threaded_) return;
    take(set);
    if (reads_.concern(set)) [[unlikely]]
      lock_after_reads(set);
  }
  void unlock(LockSet set) {
    if (!threaded_) return;
    for (; set != 0; set &= set - 1) locks_[std::countr_zero(set)].unlock();
  }

  // For a worker that will change nothing in these partitions, not even what a value remembers of
  // its reads (the access clock aside): instead of their locks. False when it must take those.
  bool begin_shared(unsigned worker, LockSet set) {
    if (!threaded_ || !reads_.announce(worker, set)) return false;
    for (; set != 0; set &= set - 1) locks_[std::countr_zero(set)].wait_until_free();
    return true;
  }
  void end_shared(unsigned worker) { reads_.end(worker); }

  // For pipelines (see Table). The table may be growing in another worker's hands: a partition that
  // is busy is left alone. The last parameter: this worker has announced that it reads it.
  bool announce(unsigned worker, LockSet set) { return threaded_ && reads_.announce(worker, set); }
  void prefetch_bucket(unsigned database, const Key& key, bool announced = false) {
    glance(key, announced, [&] { table(database, key).prefetch_bucket(key.hash); });
  }
  Table::Candidate prefetch_entry(unsigned database, const Key& key, bool announced = false) {
    Table::Candidate candidate;
    glance(key, announced, [&] { candidate = table(database, key).prefetch_entry(key.hash); });
    return candidate;
  }
  Table::Candidate prefetch_chained_entry(unsigned database, const Key& key,
                                          bool announced = false) {
    Table::Candidate candidate;
    glance(key, announced,
           [&] { candidate = table(database, key).prefetch_chained_entry(key.hash); });
    return candidate;
  }

  // Calls fn(entry) for what is probably the key's entry, if it is at hand.
  template <class Fn>
  void with_candidate(unsigned database, const Key& key, const Fn& fn) {
    glance(key, false, [&] {
      const Table::Candidate candidate = table(database, key).prefetch_entry(key.hash);
      if (candidate.entry != nullptr) fn(*candidate.entry);
    });
  }

  // The old content, which the caller frees (in the background, if it is large).
  std::shared_ptr<TableSet> detach(unsigned database);
  void swap(unsigned a, unsigned b) { databases_[a].swap(databases_[b]); }
  // Replaces all databases; the old ones are returned.
  std::vector<std::shared_ptr<TableSet>> exchange(std::vector<std::shared_ptr<TableSet>> content);
  std::shared_ptr<TableSet> make_table_set() const;

  SnapshotGuard& snapshots() { return guard_; }
  // A cut through all databases. The sink must live until the walk is finished or abandoned.
  std::shared_ptr<Walk> begin_walk(SnapshotSink& sink);

  // Visits about `count` keys from `cursor` on; returns the next cursor, 0 at the end. Locks one
  // partition at a time.
  std::uint64_t scan(unsigned database, std::uint64_t cursor, std::uint64_t count,
                     const Table::Visit& visit);
  // Visits every key once. Keys that come or go meanwhile may be seen or not. Locks one partition
  // at a time.
  void for_each(unsigned database, const Table::Visit& visit);
  // Visits one key, each about as likely; false when it found none. Locks its partition.
  bool visit_random(unsigned database, Rng& rng, const Table::Visit& visit);
  // The table of a random key, each key about as likely; null when the database is empty.
  Table* random_table(unsigned database, Rng& rng, std::uint32_t* number);

 private:
  static constexpr unsigned kTableBits = 6;

  void take(LockSet set) {
    for (; set != 0; set &= set - 1) locks_[std::countr_zero(set)].lock();  // in ascending order
  }
  void lock_after_reads(LockSet set);
  // Calls fn() where nobody is changing the key's partition.
  template <class Fn>
  void glance(const Key& key, bool announced, const Fn& fn) {
    if (!threaded_) return fn();
    PartitionLock& lock = locks_[key.table % kPartitions];
    if (announced) {
      if (lock.is_free()) fn();
      return;
    }
    if (!lock.try_lock()) return;
    fn();
    lock.unlock();
  }

  bool slots_;
  bool threaded_;
  std::uint32_t table_count_;
  TableContext context_;
  SnapshotGuard guard_;
  std::unique_ptr<PartitionLock[]> locks_;
  SharedReads reads_;
  std::vector<std::shared_ptr<TableSet>> databases_;
};

}  // namespace banyan::store
