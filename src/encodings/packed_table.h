// PackedTable: the hash table inside big sets and big hashes.
//
// Linear hashing (W. Litwin, 1980) over buckets that each are one block of memory with the items
// packed one behind the other (encodings/packed_bucket.h): it grows and shrinks by one bucket at a
// time, inside the change that asks for it, so that there is never a second table nor a pause, and
// an item costs few bytes beside its own.
//
// Vocabulary   *Weight* is about the bytes of the items; a bucket is added when the average bucket
//              weighs more than kWeightMax, taken away when it weighs less than kWeightMin.
//              A *cursor* is a position in the order of bit-reversed hashes, as in store/table.h: a
//              scan returns every item that was there from its beginning to its end (some twice).
//              A *slot* is where an item was found, valid until the next change.
// Invariants   Views of items are valid until the next change of the table.
//              What is passed in never points into the table, but for an item's own value.
// Threads      None. Whoever holds the lock of the entry's partition.
// Failure      Allocation failure terminates. CHECKs that no bucket gets more than a thousand
// items:
//              with a secret in the hash, that does not happen.
#pragma once

#include <cstdint>
#include <memory>
#include <vector>

#include "base/hash.h"
#include "base/rng.h"
#include "base/touch.h"
#include "encodings/packed_bucket.h"

namespace banyan::encodings {

class PackedTable {
 public:
  enum class Kind : std::uint8_t { set, hash };

  struct Slot {
    std::uint32_t bucket = 0;
    std::uint32_t index = kNone;

    static constexpr std::uint32_t kNone = ~0U;
    explicit operator bool() const { return index != kNone; }
  };

  PackedTable(Kind kind, const HashSecret& secret) : secret_(secret), kind_(kind) {}
  PackedTable(const PackedTable&) = delete;
  PackedTable& operator=(const PackedTable&) = delete;
  ~PackedTable();
  std::unique_ptr<PackedTable> clone() const;
  // Copies everything into `copy`, which is empty and of the same kind and secret.
  void copy_to(PackedTable& copy) const;
  const HashSecret& secret() const { return secret_; }

  std::uint64_t size() const { return size_; }
  bool empty() const { return size_ == 0; }
  std::uint32_t bucket_count() const { return bucket_count_; }
  // Bytes taken from the allocator.
  std::size_t memory_bytes() const {
    return sizeof *this + block_bytes_ + segments_.capacity() * sizeof(void*) +
           directory_size() * sizeof(PackedBucket*);
  }
  // How many allocations a destruction frees, about.
  std::size_t free_effort() const { return bucket_count_ + long_items_; }

  std::uint64_t hash_of(Bytes member) const { return hash_bytes(member, secret_); }
  Slot find(Bytes member, std::uint64_t hash) const;
  Slot find(Bytes member) const { return find(member, hash_of(member)); }
  bool contains(Bytes member) const { return static_cast<bool>(find(member)); }
  PackedItem item(const Slot& slot) const;

  // The member must not be there.
  void insert(const PackedItem& item, std::uint64_t hash);
  // Sets value and expiry of an item.
  void replace(const Slot& slot, Bytes value, UnixMs expiry = kNoExpiry);
  void erase(const Slot& slot);
  // Room for about so many more items of so many bytes each, made at once.
  void reserve(std::uint64_t items, std::size_t item_bytes);

  // For a table that will only be destroyed: frees some of it, about `effort` allocations. True
  // when nothing is left.
  bool clear_some(std::size_t effort);

  // For pipelines: bring the item's bucket pointer, then the head of its block, then the item (or
  // what is near where it will be put) into the cache. (The block by a load: some processors drop a
  // prefetch whose page is in no TLB.)
  void prefetch_bucket(std::uint64_t hash) const {
    if (bucket_count_ != 0) __builtin_prefetch(&head(number_of(hash)));
  }
  void prefetch_block(std::uint64_t hash) const {
    if (bucket_count_ == 0) return;
    const PackedBucket* block = head(number_of(hash));
    if (block != nullptr) touch(block);
  }
  void prefetch_item(std::uint64_t hash) const;

  // fn(const PackedItem&) for every item of bucket `number`; it must not change the table.
  template <class Fn>
  void visit_bucket(std::uint32_t number, const Fn& fn) const {
    const PackedBucket* block = head(number);
    if (block == nullptr) return;
    block->for_each([&](const char* bytes, PackedBucket::Mark mark) {
      fn(PackedBucket::decode(bytes, mark, kind_ == Kind::hash));
    });
  }
  template <class Fn>
  void for_each(const Fn& fn) const {
    for (std::uint32_t n = 0; n < bucket_count_; ++n) visit_bucket(n, fn);
  }
  // Visits one bucket and returns the next cursor; 0 when the table is through.
  template <class Fn>
  std::uint64_t scan(std::uint64_t cursor, const Fn& fn) const {
    if (bucket_count_ == 0) return 0;
    const ScanStep step = scan_step(cursor);
    visit_bucket(step.bucket, fn);
    return step.next_cursor;
  }
  // Any item, each about as likely. The table must not be empty.
  Slot random_slot(Rng& rng) const;
  PackedItem random_item(Rng& rng) const { return item(random_slot(rng)); }
  // An item whose member has this hash and that has this expiry; none when there is no such item.
  Slot find_expiring(std::uint64_t hash, UnixMs expiry) const;

 private:
  using Mark = PackedBucket::Mark;
  struct ScanStep {
    std::uint32_t bucket;
    std::uint64_t next_cursor;
  };
  static constexpr std::uint32_t kSegmentBuckets = 512;
  static constexpr std::uint32_t kWeightMax = 320;
  static constexpr std::uint32_t kWeightMin = 96;
  static constexpr unsigned kItemWeightMin = 22;
  static constexpr unsigned kBucketItemsMax = 1024;

  bool has_values() const { return kind_ == Kind::hash; }
  PackedBucket*& head(std::uint32_t number) const {
    return segments_[number / kSegmentBuckets][number % kSegmentBuckets];
  }
  std::uint32_t number_of(std::uint64_t hash) const {
    const auto low = static_cast<std::uint32_t>(hash);
    const std::uint32_t number = low & mask_;
    return number < bucket_count_ ? number : low & (mask_ >> 1);
  }
  static std::uint8_t tag_of(std::uint64_t hash) { return static_cast<std::uint8_t>(hash >> 56); }
  static std::uint32_t weight_of(Mark mark) {
    return std::max(mark.bytes(), kItemWeightMin) + static_cast<unsigned>(sizeof(Mark));
  }

  Mark mark_for(std::uint8_t tag, const PackedItem& item) const;
  void write_item(char* to, Mark mark, const PackedItem& item);
  LongItem* make_long_item(const PackedItem& item);
  void free_long_item(LongItem* item);
  char* add(PackedBucket*& block, Mark mark);
  void take_out(PackedBucket*& block, unsigned index);
  PackedBucket* allocate(std::size_t count, std::size_t item_bytes);
  void free_block(PackedBucket* block);
  void free_bucket(PackedBucket* block);

  void grow();
  void add_bucket();
  void drop_last_bucket();
  void split(std::uint32_t from);
  void shrink_by_one();
  std::size_t directory_size() const;
  ScanStep scan_step(std::uint64_t cursor) const;

  std::vector<PackedBucket**> segments_;
  std::uint32_t bucket_count_ = 0;
  std::uint32_t mask_ = 0;  // the smallest 2^k >= bucket_count_, less one
  std::uint64_t size_ = 0;
  std::uint64_t weight_ = 0;
  std::size_t block_bytes_ = 0;
  std::size_t long_items_ = 0;
  HashSecret secret_;
  std::uint32_t fullest_ = 0;  // no bucket has, or had, more items
  Kind kind_;
};

}  // namespace banyan::encodings
