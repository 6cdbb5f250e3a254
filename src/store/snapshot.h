// Snapshots by copy-before-write: the walk that reads the keyspace as it was at one moment, while
// writers go on.
//
// Vocabulary   A *cut* is that moment; it is taken under the exclusive gate and costs microseconds.
//              A *walk* then visits the buckets of all tables; a writer that meets a bucket which
//              the walk has not reached saves it first (it is *preserved*).
// How it works Every bucket has a version, the number of the newest cut it was saved for (or was
//              born after). A cut raises the current number; a bucket with a lower version is still
//              to be saved for every active walk with a number above that version.
// Invariants   A walk emits every entry of its cut exactly once, in the state of the cut.
//              While no walk is active, a bucket's version does not matter and writers do not look.
//              An abandoned walk goes on without emitting, so that all versions are up to date
//              when it ends; that is why one byte is enough.
// Threads      begin(), finish() and abandon(): under the exclusive gate. preserve() and step():
//              under the lock of the table's partition. A walk's sink is called under the walk's
//              own lock, by whichever worker.
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
  virtual void on_entry(unsigned database, const Entry& entry) = 0;

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

  Walk(std::vector<Part> parts, SnapshotSink& sink, std::uint8_t number)
      : parts_(std::move(parts)), sink_(&sink), number_(number) {}

  // Where the next step() works; null when the walk is through. Lock its partition, then step().
  Table* next_table() const;
  std::uint32_t next_table_index() const { return table_; }
  // Saves up to `buckets` more buckets of next_table(), which must not be null.
  void step(std::uint32_t buckets, Preserver& preserver);

  // Runs `fn` while nobody is calling the sink.
  template <class Fn>
  void locked(const Fn& fn) {
    const std::lock_guard lock(lock_);
    fn();
  }

  std::uint64_t keys_total() const { return keys_total_; }
  std::uint64_t keys_done() const { return keys_done_; }

 private:
  friend class SnapshotGuard;
  void emit(const Table& table, const Bucket& chain);
  static void fetch(const Bucket& chain);
  void skip_finished();

  std::vector<Part> parts_;
  std::mutex lock_;  // guards sink_ and keys_done_
  SnapshotSink* sink_;
  std::uint8_t number_;
  std::size_t part_ = 0;
  std::uint32_t table_ = 0;
  std::uint32_t bucket_ = 0;
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
  static bool is_newer(std::uint8_t a, std::uint8_t b) {
    return static_cast<std::int8_t>(static_cast<std::uint8_t>(a - b)) > 0;
  }

  TableContext& context_;
  std::vector<std::shared_ptr<Walk>> walks_;
};

}  // namespace banyan::store
