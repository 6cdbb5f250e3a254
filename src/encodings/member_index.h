// MemberIndex: finds the members of a big sorted set by their bytes: linear hashing over cache-line
// buckets of 48-bit pointers and 8-bit tags, grown and shrunk by one bucket at a time (as
// store/table.h, which does it for keys, but without versions and expiries).
//
// Vocabulary   A *cursor* is a position in the order of bit-reversed hashes: a scan returns every
//              member that was there from its beginning to its end, some perhaps twice.
// Invariants   A free slot has tag 0. Between 2 and 7 members a bucket, when there are more than a
//              few.
// Threads      None of its own.
// Failure      Allocation failure terminates.
//
// The members belong to the caller: the index frees none.
#pragma once

#include <bit>
#include <cstdint>
#include <vector>

#include "base/hash.h"
#include "base/touch.h"
#include "encodings/member.h"

namespace banyan::encodings {

class MemberIndex {
 public:
  explicit MemberIndex(const HashSecret& secret) : secret_(secret) {}
  MemberIndex(const MemberIndex&) = delete;
  MemberIndex& operator=(const MemberIndex&) = delete;
  ~MemberIndex();

  std::uint64_t hash_of(Bytes text) const { return hash_bytes(text, secret_); }
  const HashSecret& secret() const { return secret_; }
  std::size_t memory_bytes() const;

  // Null when it is not there.
  Member* find(Bytes text, std::uint64_t hash) const;
  // For pipelines: bring the member's bucket, then the member into the cache.
  void prefetch_bucket(std::uint64_t hash) const {
    if (bucket_count_ != 0) __builtin_prefetch(head(number_of(hash)));
  }
  void prefetch_member(std::uint64_t hash) const {
    if (bucket_count_ == 0) return;
    const Bucket* bucket = head(number_of(hash));
    const std::uint64_t hits = bucket->matches(tag_of(hash));
    if (hits != 0) touch(bucket->member(slot_of(hits)));
  }

  // Not there yet.
  void insert(Member* member, std::uint64_t hash);
  // Requires that it is there.
  void erase(const Member* member);
  // Calls visit(const Member&) for the members of one bucket and returns the next cursor; 0 when
  // the index is through.
  template <class Visit>
  std::uint64_t scan(std::uint64_t cursor, const Visit& visit) const;

 private:
  struct alignas(64) Bucket {
    static constexpr unsigned kSlots = 8;

    unsigned char pointers[kSlots][6];
    std::uint8_t tags[kSlots];
    unsigned char next_pointer[8];

    // One bit per slot (bit 7 of byte i for slot i) whose tag equals `tag`.
    std::uint64_t matches(std::uint8_t tag) const {
      constexpr std::uint64_t kOnes = 0x0101010101010101ULL;
      constexpr std::uint64_t kLow7 = 0x7f7f7f7f7f7f7f7fULL;
      const std::uint64_t x = load<std::uint64_t>(tags) ^ (kOnes * tag);
      return ~(((x & kLow7) + kLow7) | x | kLow7);
    }
    std::uint64_t used_slots() const { return ~matches(0) & 0x8080808080808080ULL; }
    Member* member(unsigned slot) const {
      // Reads two bytes beyond the six: still inside the bucket.
      return reinterpret_cast<Member*>(load<std::uint64_t>(pointers[slot]) & 0xffffffffffffULL);
    }
    void put(unsigned slot, std::uint8_t tag, Member* member) {
      const auto value = reinterpret_cast<std::uint64_t>(member);
      DCHECK((value >> 48) == 0);
      std::memcpy(pointers[slot], &value, 6);
      tags[slot] = tag;
    }
    Bucket* next() const { return load<Bucket*>(next_pointer); }
    void set_next(Bucket* bucket) { store_to(next_pointer, bucket); }
  };
  static_assert(sizeof(Bucket) == 64);

  static constexpr std::uint32_t kSegmentBuckets = 256;
  static constexpr std::uint32_t kMembersPerBucketMax = 7;
  static constexpr std::uint32_t kMembersPerBucketMin = 2;

  static unsigned slot_of(std::uint64_t bits) {
    return static_cast<unsigned>(std::countr_zero(bits)) / 8;
  }
  static std::uint8_t tag_of(std::uint64_t hash) {
    const auto tag = static_cast<std::uint8_t>(hash >> 48);
    return tag == 0 ? 1 : tag;
  }
  static Bucket* allocate(std::uint32_t count);
  static void free_chain(Bucket* chain);
  static std::uint64_t reverse_bits(std::uint64_t value);
  template <class Visit>
  static void for_each_slot(Bucket* chain, const Visit& visit);

  Bucket* head(std::uint32_t number) const {
    return segments_[number / kSegmentBuckets] + number % kSegmentBuckets;
  }
  std::uint32_t number_of(std::uint64_t hash) const {
    const auto low = static_cast<std::uint32_t>(hash);
    const std::uint32_t number = low & mask_;
    return number < bucket_count_ ? number : low & (mask_ >> 1);
  }
  void place(Bucket* chain, std::uint8_t tag, Member* member);
  void add_bucket();
  void drop_last_bucket();
  void grow_by_one();
  void shrink_by_one();
  void prefetch_next_split() const;

  HashSecret secret_;
  std::vector<Bucket*> segments_;
  std::uint32_t bucket_count_ = 0;
  std::uint32_t mask_ = 0;  // the smallest 2^k >= bucket_count_, less one
  std::uint64_t size_ = 0;
  std::size_t overflow_buckets_ = 0;
};

template <class Visit>
void MemberIndex::for_each_slot(Bucket* chain, const Visit& visit) {
  for (Bucket* b = chain; b != nullptr; b = b->next())
    for (std::uint64_t used = b->used_slots(); used != 0; used &= used - 1)
      visit(*b, slot_of(used));
}

template <class Visit>
std::uint64_t MemberIndex::scan(std::uint64_t cursor, const Visit& visit) const {
  if (bucket_count_ == 0) return 0;
  std::uint64_t number = cursor & mask_;
  std::uint64_t width = mask_;  // the hash bits that bucket `number` is made of
  const std::uint64_t half = mask_ >> 1;
  if (number >= bucket_count_) number &= half;
  if (number <= half && number + half + 1 >= bucket_count_) width = half;  // not split yet
  for_each_slot(head(static_cast<std::uint32_t>(number)), [&](const Bucket& b, unsigned slot) {
    visit(static_cast<const Member&>(*b.member(slot)));
  });
  // Add one to the cursor's bits in reversed order.
  return reverse_bits(reverse_bits(cursor | ~width) + 1);
}

}  // namespace banyan::encodings
