// Intset: a sorted array of distinct integers, as narrow as they allow, in the bytes that Redis has
// for it, so that RDB files take and give them whole.
//
// Layout       4 bytes: the width of an integer in bytes (2, 4 or 8); 4 bytes: how many; then the
//              integers, ascending. All little-endian.
// Vocabulary   The *block* is one allocation that holds these bytes and nothing else.
// Invariants   The width grows when an integer needs it and never shrinks again.
// Threads      None.
// Failure      from_bytes() refuses what is not such a block with Errc::corrupt. Allocation failure
//              terminates.
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <memory>
#include <utility>

#include "base/bytes.h"
#include "base/result.h"

namespace banyan::store {

class Intset {
 public:
  // No block's count goes beyond this: its size would not fit in 33 bits.
  static constexpr std::size_t kSizeMax = std::size_t{1} << 30;

  Intset();  // empty
  // A copy of bytes from outside, checked whole. Refuses an empty set too: nobody stores one.
  static Result<Intset> from_bytes(Bytes bytes);
  // Takes over a block that release() gave.
  static Intset adopt(void* block) { return Intset(static_cast<char*>(block)); }
  [[nodiscard]] void* release() { return block_.release(); }
  Intset copy() const;

  std::size_t size() const { return load<std::uint32_t>(block_.get() + sizeof(std::uint32_t)); }
  // Counting from the smallest. Requires: index < size().
  std::int64_t at(std::size_t index) const;
  bool contains(std::int64_t value) const;
  // False when it was there already. O(size()) for the bytes behind it. Requires: size() <
  // kSizeMax.
  bool add(std::int64_t value);
  bool remove(std::int64_t value);
  // Without the order being searched for. Requires: the index is in range.
  void remove_at(std::size_t index);

  Bytes bytes() const { return {block_.get(), kHeaderBytes + size() * width()}; }

 private:
  static constexpr std::size_t kHeaderBytes = 2 * sizeof(std::uint32_t);
  struct Free {
    void operator()(char* block) const { std::free(block); }
  };
  struct Place {
    std::size_t index;
    bool found;
  };

  explicit Intset(char* block) : block_(block) {}
  static char* allocate(std::size_t size);

  std::uint32_t width() const { return load<std::uint32_t>(block_.get()); }
  char* items() const { return block_.get() + kHeaderBytes; }
  char* item(std::size_t index) const { return items() + index * width(); }
  Place search(std::int64_t value) const;
  void resize(std::size_t size);
  void put(std::size_t index, std::int64_t value);
  void widen_and_add(std::uint32_t width, std::int64_t value);

  std::unique_ptr<char, Free> block_;
};
static_assert(sizeof(Intset) == sizeof(void*));

}  // namespace banyan::store
