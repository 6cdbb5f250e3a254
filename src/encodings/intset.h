// Intset: a sorted array of distinct integers, as narrow as they allow, in the bytes that Redis has
// for it, so that RDB files take and give them whole.
//
// Layout       4 bytes: the width of an integer in bytes (2, 4 or 8); 4 bytes: how many; then the
//              integers, ascending. All little-endian.
// Invariants   The width grows when an integer needs it and never shrinks again.
//              Bytes from outside become an Intset only after validate_intset().
// Threads      None; the owner's.
// Failure      Allocation failure terminates.
#pragma once

#include <cstddef>
#include <cstdint>

#include "base/bytes.h"
#include "base/result.h"

namespace banyan::encodings {

// corrupt, with what is wrong, unless `bytes` are an intset; an empty one is none, for nobody
// stores it.
Result<> validate_intset(Bytes bytes);

class IntsetView {
 public:
  explicit IntsetView(const void* block) : block_(static_cast<const char*>(block)) {}

  std::size_t size() const { return load<std::uint32_t>(block_ + sizeof(std::uint32_t)); }
  // Counting from the smallest. Requires: index < size().
  std::int64_t at(std::size_t index) const;
  bool contains(std::int64_t value) const;
  Bytes bytes() const { return {block_, kHeaderBytes + size() * width()}; }

 protected:
  static constexpr std::size_t kHeaderBytes = 2 * sizeof(std::uint32_t);
  struct Place {
    std::size_t index;
    bool found;
  };

  std::uint32_t width() const { return load<std::uint32_t>(block_); }
  Place search(std::int64_t value) const;

  const char* block_;
};

// A handle that changes a block from malloc; it owns nothing. A change may move the block: keep
// data() again afterwards.
class Intset : public IntsetView {
 public:
  // No set may be larger.
  static constexpr std::size_t kSizeMax = std::size_t{1} << 30;

  explicit Intset(void* block) : IntsetView(block) {}
  static Intset make();                // empty
  static Intset copy_of(Bytes bytes);  // validated bytes
  void destroy();
  void* data() const { return const_cast<char*>(block_); }

  // False when it was there already. O(size()) for the bytes behind it.
  // Requires: size() < kSizeMax.
  bool add(std::int64_t value);
  bool remove(std::int64_t value);
  // Requires: index < size().
  void remove_at(std::size_t index);

 private:
  char* item(std::size_t index) {
    return const_cast<char*>(block_) + kHeaderBytes + index * width();
  }
  void resize(std::size_t size);
  void put(std::size_t index, std::int64_t value);
  void widen_and_add(std::uint32_t width, std::int64_t value);
};

}  // namespace banyan::encodings
