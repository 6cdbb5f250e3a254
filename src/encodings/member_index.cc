#include "encodings/member_index.h"

#include <cstdlib>

namespace banyan::encodings {

MemberIndex::Bucket* MemberIndex::allocate(std::uint32_t count) {
  void* memory = std::aligned_alloc(alignof(Bucket), sizeof(Bucket) * count);
  CHECK(memory != nullptr);
  std::memset(memory, 0, sizeof(Bucket) * count);
  return static_cast<Bucket*>(memory);
}

void MemberIndex::free_chain(Bucket* chain) {
  while (chain != nullptr) {
    Bucket* next = chain->next();
    std::free(chain);
    chain = next;
  }
}

std::uint64_t MemberIndex::reverse_bits(std::uint64_t v) {
  v = ((v >> 1) & 0x5555555555555555ULL) | ((v & 0x5555555555555555ULL) << 1);
  v = ((v >> 2) & 0x3333333333333333ULL) | ((v & 0x3333333333333333ULL) << 2);
  v = ((v >> 4) & 0x0f0f0f0f0f0f0f0fULL) | ((v & 0x0f0f0f0f0f0f0f0fULL) << 4);
  return __builtin_bswap64(v);
}

MemberIndex::~MemberIndex() {
  for (std::uint32_t n = 0; n < bucket_count_; ++n) free_chain(head(n)->next());
  for (Bucket* segment : segments_) std::free(segment);
}

std::size_t MemberIndex::memory_bytes() const {
  const std::size_t buckets =
      segments_.size() == 1 ? std::bit_ceil(bucket_count_) : segments_.size() * kSegmentBuckets;
  return (buckets + overflow_buckets_) * sizeof(Bucket) + segments_.capacity() * sizeof(Bucket*);
}

Member* MemberIndex::find(Bytes text, std::uint64_t hash) const {
  if (bucket_count_ == 0) return nullptr;
  const std::uint8_t tag = tag_of(hash);
  for (const Bucket* b = head(number_of(hash)); b != nullptr; b = b->next()) {
    for (std::uint64_t hits = b->matches(tag); hits != 0; hits &= hits - 1) {
      Member* member = b->member(slot_of(hits));
      if (member->text() == text) return member;
    }
  }
  return nullptr;
}

void MemberIndex::place(Bucket* chain, std::uint8_t tag, Member* member) {
  while (true) {
    if (const std::uint64_t free = chain->matches(0); free != 0)
      return chain->put(slot_of(free), tag, member);
    Bucket* next = chain->next();
    if (next == nullptr) {
      next = allocate(1);
      ++overflow_buckets_;
      chain->set_next(next);
    }
    chain = next;
  }
}

void MemberIndex::insert(Member* member, std::uint64_t hash) {
  if (bucket_count_ == 0) add_bucket();
  place(head(number_of(hash)), tag_of(hash), member);
  ++size_;
  const std::uint64_t size_max = std::uint64_t{bucket_count_} * kMembersPerBucketMax;
  if (size_ > size_max) {
    grow_by_one();
  } else if (size_ + 2 == size_max) {
    prefetch_next_split();
  }
}

// A split reads every member of its bucket: by the time it comes they are in the cache.
void MemberIndex::prefetch_next_split() const {
  const std::uint32_t from = bucket_count_ - std::bit_floor(bucket_count_);
  for_each_slot(head(from), [](Bucket& b, unsigned slot) { __builtin_prefetch(b.member(slot)); });
}

void MemberIndex::erase(const Member* member) {
  const std::uint64_t hash_of_member = hash_of(member->text());
  const std::uint8_t tag = tag_of(hash_of_member);
  Bucket* const first = head(number_of(hash_of_member));
  for (Bucket *b = first, *previous = nullptr; b != nullptr; previous = b, b = b->next()) {
    for (std::uint64_t hits = b->matches(tag); hits != 0; hits &= hits - 1) {
      const unsigned slot = slot_of(hits);
      if (b->member(slot) != member) continue;
      b->tags[slot] = 0;
      if (previous != nullptr && b->used_slots() == 0) {
        previous->set_next(b->next());
        std::free(b);
        --overflow_buckets_;
      }
      --size_;
      if (bucket_count_ > 1 && size_ < std::uint64_t{bucket_count_} * kMembersPerBucketMin)
        shrink_by_one();
      return;
    }
  }
  CHECK(false);
}

void MemberIndex::add_bucket() {
  const std::uint32_t number = bucket_count_;
  if (number < kSegmentBuckets) {
    // The first segment grows by doubling.
    if (number == 0 || std::has_single_bit(number)) {
      Bucket* grown = allocate(std::bit_ceil(number + 1));
      if (segments_.empty()) {
        segments_.push_back(grown);
      } else {
        std::memcpy(static_cast<void*>(grown), segments_[0], sizeof(Bucket) * number);
        std::free(segments_[0]);
        segments_[0] = grown;
      }
    }
  } else if (number % kSegmentBuckets == 0) {
    segments_.push_back(allocate(kSegmentBuckets));
  }
  ++bucket_count_;
  mask_ = std::bit_ceil(bucket_count_) - 1;
  *head(number) = Bucket();
}

void MemberIndex::grow_by_one() {
  // Splitting bucket `from` moves about half of its members to the new bucket.
  const std::uint32_t from = bucket_count_ - std::bit_floor(bucket_count_);
  add_bucket();
  Bucket* const target = head(bucket_count_ - 1);
  Bucket* const source = head(from);
  Bucket* const chain = source->next();
  // What follows depends on each member in turn: have them all on their way first.
  for_each_slot(source, [](Bucket& b, unsigned slot) { touch(b.member(slot)); });
  const auto stays = [&](const Member* member) {
    return number_of(hash_of(member->text())) == from;
  };
  for (std::uint64_t used = source->used_slots(); used != 0; used &= used - 1) {
    const unsigned slot = slot_of(used);
    Member* member = source->member(slot);
    if (stays(member)) continue;
    place(target, source->tags[slot], member);
    source->tags[slot] = 0;
  }
  if (chain == nullptr) return;
  source->set_next(nullptr);
  for_each_slot(chain, [&](Bucket& b, unsigned slot) {
    Member* member = b.member(slot);
    place(stays(member) ? source : target, b.tags[slot], member);
  });
  for (Bucket* b = chain; b != nullptr; b = b->next()) --overflow_buckets_;
  free_chain(chain);
}

void MemberIndex::drop_last_bucket() {
  --bucket_count_;
  mask_ = std::bit_ceil(bucket_count_) - 1;
  if (bucket_count_ >= kSegmentBuckets) {
    if (bucket_count_ % kSegmentBuckets == 0) {
      std::free(segments_.back());
      segments_.pop_back();
    }
  } else if (std::has_single_bit(bucket_count_)) {
    Bucket* smaller = allocate(bucket_count_);
    std::memcpy(static_cast<void*>(smaller), segments_[0], sizeof(Bucket) * bucket_count_);
    std::free(segments_[0]);
    segments_[0] = smaller;
  }
}

void MemberIndex::shrink_by_one() {
  const std::uint32_t last = bucket_count_ - 1;
  Bucket* const target = head(last - std::bit_floor(last));
  Bucket* const source = head(last);
  for_each_slot(source,
                [&](Bucket& b, unsigned slot) { place(target, b.tags[slot], b.member(slot)); });
  for (Bucket* b = source->next(); b != nullptr; b = b->next()) --overflow_buckets_;
  free_chain(source->next());
  drop_last_bucket();
}

}  // namespace banyan::encodings
