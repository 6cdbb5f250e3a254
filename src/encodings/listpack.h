// Listpack: many small elements in one block of memory, in Redis's format, so that RDB files and
// DUMP payloads take and give the bytes as they are.
//
// Layout       total bytes (4), number of elements (2; 65535: count them), entries, 0xff.
// Vocabulary   A *position* is an element's offset in the block; kNone (0) is no element, end() is
//              where the next appended one would go. It stays valid while nothing in front of it,
//              or at it, changes.
//                for (auto at = pack.first(); at != kNone; at = pack.next(at)) ...
//                for (auto at = pack.begin(); at != pack.end();) at = pack.read(at, value);
// Invariants   The block is allocated with allocation_class(total bytes): its capacity follows
//              from its size, and repeated appends copy it only once per class.
//              Bytes from outside become a Listpack only after validate_listpack(bytes, true).
// Threads      None; the owner's.
// Failure      A block is at most 2^32 - 1 bytes, which changes CHECK: whoever lets users grow one
//              asks fits() before. Allocation failure terminates.
#pragma once

#include <span>

#include "encodings/listpack_entry.h"

namespace banyan::encodings {

// Whether `bytes` may be taken as a listpack. Shallow: sizes and end only, for what was validated
// before. Deep: every entry, and the number of elements.
bool validate_listpack(Bytes bytes, bool deep);

class ListpackView {
 public:
  using Position = std::uint32_t;
  static constexpr Position kNone = 0;
  static constexpr std::size_t kHeaderBytes = 6;
  static constexpr std::size_t kEmptyBytes = 7;
  // Redis lets no listpack that users grow become larger.
  static constexpr std::size_t kGrowthBytesMax = std::size_t{1} << 30;

  explicit ListpackView(const void* block) : block_(static_cast<const char*>(block)) {}

  std::size_t total_bytes() const { return load<std::uint32_t>(block_); }
  Bytes bytes() const { return {block_, total_bytes()}; }
  bool empty() const { return total_bytes() == kEmptyBytes; }
  // O(1) below 65535 elements.
  std::size_t size() const {
    const std::uint16_t count = load<std::uint16_t>(block_ + 4);
    return count != kUnknownCount ? count : count_elements();
  }
  bool fits(std::size_t more_bytes) const {
    return more_bytes <= kGrowthBytesMax && total_bytes() + more_bytes <= kGrowthBytesMax;
  }

  Position begin() const { return kHeaderBytes; }
  Position end() const { return static_cast<Position>(total_bytes() - 1); }
  Position first() const { return empty() ? kNone : begin(); }
  Position last() const { return empty() ? kNone : before(end()); }
  Position next(Position at) const {
    const Position to = after(at);
    return to == end() ? kNone : to;
  }
  Position previous(Position at) const { return at == begin() ? kNone : before(at); }
  // The element number `index`, from the end when negative (-1 is the last); kNone outside.
  Position at(std::int64_t index) const;

  // Reads the element at `at`, returns the position behind it: end() behind the last.
  [[gnu::always_inline]] Position read(Position at, ListpackValue& value) const {
    return position_of(listpack_entry::read(block_ + at, value));
  }
  ListpackValue get(Position at) const {
    ListpackValue value;
    read(at, value);
    return value;
  }
  // The text, valid until a change; an integer is written into `room`.
  Bytes text(Position at, IntegerText& room) const { return get(at).as_text(room); }
  // `value` comes from ListpackValue::of().
  bool equals(Position at, const ListpackValue& value) const { return get(at).equals(value); }
  // The first element from `from` on (kNone: none) that equals `value`, looking at every
  // (skip + 1)-th: skip = 1 looks at the fields, not the values, of pairs.
  Position find(Position from, const ListpackValue& value, std::size_t skip = 0) const;

  std::size_t count_equal(const ListpackValue& value) const;

  // The position behind the element at `at`, before the one at `at` (which is not the first).
  Position after(Position at) const { return position_of(listpack_entry::next(block_ + at)); }
  Position before(Position at) const { return position_of(listpack_entry::previous(block_ + at)); }
  // Behind `count` elements from `at` on, or end() when there are fewer.
  Position skip(Position at, std::size_t count) const;

 protected:
  static constexpr std::uint16_t kUnknownCount = 65535;

  Position position_of(const char* p) const { return static_cast<Position>(p - block_); }
  std::size_t count_elements() const;

  const char* block_;
};

// A handle that changes a block from malloc; it owns nothing. A change may move the block: keep
// data() again afterwards. Positions returned are valid after the change.
class Listpack : public ListpackView {
 public:
  explicit Listpack(void* block) : ListpackView(block) {}
  static Listpack make();                // empty
  static Listpack copy_of(Bytes bytes);  // validated bytes
  void destroy();
  void* data() const { return const_cast<char*>(block_); }
  std::size_t memory_bytes() const;  // what the block takes of the allocator's

  void append(const ListpackValue& value) { splice(end(), 0, 0, {&value, 1}); }
  void prepend(const ListpackValue& value) { splice(begin(), 0, 0, {&value, 1}); }
  // In front of `at` (end(): append). The position of the first inserted.
  Position insert(Position at, const ListpackValue& value) { return splice(at, 0, 0, {&value, 1}); }
  Position insert(Position at, std::span<const ListpackValue> values) {
    return splice(at, 0, 0, values);
  }
  // The position of the new element.
  Position replace(Position at, const ListpackValue& value) {
    return splice(at, after(at) - at, 1, {&value, 1});
  }
  // The position behind what was erased: end() when nothing is.
  Position erase(Position at) { return splice(at, after(at) - at, 1, {}); }
  // At most `count` elements, from `at` on.
  Position erase(Position at, std::size_t count);
  // Of the elements that equal `value`: leaves the first `skip`, erases the next `count`, which are
  // there. O(bytes).
  void erase_equal(const ListpackValue& value, std::size_t skip, std::size_t count);
  // All elements of `other`, in front (begin()) or behind (end()), or anywhere.
  void insert_all(Position at, ListpackView other);

 private:
  char* block() { return const_cast<char*>(block_); }
  void resize(std::size_t bytes);
  // Makes a hole of `added` bytes where `removed` bytes were; sizes and count follow.
  void make_hole(Position at, std::size_t removed, std::size_t added, std::size_t removed_count,
                 std::size_t added_count);
  // The values must not lie in this block.
  Position splice(Position at, std::size_t removed_bytes, std::size_t removed_count,
                  std::span<const ListpackValue> values);
};

}  // namespace banyan::encodings
