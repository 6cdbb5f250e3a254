// Snapshots by copy-before-write: the walk that reads the keyspace as it was at one moment, while
// writers go on.
//
// Vocabulary   A *cut* is that moment; it is taken under the exclusive gate and costs microseconds.
//              A *walk* then visits the buckets of all tables; a writer that meets a bucket which
//              the walk has not reached saves it first (it is *preserved*).
//              A *piece* is what a walk writes under one hold of a partition's lock.
// How it works Every bucket has a version, the number of the newest cut it was saved for (or was
//              born after). A cut raises the current number; a bucket with a lower version is still
//              to be saved for every active walk with a number above that version.
//              A walk may stop inside a bucket, and inside an entry, when a piece is large enough.
//              The bucket keeps its old version, and the walk remembers how many entries of it are
//              through; so a writer that meets the bucket finishes it first, as it saves any other
//              bucket: whole, however long that takes. That is the one stall that is left. Who only
//              reads, or changes other buckets, waits for a piece at most.
// Invariants   A walk emits every entry of its cut exactly once, in the state of the cut.
//              From the first piece of an entry to its last, nothing in its bucket changes and no
//              entry of it moves (the bucket itself may: tables grow). At most one entry of a walk
//              is half emitted, and it is one that step() came to.
//              While no walk is active, a bucket's version does not matter and writers do not look.
//              An abandoned walk goes on without emitting, so that all versions are up to date
//              when it ends; that is why one byte is enough.
// Threads      begin(), finish() and abandon(): under the exclusive gate. preserve() and step():
//              under the lock of the table's partition. The sinks are called under a lock of the
//              guard's, by whichever worker.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <span>
#include <vector>

#include "store/table_set.h"

namespace banyan::store {

// Receives a walk's entries, each as it was at the cut.
class SnapshotSink {
 public:
  // Takes off `work` what the entry costs, in units of its own. When that comes to nothing before
  // the entry is through, it answers false and is called with it again; with other entries, too,
  // in between, but those it is given all the work that they take.
  virtual bool on_entry(unsigned database, const Entry& entry, std::size_t& work) = 0;

 protected:
  ~SnapshotSink() = default;
};

class SnapshotGuard;

class Walk {
 public:
  struct Part {
    unsigned database;
    std::shared_ptr<TableSet> tables;
  };

  Walk(std::vector<Part> parts, SnapshotSink& sink, std::uint8_t number, std::mutex& lock)
      : parts_(std::move(parts)), lock_(lock), sink_(&sink), number_(number) {}

  // Where the next step() works; null when the walk is through. Lock its partition, then step().
  Table* next_table() const;
  std::uint32_t next_table_index() const { return table_; }
  // Saves up to `buckets` more buckets of next_table(), which must not be null, as far as `work`
  // goes. There must be some.
  void step(std::uint32_t buckets, std::size_t& work, SnapshotGuard& guard);

  // Runs `fn` while nobody is calling a sink.
  template <class Fn>
  void locked(const Fn& fn) {
    const std::lock_guard lock(lock_);
    fn();
  }

  std::uint64_t keys_total() const { return keys_total_; }
  // Of an abandoned walk: those up to then.
  std::uint64_t keys_done() const { return keys_done_; }

 private:
  friend class SnapshotGuard;
  // Where a walk has stopped inside a bucket.
  struct Halt {
    const Table* table = nullptr;
    std::uint32_t bucket = 0;
    std::uint32_t entries = 0;  // that are through; the next one may be half emitted
  };
  bool emit(const Table& table, std::uint32_t number, std::size_t& work);
  bool emit_chain(unsigned database, const Bucket& chain, std::uint32_t& through,
                  std::size_t& work);
  static void fetch(const Bucket& chain);
  void skip_finished();

  std::vector<Part> parts_;
  std::mutex& lock_;  // the guard's, over sink_, keys_done_ and halt_
  SnapshotSink* sink_;
  Halt halt_;
  std::uint8_t number_;
  std::size_t part_ = 0;
  std::uint32_t table_ = 0;
  std::uint32_t bucket_ = 0;
  std::uint32_t fetched_ = 0;  // buckets
  std::uint64_t keys_total_ = 0;
  std::uint64_t keys_done_ = 0;
};

class SnapshotGuard final : public Preserver {
 public:
  explicit SnapshotGuard(TableContext& context) : context_(context) { context.preserver = this; }

  std::shared_ptr<Walk> begin(std::vector<Walk::Part> parts, SnapshotSink& sink);
  // The walk has reached its end (next_table() is null).
  void finish(const std::shared_ptr<Walk>& walk);
  // The sink is not called any more; somebody must still step() the walk to its end and finish().
  void abandon(Walk& walk);

  // Saves the chain of bucket `number` for every walk that has not got it.
  void preserve(Table& table, std::uint32_t number) override;

 private:
  friend class Walk;
  bool save(Table& table, std::uint32_t number, Walk* in_pieces, std::size_t& work);
  static bool is_newer(std::uint8_t a, std::uint8_t b) {
    return static_cast<std::int8_t>(static_cast<std::uint8_t>(a - b)) > 0;
  }

  TableContext& context_;
  std::mutex lock_;
  std::vector<std::shared_ptr<Walk>> walks_;
};

}  // namespace banyan::store
