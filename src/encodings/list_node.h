// ListNode: a piece of a quicklist: a listpack, or one large element by itself (a *plain* node).
//
// Layout       A listpack lies in its block with a gap in front of it and slack behind, so that
//              elements are pushed and popped at both ends without moving the others.
// Invariants   A node is never empty, but for one that is about to be thrown away. A compressed
//              node (LZF) is read through raw(); everything that changes a node wants it
//              uncompressed.
// Threads      None; the owner's.
// Failure      Allocation failure terminates.
#pragma once

#include <memory>

#include "encodings/listpack.h"

namespace banyan::encodings {

enum class ListEnd : std::uint8_t { head, tail };

class ListNode {
 public:
  // Where a compressed node is unpacked for reading. Reused from node to node.
  class Scratch {
   public:
    char* room(std::size_t bytes);

   private:
    std::unique_ptr<char[]> bytes_;
    std::size_t size_ = 0;
  };

  static ListNode of(const ListpackValue& value);  // a listpack of one element
  static ListNode plain(Bytes element);
  static ListNode adopt(Listpack pack);  // not empty; becomes the node's own
  ListNode(ListNode&& other) noexcept;
  ListNode& operator=(ListNode&& other) noexcept;
  ~ListNode();
  ListNode copy() const;

  bool is_plain() const { return plain_; }
  bool is_compressed() const { return compressed_bytes_ != 0; }
  std::size_t count() const { return count_; }
  // Of the listpack or the element, when not compressed.
  std::size_t bytes() const { return bytes_; }
  // As in memory: LZF when it is compressed.
  Bytes stored() const { return {block_ + gap_, is_compressed() ? compressed_bytes_ : bytes_}; }
  // The listpack or the element; valid until the scratch is used again, or the node changes.
  Bytes raw(Scratch& scratch) const;
  std::size_t memory_bytes() const { return capacity_; }

  // --- Uncompressed nodes only.
  ListpackView pack() const { return ListpackView(block_ + gap_); }
  ListpackValue value_at(ListEnd end) const;
  // The element number `index`, below count().
  ListpackValue value_at(std::size_t index) const;

  // --- Uncompressed listpacks only. The values must not lie in this node.
  void push(ListEnd end, const ListpackValue& value);
  void insert(std::size_t index, const ListpackValue& value);  // becomes number `index`
  void replace(std::size_t index, const ListpackValue& value);
  // Not all of the node's elements.
  void erase(std::size_t first, std::size_t count);
  // See Listpack. Not all of the node's elements.
  void erase_equal(const ListpackValue& value, std::size_t skip, std::size_t count);
  // Takes away the elements from number `index` on, neither none nor all: they are the result.
  ListNode split(std::size_t index);
  void append_all(const ListNode& other);
  // Gives back what is spare.
  void trim();

  // Does nothing when it does not pay, or is done already.
  void compress();
  void decompress();

  // Frees what it holds: it counts nothing from then on, and must be thrown away.
  void clear() { *this = ListNode(); }
  // The listpack leaves: the caller frees it. To be thrown away, too.
  Listpack release_pack();

 private:
  ListNode() = default;
  char* pack_block() { return block_ + gap_; }
  std::size_t slack() const { return capacity_ - gap_ - bytes_; }
  void write_header();
  void make_room(ListEnd end, std::size_t more_bytes);
  void move_to(std::size_t capacity, std::size_t gap);
  void erase_head(std::size_t count);
  void erase_tail(std::size_t count);
  template <class Change>
  void change_pack(Change change);

  char* block_ = nullptr;
  std::size_t capacity_ = 0;
  std::size_t bytes_ = 0;
  std::uint32_t gap_ = 0;
  std::uint32_t compressed_bytes_ = 0;  // 0: is not compressed
  std::uint32_t count_ = 0;
  bool plain_ = false;
};

}  // namespace banyan::encodings
