// Table: the keys of one slot or of one share of a database.
//
// Linear hashing (W. Litwin, 1980) over cache-line buckets: the table grows and shrinks by one
// bucket at a time, inside the insertion or removal that asks for it, so that there is never a
// second table nor a pause. Buckets lie in segments, which never move once they are full-sized.
//
// Vocabulary   A *cursor* is a position in the order of bit-reversed hashes. Buckets are visited in
//              that order, so that a scan returns every key that was there from its beginning to
//              its end, however the table grew or shrank meanwhile (some keys perhaps twice).
//              A *slot* is a place for one entry, valid until the next insert or remove.
// Invariants   Between 2 and 7 keys a bucket, when there are more than a few. Before anything in a
//              bucket changes while a walk is active, the bucket has been preserved.
// Threads      Whoever holds the lock of the table's partition; size() and expiring_count() may be
//              read by any thread.
#pragma once

#include <atomic>
#include <bit>
#include <cstdint>
#include <functional>
#include <vector>

#include "base/rng.h"
#include "store/bucket.h"
#include "store/field_expiries.h"
#include "store/table_context.h"

namespace banyan::store {

class TableSet;

class Table {
 public:
  struct Slot {
    std::uint32_t bucket = 0;  // number of the head of the chain
    Bucket* at = nullptr;      // null: not found
    unsigned index = 0;

    explicit operator bool() const { return at != nullptr; }
    Entry* entry() const { return at->entry(index); }
  };

  Table() = default;
  Table(const Table&) = delete;
  Table& operator=(const Table&) = delete;
  ~Table();  // destroys the entries too

  // Before anything else. Both outlive the table.
  void set_owner(const TableSet& owner, const TableContext& context) {
    owner_ = &owner;
    context_ = &context;
  }
  const TableSet* owner() const { return owner_; }

  std::uint64_t size() const { return size_.load(std::memory_order_relaxed); }
  std::uint64_t expiring_count() const { return expiring_.load(std::memory_order_relaxed); }
  std::uint32_t bucket_count() const { return bucket_count_; }
  std::size_t overhead_bytes() const;

  // Read-only lookup: preserves nothing.
  Slot find(Bytes key, std::uint64_t hash) const;

  // The key must not be there.
  void insert(Entry* entry, std::uint64_t hash);
  // Call before changing the entry of a slot ...
  Entry* begin_write(const Slot& slot) {
    preserve(slot.bucket);
    return slot.entry();
  }
  // ... and after, with where it is now.
  void end_write(const Slot& slot, Entry* entry);
  // Takes the entry out; the caller owns it.
  Entry* remove(const Slot& slot);

  // Hashes whose fields expire. Who changes the soonest expiry of a hash in place, or is about to
  // free an entry that is in the table, must tell; insert() and remove() do so by themselves.
  const FieldExpiries& field_expiries() const { return field_expiries_; }
  void move_field_expiry(Bytes key, UnixMs before, UnixMs after);
  void forget_field_expiry(const Entry& entry);

  // For pipelines: bring the key's bucket, then its entry into the cache; each step for all keys of
  // a batch before the next, so that the waiting overlaps.
  void prefetch_bucket(std::uint64_t hash) const {
    if (bucket_count_ != 0) __builtin_prefetch(head(number_of(hash)));
  }
  struct Candidate {
    const Entry* entry = nullptr;  // probably the key's
    bool is_chained = false;       // it may be down the chain: prefetch_chained_entry() gets it
  };
  Candidate prefetch_entry(std::uint64_t hash) const;
  Candidate prefetch_chained_entry(std::uint64_t hash) const;

  using Visit = std::function<void(Entry&)>;
  // Visits one bucket and returns the next cursor; 0 when the table is through.
  std::uint64_t scan(std::uint64_t cursor, const Visit& visit) const;
  // Visits the entries of bucket `number`; only those with an expiry, if so asked. `visit` must not
  // insert or remove.
  void visit_bucket(std::uint32_t number, bool only_expiring, const Visit& visit) const;
  // Any entry, each about as likely. The table must not be empty.
  Entry* random_entry(Rng& rng) const;

  // For snapshots.
  Bucket& bucket_head(std::uint32_t number) const { return *head(number); }

 private:
  static constexpr std::uint32_t kSegmentBuckets = 256;
  static constexpr std::uint32_t kKeysPerBucketMax = 7;
  static constexpr std::uint32_t kKeysPerBucketMin = 2;

  Bucket* head(std::uint32_t number) const {
    return segments_[number / kSegmentBuckets] + number % kSegmentBuckets;
  }
  std::uint32_t number_of(std::uint64_t hash) const {
    const auto low = static_cast<std::uint32_t>(hash);
    const std::uint32_t number = low & mask_;
    return number < bucket_count_ ? number : low & (mask_ >> 1);
  }
  // How many low bits of their hashes the keys of a bucket have in common.
  unsigned level_of(std::uint32_t number) const {
    const std::uint32_t half = (mask_ + 1) >> 1;
    const bool is_split = number >= half || number + half < bucket_count_;
    return static_cast<unsigned>(std::bit_width(mask_)) - (is_split ? 0 : 1);
  }
  // The first of the hash bits that buckets of this level keep as split bits: 0, 2, 6, 10 ...
  static unsigned split_base(unsigned level) {
    const unsigned group = (level + 2) / Bucket::kSplitBits * Bucket::kSplitBits;
    return group == 0 ? 0 : group - 2;
  }
  static unsigned split_bits_of(std::uint64_t hash, unsigned level) {
    return static_cast<unsigned>(hash >> split_base(level)) % (1U << Bucket::kSplitBits);
  }
  void renew_split_bits(std::uint32_t number);
  void preserve(std::uint32_t number) {
    if (context_->walking) [[unlikely]]
      context_->preserver->preserve(*this, number);
  }
  void add_bucket();
  void drop_last_bucket();
  void grow_by_one();
  void prefetch_next_split(std::uint64_t keys_ahead) const;
  void shrink_by_one();
  static void place(Bucket* chain, const Bucket::Item& item);
  static void free_chain(Bucket* chain);
  void count(std::int64_t keys, std::int64_t expiring) {
    size_.store(size() + static_cast<std::uint64_t>(keys), std::memory_order_relaxed);
    expiring_.store(expiring_count() + static_cast<std::uint64_t>(expiring),
                    std::memory_order_relaxed);
  }

  std::vector<Bucket*> segments_;
  std::uint32_t bucket_count_ = 0;
  std::uint32_t mask_ = 0;  // the smallest 2^k >= bucket_count_, less one
  std::atomic<std::uint64_t> size_ = 0;
  std::atomic<std::uint64_t> expiring_ = 0;
  FieldExpiries field_expiries_;
  const TableSet* owner_ = nullptr;
  const TableContext* context_ = nullptr;
};

}  // namespace banyan::store
