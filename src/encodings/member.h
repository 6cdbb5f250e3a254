// Member: one member of a big sorted set, in one allocation: its score, its length, its bytes.
//
// Invariants   Never moves: the tree that orders the members and the index that finds them both
//              point to it.
// Threads      None of its own: whoever holds the lock of the set's entry.
// Failure      Allocation failure terminates.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <new>

#include "base/bytes.h"
#include "base/check.h"

namespace banyan::encodings {

class Member {
 public:
  // Requires: text.size() <= kBytesMax.
  static Member* make(Bytes text, double score) {
    void* memory = std::malloc(block_bytes(text.size()));
    CHECK(memory != nullptr);
    auto* member = new (memory) Member();
    member->score_ = score;
    member->size_ = static_cast<std::uint32_t>(text.size());
    if (!text.empty())
      std::memcpy(static_cast<char*>(memory) + kHeaderBytes, text.data(), text.size());
    return member;
  }
  static void destroy(Member* member) { std::free(member); }

  Member(const Member&) = delete;
  Member& operator=(const Member&) = delete;

  double score() const { return score_; }
  void set_score(double score) { score_ = score; }
  Bytes text() const { return {reinterpret_cast<const char*>(this) + kHeaderBytes, size_}; }
  std::size_t memory_bytes() const { return block_bytes(size_); }

  static constexpr std::size_t kBytesMax = 0xffffffffU;

 private:
  // The bytes begin in what would be padding: a member of 16 bytes takes 28.
  static constexpr std::size_t kHeaderBytes = sizeof(double) + sizeof(std::uint32_t);
  static std::size_t block_bytes(std::size_t text_bytes) {
    return std::max(sizeof(Member), kHeaderBytes + text_bytes);  // the padding belongs to it too
  }
  Member() = default;

  double score_ = 0;
  std::uint32_t size_ = 0;
};

}  // namespace banyan::encodings
