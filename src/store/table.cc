#include "store/table.h"

#include <bit>
#include <cstdlib>
#include <new>

#include "base/touch.h"
#include "values/hash_value.h"

namespace banyan::store {

using values::Type;

namespace {

Bucket* allocate_buckets(std::uint32_t count, std::uint8_t version) {
  void* memory = std::aligned_alloc(alignof(Bucket), sizeof(Bucket) * count);
  CHECK(memory != nullptr);
  auto* buckets = static_cast<Bucket*>(memory);
  for (std::uint32_t i = 0; i < count; ++i) {
    new (buckets + i) Bucket();
    buckets[i].version = version;
  }
  return buckets;
}

// The last segment of a table that has only this one is as large as it needs to be, in powers of 2.
std::uint32_t first_segment_size(std::uint32_t buckets) { return std::bit_ceil(buckets); }

std::uint64_t reverse_bits(std::uint64_t v) {
  v = ((v >> 1) & 0x5555555555555555ULL) | ((v & 0x5555555555555555ULL) << 1);
  v = ((v >> 2) & 0x3333333333333333ULL) | ((v & 0x3333333333333333ULL) << 2);
  v = ((v >> 4) & 0x0f0f0f0f0f0f0f0fULL) | ((v & 0x0f0f0f0f0f0f0f0fULL) << 4);
  return __builtin_bswap64(v);
}

template <class Fn>
void for_each_slot(Bucket* chain, const Fn& fn) {
  for (Bucket* b = chain; b != nullptr; b = b->next())
    for (std::uint64_t used = b->used_slots(); used != 0; used &= used - 1)
      fn(*b, Bucket::slot_of(used));
}

Table::Candidate prefetch_candidate(const Bucket& bucket, std::uint64_t hits) {
  const Entry* entry = bucket.entry(Bucket::slot_of(hits));
  __builtin_prefetch(entry);
  return {.entry = entry, .is_chained = false};
}

}  // namespace

Table::~Table() {
  for (std::uint32_t n = 0; n < bucket_count_; ++n) {
    for_each_slot(head(n), [](Bucket& b, unsigned slot) { Entry::destroy(b.entry(slot)); });
    free_chain(head(n)->next());
  }
  for (Bucket* segment : segments_) std::free(segment);
}

void Table::free_chain(Bucket* chain) {
  while (chain != nullptr) {
    Bucket* next = chain->next();
    std::free(chain);
    chain = next;
  }
}

std::size_t Table::overhead_bytes() const {
  if (bucket_count_ == 0) return 0;
  const std::size_t buckets = segments_.size() == 1 ? first_segment_size(bucket_count_)
                                                    : segments_.size() * kSegmentBuckets;
  return buckets * sizeof(Bucket) + segments_.capacity() * sizeof(Bucket*);
}

Table::Slot Table::find(Bytes key, std::uint64_t hash) const {
  if (bucket_count_ == 0) [[unlikely]]
    return {};
  const std::uint32_t number = number_of(hash);
  const std::uint8_t tag = Bucket::tag_of(hash);
  for (Bucket* b = head(number); b != nullptr; b = b->next()) {
    for (std::uint64_t hits = b->matches(tag); hits != 0; hits &= hits - 1) {
      const unsigned slot = Bucket::slot_of(hits);
      if (same_bytes(b->entry(slot)->key(), key)) return {number, b, slot};
    }
  }
  return {};
}

Table::Candidate Table::prefetch_entry(std::uint64_t hash) const {
  if (bucket_count_ == 0) return {};
  const Bucket* b = head(number_of(hash));
  const std::uint64_t hits = b->matches(Bucket::tag_of(hash));
  if (hits != 0) return prefetch_candidate(*b, hits);
  const Bucket* next = b->next();
  if (next != nullptr) __builtin_prefetch(next);
  return {.entry = nullptr, .is_chained = next != nullptr};
}

Table::Candidate Table::prefetch_chained_entry(std::uint64_t hash) const {
  if (bucket_count_ == 0) return {};
  const Bucket* b = head(number_of(hash))->next();
  if (b == nullptr) return {};
  const std::uint64_t hits = b->matches(Bucket::tag_of(hash));
  return hits != 0 ? prefetch_candidate(*b, hits) : Candidate{};
}

void Table::place(Bucket* chain, const Bucket::Item& item) {
  while (true) {
    if (const std::uint64_t free = chain->free_slots(); free != 0) {
      chain->put(Bucket::slot_of(free), item);
      return;
    }
    Bucket* next = chain->next();
    if (next == nullptr) {
      next = allocate_buckets(1, 0);
      chain->set_next(next);
    }
    chain = next;
  }
}

void Table::insert(Entry* entry, std::uint64_t hash) {
  if (bucket_count_ == 0) [[unlikely]]
    add_bucket();
  const std::uint32_t number = number_of(hash);
  preserve(number);
  const unsigned split_bits = split_bits_of(hash, level_of(number));
  place(head(number), Bucket::Item::of(entry, Bucket::tag_of(hash), split_bits));
  count(1, entry->has_expiry() ? 1 : 0);
  if (entry->type() == Type::hash) [[unlikely]]
    move_field_expiry(entry->key(), kNoExpiry, soonest_field_expiry(entry->type(), entry->body()));
  const std::uint64_t size_max = std::uint64_t{bucket_count_} * kKeysPerBucketMax;
  if (size() > size_max) return grow_by_one();
  prefetch_next_split(size_max - size());
}

// A split comes after so many more keys: by then its bucket and its chain are in the cache.
void Table::prefetch_next_split(std::uint64_t keys_ahead) const {
  if (keys_ahead > 5) return;
  Bucket* from = head(bucket_count_ - std::bit_floor(bucket_count_));
  if (keys_ahead == 5) __builtin_prefetch(from);
  if (keys_ahead == 3 && from->next() != nullptr) __builtin_prefetch(from->next());
}

void Table::move_field_expiry(Bytes key, UnixMs before, UnixMs after) {
  if (before != kNoExpiry) field_expiries_.remove(key, before);
  if (after != kNoExpiry) field_expiries_.add(key, after);
}

void Table::forget_field_expiry(const Entry& entry) {
  move_field_expiry(entry.key(), soonest_field_expiry(entry.type(), entry.body()), kNoExpiry);
}

void Table::end_write(const Slot& slot, Entry* entry) {
  const bool had = slot.at->is_expiring(slot.index);
  slot.at->set_entry(slot.index, entry);
  count(0, static_cast<std::int64_t>(entry->has_expiry()) - static_cast<std::int64_t>(had));
}

Entry* Table::remove(const Slot& slot) {
  preserve(slot.bucket);
  Entry* entry = slot.entry();
  if (entry->type() == Type::hash) [[unlikely]]
    forget_field_expiry(*entry);
  count(-1, slot.at->is_expiring(slot.index) ? -1 : 0);
  slot.at->clear(slot.index);
  if (slot.at->used_slots() == 0) {  // give an emptied overflow bucket back
    Bucket* previous = head(slot.bucket);
    while (previous != slot.at && previous->next() != slot.at) previous = previous->next();
    if (previous != slot.at) {
      previous->set_next(slot.at->next());
      std::free(slot.at);
    }
  }
  if (bucket_count_ > 1 && size() < std::uint64_t{bucket_count_} * kKeysPerBucketMin)
    shrink_by_one();
  return entry;
}

void Table::add_bucket() {
  const std::uint32_t number = bucket_count_;
  const std::uint8_t version = context_->version;
  if (number < kSegmentBuckets) {
    // The first segment grows by doubling; its buckets move, as nobody holds on to them.
    if (number == 0 || std::has_single_bit(number)) {
      Bucket* grown = allocate_buckets(first_segment_size(number + 1), version);
      if (segments_.empty()) {
        segments_.push_back(grown);
      } else {
        std::memcpy(static_cast<void*>(grown), segments_[0], sizeof(Bucket) * number);
        std::free(segments_[0]);
        segments_[0] = grown;
      }
    }
  } else if (number % kSegmentBuckets == 0) {
    segments_.push_back(allocate_buckets(kSegmentBuckets, version));
  }
  ++bucket_count_;
  mask_ = std::bit_ceil(bucket_count_) - 1;
  *head(number) = Bucket();
  head(number)->version = version;
}

// Moves about half of the keys of one bucket to a new one.
void Table::grow_by_one() {
  const std::uint32_t from = bucket_count_ - std::bit_floor(bucket_count_);
  const unsigned level = level_of(from);
  preserve(from);
  add_bucket();
  Bucket* const source = head(from);
  Bucket* const target = head(bucket_count_ - 1);
  Bucket* const chain = source->next();
  const unsigned bit = 1U << (level - split_base(level));
  const auto moves = [bit](const Bucket::Item& item) { return (item.split_bits() & bit) != 0; };
  for (std::uint64_t used = source->used_slots(); used != 0; used &= used - 1) {
    const unsigned slot = Bucket::slot_of(used);
    const Bucket::Item item = source->item(slot);
    if (!moves(item)) continue;
    place(target, item);
    source->clear(slot);
  }
  if (chain != nullptr) {
    source->set_next(nullptr);
    for_each_slot(chain, [&](Bucket& b, unsigned slot) {
      const Bucket::Item item = b.item(slot);
      place(moves(item) ? target : source, item);
    });
    free_chain(chain);
  }
  if (split_base(level + 1) != split_base(level)) {  // they are used up
    renew_split_bits(from);
    renew_split_bits(bucket_count_ - 1);
  }
}

// From the keys' hashes: the one time in four that a split fetches the entries. They are on their
// way all at once, before each is needed in turn. (By loads: prefetches turned out to help little
// here, as most of these pages are in no TLB.)
void Table::renew_split_bits(std::uint32_t number) {
  Bucket* const chain = head(number);
  const unsigned level = level_of(number);
  for_each_slot(chain, [](Bucket& b, unsigned slot) { touch(b.entry(slot)); });
  for_each_slot(chain, [&](Bucket& b, unsigned slot) {
    Entry* const entry = b.entry(slot);
    const std::uint64_t hash = hash_bytes(entry->key(), context_->secret);
    b.put(slot, Bucket::Item::of(entry, b.tags[slot], split_bits_of(hash, level)));
  });
}

void Table::drop_last_bucket() {
  --bucket_count_;
  mask_ = std::bit_ceil(bucket_count_) - 1;
  if (bucket_count_ >= kSegmentBuckets) {
    if (bucket_count_ % kSegmentBuckets == 0) {
      std::free(segments_.back());
      segments_.pop_back();
    }
  } else if (std::has_single_bit(bucket_count_)) {
    Bucket* smaller = allocate_buckets(bucket_count_, 0);
    std::memcpy(static_cast<void*>(smaller), segments_[0], sizeof(Bucket) * bucket_count_);
    std::free(segments_[0]);
    segments_[0] = smaller;
  }
}

void Table::shrink_by_one() {
  const std::uint32_t last = bucket_count_ - 1;
  const std::uint32_t into = last - std::bit_floor(last);
  const unsigned level = level_of(last);
  preserve(last);
  preserve(into);
  Bucket* const source = head(last);
  for_each_slot(source, [&](Bucket& b, unsigned slot) { place(head(into), b.item(slot)); });
  free_chain(source->next());
  drop_last_bucket();
  if (split_base(level - 1) != split_base(level)) renew_split_bits(into);
}

std::uint64_t Table::scan(std::uint64_t cursor, const Visit& visit) const {
  if (bucket_count_ == 0) return 0;
  std::uint64_t number = cursor & mask_;
  std::uint64_t width = mask_;  // the hash bits that bucket `number` is made of
  const std::uint64_t half = mask_ >> 1;
  if (number >= bucket_count_) number &= half;
  if (number <= half && number + half + 1 >= bucket_count_) width = half;  // not split yet
  visit_bucket(static_cast<std::uint32_t>(number), false, visit);
  // Add one to the cursor's bits in reversed order.
  return reverse_bits(reverse_bits(cursor | ~width) + 1);
}

void Table::visit_bucket(std::uint32_t number, bool only_expiring, const Visit& visit) const {
  for_each_slot(head(number), [&](Bucket& b, unsigned slot) {
    if (!only_expiring || b.is_expiring(slot)) visit(*b.entry(slot));
  });
}

Entry* Table::random_entry(Rng& rng) const {
  CHECK(size() > 0);
  while (true) {
    // A place among the eight of a head, or in its chain: equally likely for every key in a chain
    // of one bucket, which nearly all are.
    Bucket* b = head(static_cast<std::uint32_t>(rng.below(bucket_count_)));
    unsigned place = static_cast<unsigned>(rng.below(2 * Bucket::kSlots));
    for (; b != nullptr && place >= Bucket::kSlots; place -= Bucket::kSlots) b = b->next();
    if (b != nullptr && b->tags[place] != 0) return b->entry(place);
  }
}

}  // namespace banyan::store
