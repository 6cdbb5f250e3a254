// PackedBucket: the items of one bucket of a PackedTable, in one block of memory.
//
// Layout   4 bytes of header; a *mark* of 2 bytes per item, growing upwards; free space; the items'
//          bytes, growing downwards from the block's end. So adding an item moves nothing. A mark
//          is a tag (8 bits of the hash) and the item's size (7 bits) with a bit for *special*:
//          tags are compared, and sizes summed, four at a time.
//            plain     in a set: the member. In a hash: the member's length (1 byte), the member,
//                      the value.
//            special   a byte of flags first; then, if the item is *long*, a pointer to a LongItem;
//                      else, if it expires, the expiry (8 bytes); then as plain.
// Invariants   The block's size is size_of_block(count, item bytes): it is stored nowhere.
// Threads  None. Failure: allocation failure terminates.
#pragma once

#include <algorithm>
#include <bit>
#include <cstdint>
#include <cstdlib>

#include "base/bytes.h"
#include "base/check.h"
#include "base/time.h"

namespace banyan::encodings {

// What a table holds, as its users see it. A set's items have no value and never expire.
struct PackedItem {
  Bytes member = {};
  Bytes value = {};
  UnixMs expiry = kNoExpiry;
};

// An item too long to lie in its bucket: followed by the member's bytes and the value's.
struct LongItem {
  std::size_t member_size;
  std::size_t value_size;
  UnixMs expiry;

  char* bytes() { return reinterpret_cast<char*>(this + 1); }
  const char* bytes() const { return reinterpret_cast<const char*>(this + 1); }
  PackedItem view() const {
    return {{bytes(), member_size}, {bytes() + member_size, value_size}, expiry};
  }
  std::size_t block_size() const { return sizeof(LongItem) + member_size + value_size; }
};

class PackedBucket {
 public:
  static constexpr unsigned kItemBytesMax = 127;
  static constexpr std::uint8_t kSpecial = 0x80;  // in a mark's size
  static constexpr std::uint8_t kLong = 1;        // in a special item's flags
  static constexpr std::uint8_t kExpires = 2;
  static constexpr unsigned kLongItemBytes = 1 + sizeof(LongItem*);

  struct Mark {
    std::uint8_t tag;
    std::uint8_t size;  // with kSpecial
    unsigned bytes() const { return size & 0x7fU; }
    bool is_special() const { return (size & kSpecial) != 0; }
  };

  // The allocator's size classes, without the ones that would be outgrown at once.
  static std::size_t size_of_block(std::size_t count, std::size_t item_bytes) {
    const std::size_t need = kHeaderBytes + count * sizeof(Mark) + item_bytes;
    const std::size_t step =
        need <= 256 ? 32 : std::max<std::size_t>(std::bit_floor(need - 1) / 4, 64);
    return (need + step - 1) & ~(step - 1);
  }
  static PackedBucket* allocate(std::size_t count, std::size_t item_bytes) {
    CHECK(item_bytes <= UINT16_MAX && count <= UINT16_MAX);
    void* memory = std::malloc(size_of_block(count, item_bytes));
    CHECK(memory != nullptr);
    auto* bucket = static_cast<PackedBucket*>(memory);
    bucket->count_ = 0;
    bucket->item_bytes_ = 0;
    return bucket;
  }

  unsigned count() const { return count_; }
  unsigned item_bytes() const { return item_bytes_; }
  std::size_t block_size() const { return size_of_block(count_, item_bytes_); }
  Mark mark(unsigned index) const { return load<Mark>(marks() + sizeof(Mark) * index); }
  void set_mark(unsigned index, Mark mark) { store_to(marks() + sizeof(Mark) * index, mark); }

  // The bytes of items 0 to index - 1.
  unsigned bytes_before(unsigned index) const {
    std::uint64_t sums = 0;
    const char* p = marks();
    for (; index >= 4; index -= 4, p += 8) sums += (load<std::uint64_t>(p) >> 8) & kSizes;
    const std::uint64_t wanted = (1ULL << (16 * index)) - 1;
    sums += (load<std::uint64_t>(p) >> 8) & kSizes & wanted;
    return static_cast<unsigned>((sums * kOnes) >> 48);
  }
  // A bit (bit 8 of lane j for item `first` + j) per item of the four from `first` with this tag.
  std::uint64_t matches(unsigned first, std::uint8_t tag) const {
    const std::uint64_t marks4 = load<std::uint64_t>(marks() + sizeof(Mark) * first);
    const std::uint64_t different = (marks4 ^ (kOnes * tag)) & kTags;
    std::uint64_t hits = ~(different + kTags) & (kOnes << 8);
    if (const unsigned left = count_ - first; left < 4) hits &= (1ULL << (16 * left)) - 1;
    return hits;
  }

  // Where item `index` begins, in a block of `block_size` bytes.
  char* item(unsigned index, std::size_t block_size) {
    return reinterpret_cast<char*>(this) + block_size - bytes_before(index + 1);
  }
  const char* item(unsigned index, std::size_t block_size) const {
    return const_cast<PackedBucket*>(this)->item(index, block_size);
  }

  // The item of `mark` whose bytes begin at `p`.
  static PackedItem decode(const char* p, Mark mark, bool has_values) {
    const char* const end = p + mark.bytes();
    UnixMs expiry = kNoExpiry;
    if (mark.is_special()) [[unlikely]] {
      const auto flags = static_cast<std::uint8_t>(*p++);
      if ((flags & kLong) != 0) return load<const LongItem*>(p)->view();
      expiry = load<UnixMs>(p);
      p += sizeof expiry;
    }
    std::size_t member_size = static_cast<std::size_t>(end - p);
    if (has_values) member_size = static_cast<unsigned char>(*p++);
    const char* value = p + member_size;
    return {{p, member_size}, {value, static_cast<std::size_t>(end - value)}, expiry};
  }
  // Null when the item lies in the bucket itself.
  static LongItem* long_item(const char* p, Mark mark) {
    if (!mark.is_special() || (static_cast<std::uint8_t>(*p) & kLong) == 0) return nullptr;
    return load<LongItem*>(p + 1);
  }

  // fn(const char* bytes, Mark) for every item, in order.
  template <class Fn>
  void for_each(const Fn& fn) const {
    const char* p = reinterpret_cast<const char*>(this) + block_size();
    for (unsigned i = 0; i < count_; ++i) {
      const Mark m = mark(i);
      p -= m.bytes();
      fn(p, m);
    }
  }

  // Adds an item of `mark` and returns where its bytes go. The block must be of `block_size` bytes,
  // which must be enough.
  char* append(Mark mark, std::size_t block_size) {
    set_mark(count_, mark);
    ++count_;
    item_bytes_ = static_cast<std::uint16_t>(item_bytes_ + mark.bytes());
    return reinterpret_cast<char*>(this) + block_size - item_bytes_;
  }
  // Closes the gap; the block is then larger than block_size() says, until `moved_to`.
  void remove(unsigned index, std::size_t block_size) {
    const unsigned gap = mark(index).bytes();
    char* const first = reinterpret_cast<char*>(this) + block_size - item_bytes_;
    std::memmove(first + gap, first, static_cast<std::size_t>(item(index, block_size) - first));
    char* const at = marks() + sizeof(Mark) * index;
    std::memmove(at, at + sizeof(Mark), sizeof(Mark) * (count_ - index - 1));
    --count_;
    item_bytes_ = static_cast<std::uint16_t>(item_bytes_ - gap);
  }
  // Copies the contents of this block of `from_size` bytes to another of `to_size`.
  void copy_to(PackedBucket* to, std::size_t from_size, std::size_t to_size) const {
    std::memcpy(static_cast<void*>(to), this, kHeaderBytes + sizeof(Mark) * count_);
    std::memcpy(reinterpret_cast<char*>(to) + to_size - item_bytes_,
                reinterpret_cast<const char*>(this) + from_size - item_bytes_, item_bytes_);
  }

 private:
  static constexpr std::size_t kHeaderBytes = 4;
  static constexpr std::uint64_t kOnes = 0x0001000100010001ULL;
  static constexpr std::uint64_t kTags = 0x00ff00ff00ff00ffULL;
  static constexpr std::uint64_t kSizes = 0x007f007f007f007fULL;

  // Marks are read four at a time, beyond the last one: into the items' bytes, inside the block. (A
  // block has at least 32 bytes, and no two members of a table are empty.)
  char* marks() { return reinterpret_cast<char*>(this) + kHeaderBytes; }
  const char* marks() const { return reinterpret_cast<const char*>(this) + kHeaderBytes; }

  std::uint16_t count_;
  std::uint16_t item_bytes_;
};
static_assert(sizeof(PackedBucket) == 4);

}  // namespace banyan::encodings
