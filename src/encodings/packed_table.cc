#include "encodings/packed_table.h"

#include <new>

namespace banyan::encodings {
namespace {

std::uint64_t reverse_bits(std::uint64_t v) {
  v = ((v >> 1) & 0x5555555555555555ULL) | ((v & 0x5555555555555555ULL) << 1);
  v = ((v >> 2) & 0x3333333333333333ULL) | ((v & 0x3333333333333333ULL) << 2);
  v = ((v >> 4) & 0x0f0f0f0f0f0f0f0fULL) | ((v & 0x0f0f0f0f0f0f0f0fULL) << 4);
  return __builtin_bswap64(v);
}

void copy_bytes(char* to, Bytes from) {
  if (!from.empty() && to != from.data()) std::memcpy(to, from.data(), from.size());
}

template <class T>
T* reallocate(T* memory, std::size_t count) {
  memory = static_cast<T*>(std::realloc(static_cast<void*>(memory), count * sizeof(T)));
  CHECK(memory != nullptr);
  return memory;
}

}  // namespace

PackedTable::~PackedTable() { clear_some(SIZE_MAX); }

std::unique_ptr<PackedTable> PackedTable::clone() const {
  auto copy = std::make_unique<PackedTable>(kind_, secret_);
  copy_to(*copy);
  return copy;
}

void PackedTable::copy_to(PackedTable& copy) const {
  copy.segments_.reserve(segments_.size());
  for (std::uint32_t n = 0; n < bucket_count_; ++n) {
    copy.add_bucket();
    const PackedBucket* from = head(n);
    if (from == nullptr) continue;
    PackedBucket*& to = copy.head(n);
    from->for_each([&](const char* bytes, Mark mark) {
      char* at = copy.add(to, mark);
      std::memcpy(at, bytes, mark.bytes());
      if (const LongItem* item = PackedBucket::long_item(bytes, mark))
        store_to(at + 1, copy.make_long_item(item->view()));
    });
  }
  copy.size_ = size_;
  copy.weight_ = weight_;
}

std::size_t PackedTable::directory_size() const {
  return segments_.size() == 1 ? std::bit_ceil(bucket_count_) : segments_.size() * kSegmentBuckets;
}

PackedTable::Slot PackedTable::find(Bytes member, std::uint64_t hash) const {
  if (bucket_count_ == 0) [[unlikely]]
    return {};
  const std::uint32_t number = number_of(hash);
  const PackedBucket* block = head(number);
  if (block == nullptr) return {};
  // The item lies somewhere behind the marks: let it come while they do.
  const auto* lines = reinterpret_cast<const char*>(block);
  for (unsigned i = 1; i < 6; ++i) __builtin_prefetch(lines + i * 64UL);
  const std::size_t block_size = block->block_size();
  const std::uint8_t tag = tag_of(hash);
  for (unsigned first = 0; first < block->count(); first += 4) {
    for (std::uint64_t hits = block->matches(first, tag); hits != 0; hits &= hits - 1) {
      const unsigned index = first + static_cast<unsigned>(std::countr_zero(hits)) / 16;
      const char* bytes = block->item(index, block_size);
      if (same_bytes(PackedBucket::decode(bytes, block->mark(index), has_values()).member, member))
        return {number, index};
    }
  }
  return {};
}

void PackedTable::prefetch_item(std::uint64_t hash) const {
  const PackedBucket* block = bucket_count_ == 0 ? nullptr : head(number_of(hash));
  if (block == nullptr || block->count() == 0) return;
  unsigned index = block->count() - 1;  // new items come in front of the last
  for (unsigned first = 0; first < block->count(); first += 4) {
    if (const std::uint64_t hits = block->matches(first, tag_of(hash)); hits != 0) {
      index = first + static_cast<unsigned>(std::countr_zero(hits)) / 16;
      break;
    }
  }
  __builtin_prefetch(block->item(index, block->block_size()));
}

PackedTable::Slot PackedTable::find_expiring(std::uint64_t hash, UnixMs expiry) const {
  if (bucket_count_ == 0) return {};
  const std::uint32_t number = number_of(hash);
  const PackedBucket* block = head(number);
  if (block == nullptr) return {};
  for (unsigned i = 0; i < block->count(); ++i) {
    if (block->mark(i).tag != tag_of(hash)) continue;
    const PackedItem found = item({number, i});
    if (found.expiry == expiry && hash_of(found.member) == hash) return {number, i};
  }
  return {};
}

PackedItem PackedTable::item(const Slot& slot) const {
  const PackedBucket* block = head(slot.bucket);
  const char* bytes = block->item(slot.index, block->block_size());
  return PackedBucket::decode(bytes, block->mark(slot.index), has_values());
}

PackedTable::Mark PackedTable::mark_for(std::uint8_t tag, const PackedItem& item) const {
  const bool expires = item.expiry != kNoExpiry;
  std::size_t bytes = item.member.size();
  if (has_values()) bytes += 1 + item.value.size();
  if (expires) bytes += 1 + sizeof(UnixMs);
  const bool is_long = bytes > PackedBucket::kItemBytesMax;
  if (is_long) bytes = PackedBucket::kLongItemBytes;
  const unsigned special = is_long || expires ? PackedBucket::kSpecial : 0U;
  return {tag, static_cast<std::uint8_t>(bytes | special)};
}

void PackedTable::write_item(char* to, Mark mark, const PackedItem& item) {
  if (mark.is_special()) {
    if (item.expiry == kNoExpiry || mark.bytes() == PackedBucket::kLongItemBytes) {
      *to = PackedBucket::kLong;
      store_to(to + 1, make_long_item(item));
      return;
    }
    *to = PackedBucket::kExpires;
    store_to(to + 1, item.expiry);
    to += 1 + sizeof(UnixMs);
  }
  if (has_values()) *to++ = static_cast<char>(item.member.size());
  copy_bytes(to, item.member);
  copy_bytes(to + item.member.size(), item.value);
}

LongItem* PackedTable::make_long_item(const PackedItem& item) {
  const std::size_t size = sizeof(LongItem) + item.member.size() + item.value.size();
  void* memory = std::malloc(size);
  CHECK(memory != nullptr);
  auto* made = new (memory) LongItem{item.member.size(), item.value.size(), item.expiry};
  copy_bytes(made->bytes(), item.member);
  copy_bytes(made->bytes() + item.member.size(), item.value);
  block_bytes_ += size;
  ++long_items_;
  return made;
}

void PackedTable::free_long_item(LongItem* item) {
  block_bytes_ -= item->block_size();
  --long_items_;
  std::free(item);
}

PackedBucket* PackedTable::allocate(std::size_t count, std::size_t item_bytes) {
  CHECK(count <= kBucketItemsMax);
  block_bytes_ += PackedBucket::size_of_block(count, item_bytes);
  return PackedBucket::allocate(count, item_bytes);
}

void PackedTable::free_block(PackedBucket* block) {
  block_bytes_ -= block->block_size();
  std::free(block);
}

void PackedTable::free_bucket(PackedBucket* block) {
  if (long_items_ != 0) {
    block->for_each([&](const char* bytes, Mark mark) {
      if (LongItem* item = PackedBucket::long_item(bytes, mark)) free_long_item(item);
    });
  }
  free_block(block);
}

// Room for an item of `mark`: where its bytes go.
char* PackedTable::add(PackedBucket*& block, Mark mark) {
  if (block == nullptr) {
    block = allocate(1, mark.bytes());
    return block->append(mark, PackedBucket::size_of_block(1, mark.bytes()));
  }
  const std::size_t size = block->block_size();
  const unsigned count = block->count() + 1;
  const unsigned item_bytes = block->item_bytes() + mark.bytes();
  const std::size_t wanted = PackedBucket::size_of_block(count, item_bytes);
  if (wanted != size) {
    PackedBucket* larger = allocate(count, item_bytes);
    block->copy_to(larger, size, wanted);
    free_block(block);
    block = larger;
  }
  fullest_ = std::max(fullest_, count);
  return block->append(mark, wanted);
}

void PackedTable::take_out(PackedBucket*& block, unsigned index) {
  if (block->count() == 1) {
    free_block(block);
    block = nullptr;
    return;
  }
  const std::size_t size = block->block_size();
  block->remove(index, size);
  const std::size_t wanted = block->block_size();
  if (wanted == size) return;
  PackedBucket* smaller = allocate(block->count(), block->item_bytes());
  block->copy_to(smaller, size, wanted);
  block_bytes_ -= size;
  std::free(block);
  block = smaller;
}

void PackedTable::insert(const PackedItem& item, std::uint64_t hash) {
  if (bucket_count_ == 0) [[unlikely]]
    add_bucket();
  const Mark mark = mark_for(tag_of(hash), item);
  write_item(add(head(number_of(hash)), mark), mark, item);
  ++size_;
  weight_ += weight_of(mark);
  grow();
}

void PackedTable::replace(const Slot& slot, Bytes value, UnixMs expiry) {
  PackedBucket*& block = head(slot.bucket);
  char* bytes = block->item(slot.index, block->block_size());
  const Mark old_mark = block->mark(slot.index);
  LongItem* const old_long = PackedBucket::long_item(bytes, old_mark);
  PackedItem fresh = PackedBucket::decode(bytes, old_mark, has_values());
  if (fresh.value.size() == value.size() && old_long != nullptr) {
    copy_bytes(old_long->bytes() + old_long->member_size, value);
    old_long->expiry = expiry;
    return;
  }
  fresh.value = value;
  fresh.expiry = expiry;
  const Mark mark = mark_for(old_mark.tag, fresh);
  if (mark.size == old_mark.size && old_long == nullptr) {
    if (expiry != kNoExpiry) store_to(bytes + 1, expiry);
    copy_bytes(bytes + mark.bytes() - value.size(), value);
    return;
  }
  // The item changes its size: it is written anew, at the end. The member is in what goes away.
  char item_room[PackedBucket::kItemBytesMax];
  write_item(item_room, mark, fresh);
  if (old_long != nullptr) free_long_item(old_long);
  take_out(block, slot.index);
  std::memcpy(add(block, mark), item_room, mark.bytes());
  weight_ += weight_of(mark);
  weight_ -= weight_of(old_mark);
  grow();
}

void PackedTable::erase(const Slot& slot) {
  PackedBucket*& block = head(slot.bucket);
  const Mark mark = block->mark(slot.index);
  if (LongItem* item = PackedBucket::long_item(block->item(slot.index, block->block_size()), mark))
    free_long_item(item);
  take_out(block, slot.index);
  --size_;
  weight_ -= weight_of(mark);
  if (bucket_count_ > 1 && weight_ < std::uint64_t{bucket_count_} * kWeightMin) shrink_by_one();
}

void PackedTable::reserve(std::uint64_t items, std::size_t item_bytes) {
  const auto item_weight = std::clamp<std::size_t>(item_bytes, kItemWeightMin, 127) + sizeof(Mark);
  const std::uint64_t weight = weight_ + items * item_weight;
  const std::uint64_t wanted = std::min<std::uint64_t>(weight / kWeightMax + 1, 1U << 24);
  while (bucket_count_ < wanted) {
    add_bucket();
    if (size_ != 0) split(bucket_count_ - 1 - std::bit_floor(bucket_count_ - 1));
  }
}

bool PackedTable::clear_some(std::size_t effort) {
  while (bucket_count_ != 0) {
    PackedBucket* block = head(bucket_count_ - 1);
    if (block != nullptr) {
      if (effort == 0) return false;
      effort -= std::min<std::size_t>(effort, long_items_ == 0 ? 1 : block->count());
      size_ -= block->count();
      free_bucket(block);
    }
    drop_last_bucket();
  }
  return true;
}

void PackedTable::grow() {
  const std::uint64_t weight_max = std::uint64_t{bucket_count_} * kWeightMax;
  if (weight_ <= weight_max) {
    // A split reads all of its bucket: by the time it comes the block is in the cache.
    if (weight_ + std::uint64_t{3} * 64 > weight_max) {
      const auto* next =
          reinterpret_cast<const char*>(head(bucket_count_ - std::bit_floor(bucket_count_)));
      for (unsigned line = 0; line < 4; ++line) __builtin_prefetch(next + line * 64UL);
    }
    return;
  }
  add_bucket();
  split(bucket_count_ - 1 - std::bit_floor(bucket_count_ - 1));
}

void PackedTable::add_bucket() {
  const std::uint32_t number = bucket_count_;
  if (number < kSegmentBuckets) {
    // The first segment grows by doubling.
    if (number == 0) {
      segments_.push_back(reallocate<PackedBucket*>(nullptr, 1));
    } else if (std::has_single_bit(number)) {
      segments_[0] = reallocate(segments_[0], std::size_t{number} * 2);
    }
  } else if (number % kSegmentBuckets == 0) {
    segments_.push_back(reallocate<PackedBucket*>(nullptr, kSegmentBuckets));
  }
  ++bucket_count_;
  mask_ = std::bit_ceil(bucket_count_) - 1;
  head(number) = nullptr;
}

void PackedTable::drop_last_bucket() {
  --bucket_count_;
  mask_ = bucket_count_ == 0 ? 0 : std::bit_ceil(bucket_count_) - 1;
  if (bucket_count_ == 0) {
    std::free(segments_.back());
    segments_.clear();
  } else if (bucket_count_ >= kSegmentBuckets) {
    if (bucket_count_ % kSegmentBuckets == 0) {
      std::free(segments_.back());
      segments_.pop_back();
    }
  } else if (std::has_single_bit(bucket_count_)) {
    segments_[0] = reallocate(segments_[0], bucket_count_);
  }
}

// Moves the items of bucket `from` that belong to the last bucket: about half of them.
void PackedTable::split(std::uint32_t from) {
  const std::uint32_t target = bucket_count_ - 1;
  PackedBucket* const old = head(from);
  if (old == nullptr) return;
  bool moves[kBucketItemsMax];
  unsigned moving = 0;
  unsigned moving_bytes = 0;
  unsigned index = 0;
  old->for_each([&](const char* bytes, Mark mark) {
    const PackedItem item = PackedBucket::decode(bytes, mark, has_values());
    const bool goes = number_of(hash_of(item.member)) == target;
    moves[index++] = goes;
    if (goes) {
      ++moving;
      moving_bytes += mark.bytes();
    }
  });
  if (moving == 0) return;
  if (moving == old->count()) {
    head(target) = old;
    head(from) = nullptr;
    return;
  }
  const unsigned staying = old->count() - moving;
  const unsigned staying_bytes = old->item_bytes() - moving_bytes;
  PackedBucket* const there = allocate(moving, moving_bytes);
  PackedBucket* const here = allocate(staying, staying_bytes);
  const std::size_t there_size = PackedBucket::size_of_block(moving, moving_bytes);
  const std::size_t here_size = PackedBucket::size_of_block(staying, staying_bytes);
  index = 0;
  old->for_each([&](const char* bytes, Mark mark) {
    char* to = moves[index++] ? there->append(mark, there_size) : here->append(mark, here_size);
    std::memcpy(to, bytes, mark.bytes());
  });
  free_block(old);
  head(target) = there;
  head(from) = here;
}

void PackedTable::shrink_by_one() {
  const std::uint32_t last = bucket_count_ - 1;
  PackedBucket* const source = head(last);
  if (source != nullptr) {
    PackedBucket*& into = head(last - std::bit_floor(last));
    if (into == nullptr) {
      into = source;
    } else {
      source->for_each(
          [&](const char* bytes, Mark mark) { std::memcpy(add(into, mark), bytes, mark.bytes()); });
      free_block(source);
    }
  }
  drop_last_bucket();
}

PackedTable::ScanStep PackedTable::scan_step(std::uint64_t cursor) const {
  std::uint64_t number = cursor & mask_;
  std::uint64_t width = mask_;  // the hash bits that bucket `number` is made of
  const std::uint64_t half = mask_ >> 1;
  if (number >= bucket_count_) number &= half;
  if (number <= half && number + half + 1 >= bucket_count_) width = half;  // not split yet
  // Add one to the cursor's bits in reversed order.
  return {static_cast<std::uint32_t>(number), reverse_bits(reverse_bits(cursor | ~width) + 1)};
}

PackedTable::Slot PackedTable::random_slot(Rng& rng) const {
  CHECK(size_ > 0);
  // A place among as many as the fullest bucket has: equally likely for every item. In a big table
  // so full a bucket is rare, and a bound of four times the average costs its last items little.
  const std::uint64_t average = size_ / bucket_count_ + 1;
  const std::uint64_t places = std::min<std::uint64_t>(fullest_, 4 * average + 8);
  while (true) {
    const auto number = static_cast<std::uint32_t>(rng.below(bucket_count_));
    const auto index = static_cast<std::uint32_t>(rng.below(places));
    const PackedBucket* block = head(number);
    if (block != nullptr && index < block->count()) return {number, index};
  }
}

}  // namespace banyan::encodings
