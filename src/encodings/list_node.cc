#include "encodings/list_node.h"

#include <liblzf/lzf.h>

#include <algorithm>
#include <bit>
#include <cstdlib>
#include <limits>
#include <utility>

#include "base/check.h"
#include "encodings/allocation_class.h"

namespace banyan::encodings {
namespace {

constexpr std::size_t kCompressedSizeMin = 48;  // smaller ones are not worth the attempt
constexpr std::size_t kCompressionGainMin = 8;

char* allocate(std::size_t bytes) {
  auto* block = static_cast<char*>(std::malloc(std::max<std::size_t>(bytes, 1)));
  CHECK(block != nullptr);
  return block;
}

// memcpy() may not be given a null pointer, and an empty view may hold one.
char* copy_of(Bytes bytes, std::size_t capacity) {
  char* block = allocate(capacity);
  if (!bytes.empty()) std::memcpy(block, bytes.data(), bytes.size());
  return block;
}

// Doubling while a node fills up; what is left over in the end, trim() gives back.
std::size_t grown_capacity(std::size_t needed) {
  constexpr std::size_t kCapacityMin = 256;
  constexpr std::size_t kDoublingMax = 65536;
  if (needed > kDoublingMax) return allocation_class(needed);
  return std::max(std::bit_ceil(needed), kCapacityMin);
}

}  // namespace

char* ListNode::Scratch::room(std::size_t bytes) {
  if (bytes > size_) {
    bytes_ = std::make_unique_for_overwrite<char[]>(bytes);
    size_ = bytes;
  }
  return bytes_.get();
}

ListNode ListNode::of(const ListpackValue& value) {
  ListNode node;
  const std::size_t entry_bytes = listpack_entry::bytes(value);
  node.bytes_ = ListpackView::kEmptyBytes + entry_bytes;
  node.capacity_ = grown_capacity(node.bytes_);
  node.block_ = allocate(node.capacity_);
  node.count_ = 1;
  node.write_header();
  char* end = listpack_entry::write(node.block_ + ListpackView::kHeaderBytes, value);
  *end = static_cast<char>(listpack_entry::kEnd);
  return node;
}

ListNode ListNode::plain(Bytes element) {
  ListNode node;
  node.plain_ = true;
  node.bytes_ = node.capacity_ = element.size();
  node.block_ = copy_of(element, element.size());
  node.count_ = 1;
  return node;
}

ListNode ListNode::adopt(Listpack pack) {
  ListNode node;
  node.bytes_ = pack.total_bytes();
  node.capacity_ = allocation_class(node.bytes_);
  node.count_ = static_cast<std::uint32_t>(pack.size());
  node.block_ = static_cast<char*>(pack.data());
  return node;
}

ListNode::ListNode(ListNode&& other) noexcept { *this = std::move(other); }

ListNode& ListNode::operator=(ListNode&& other) noexcept {
  std::swap(block_, other.block_);
  std::swap(capacity_, other.capacity_);
  std::swap(bytes_, other.bytes_);
  std::swap(gap_, other.gap_);
  std::swap(compressed_bytes_, other.compressed_bytes_);
  std::swap(count_, other.count_);
  std::swap(plain_, other.plain_);
  return *this;
}

ListNode::~ListNode() { std::free(block_); }

ListNode ListNode::copy() const {
  ListNode node;
  const Bytes bytes = stored();
  node.capacity_ = plain_ || is_compressed() ? bytes.size() : allocation_class(bytes.size());
  node.block_ = copy_of(bytes, node.capacity_);
  node.bytes_ = bytes_;
  node.compressed_bytes_ = compressed_bytes_;
  node.count_ = count_;
  node.plain_ = plain_;
  return node;
}

Bytes ListNode::raw(Scratch& scratch) const {
  if (!is_compressed()) return stored();
  char* room = scratch.room(bytes_);
  const auto size = static_cast<unsigned>(bytes_);
  CHECK(lzf_decompress(block_, compressed_bytes_, room, size) == size);
  return {room, bytes_};
}

ListpackValue ListNode::value_at(ListEnd end) const {
  if (plain_) return {stored(), 0, false};
  return pack().get(end == ListEnd::head ? pack().begin() : pack().before(pack().end()));
}

ListpackValue ListNode::value_at(std::size_t index) const {
  if (plain_) return {stored(), 0, false};
  return pack().get(pack().at(static_cast<std::int64_t>(index)));
}

void ListNode::write_header() {
  constexpr std::uint32_t kCountMax = std::numeric_limits<std::uint16_t>::max();
  store_to(pack_block(), static_cast<std::uint32_t>(bytes_));
  store_to(pack_block() + 4, static_cast<std::uint16_t>(std::min(count_, kCountMax)));
}

void ListNode::move_to(std::size_t capacity, std::size_t gap) {
  if (capacity == capacity_) {
    std::memmove(block_ + gap, block_ + gap_, bytes_);
  } else {
    char* block = allocate(capacity);
    std::memcpy(block + gap, block_ + gap_, bytes_);
    std::free(block_);
    block_ = block;
    capacity_ = capacity;
  }
  gap_ = static_cast<std::uint32_t>(gap);
}

void ListNode::make_room(ListEnd end, std::size_t more_bytes) {
  if (end == ListEnd::head ? gap_ >= more_bytes : slack() >= more_bytes) return;
  const std::size_t needed = bytes_ + more_bytes;
  CHECK(needed <= std::numeric_limits<std::uint32_t>::max());
  // What the other end has spare is enough when it is an eighth of the block: with less, the
  // elements would be moved too often.
  const bool has_spare = gap_ + slack() >= std::max(more_bytes, capacity_ / 8);
  const std::size_t capacity = has_spare ? capacity_ : std::max(grown_capacity(needed), capacity_);
  move_to(capacity, end == ListEnd::head ? capacity - bytes_ : 0);
}

void ListNode::push(ListEnd end, const ListpackValue& value) {
  const std::size_t entry_bytes = listpack_entry::bytes(value);
  make_room(end, entry_bytes);
  ++count_;
  char* to = nullptr;
  if (end == ListEnd::head) {
    gap_ -= static_cast<std::uint32_t>(entry_bytes);
    to = pack_block() + ListpackView::kHeaderBytes;
  } else {
    to = pack_block() + bytes_ - 1;
    to[entry_bytes] = static_cast<char>(listpack_entry::kEnd);
  }
  bytes_ += entry_bytes;
  write_header();
  listpack_entry::write(to, value);
}

// Changes in the middle are left to Listpack, whose blocks have no gap.
template <class Change>
void ListNode::change_pack(Change change) {
  const std::size_t capacity = allocation_class(bytes_);
  if (gap_ != 0 || capacity != capacity_) move_to(capacity, 0);
  Listpack pack(block_);
  change(pack);
  block_ = static_cast<char*>(pack.data());
  bytes_ = pack.total_bytes();
  capacity_ = allocation_class(bytes_);
}

void ListNode::insert(std::size_t index, const ListpackValue& value) {
  if (index == 0) return push(ListEnd::head, value);
  if (index == count_) return push(ListEnd::tail, value);
  change_pack(
      [&](Listpack& pack) { pack.insert(pack.at(static_cast<std::int64_t>(index)), value); });
  ++count_;
}

void ListNode::replace(std::size_t index, const ListpackValue& value) {
  change_pack(
      [&](Listpack& pack) { pack.replace(pack.at(static_cast<std::int64_t>(index)), value); });
}

void ListNode::erase_head(std::size_t count) {
  const ListpackView view = pack();
  const std::size_t entry_bytes = view.skip(view.begin(), count) - view.begin();
  gap_ += static_cast<std::uint32_t>(entry_bytes);
  bytes_ -= entry_bytes;
  count_ -= static_cast<std::uint32_t>(count);
  write_header();
}

void ListNode::erase_tail(std::size_t count) {
  const ListpackView view = pack();
  auto at = view.end();
  for (std::size_t i = 0; i < count; ++i) at = view.before(at);
  bytes_ = at + 1U;
  pack_block()[at] = static_cast<char>(listpack_entry::kEnd);
  count_ -= static_cast<std::uint32_t>(count);
  write_header();
}

void ListNode::erase(std::size_t first, std::size_t count) {
  if (first == 0) {
    erase_head(count);
  } else if (first + count == count_) {
    erase_tail(count);
  } else {
    change_pack(
        [&](Listpack& pack) { pack.erase(pack.at(static_cast<std::int64_t>(first)), count); });
    count_ -= static_cast<std::uint32_t>(count);
  }
  if (bytes_ < capacity_ / 4) trim();
}

void ListNode::erase_equal(const ListpackValue& value, std::size_t skip, std::size_t count) {
  change_pack([&](Listpack& pack) { pack.erase_equal(value, skip, count); });
  count_ -= static_cast<std::uint32_t>(count);
}

ListNode ListNode::split(std::size_t index) {
  ListNode right = copy();
  right.erase_head(index);
  right.trim();
  erase_tail(count_ - index);
  trim();
  return right;
}

void ListNode::append_all(const ListNode& other) {
  change_pack([&](Listpack& pack) { pack.insert_all(pack.end(), other.pack()); });
  count_ += other.count_;
  write_header();
}

void ListNode::trim() {
  if (plain_ || is_compressed()) return;
  const std::size_t capacity = allocation_class(bytes_);
  if (capacity < capacity_) move_to(capacity, 0);
}

void ListNode::compress() {
  if (is_compressed() || bytes_ < kCompressedSizeMin) return;
  if (bytes_ > std::numeric_limits<unsigned>::max()) return;  // more than liblzf takes
  const std::size_t room = bytes_ - kCompressionGainMin - 1;
  char* packed = allocate(room);
  const unsigned size = lzf_compress(block_ + gap_, static_cast<unsigned>(bytes_), packed,
                                     static_cast<unsigned>(room));
  if (size == 0) return std::free(packed);
  std::free(block_);
  block_ = static_cast<char*>(std::realloc(packed, size));
  CHECK(block_ != nullptr);
  gap_ = 0;
  capacity_ = compressed_bytes_ = size;
}

void ListNode::decompress() {
  if (!is_compressed()) return;
  const std::size_t capacity = plain_ ? bytes_ : allocation_class(bytes_);
  char* block = allocate(capacity);
  const auto size = static_cast<unsigned>(bytes_);
  CHECK(lzf_decompress(block_, compressed_bytes_, block, size) == size);
  std::free(block_);
  block_ = block;
  capacity_ = capacity;
  compressed_bytes_ = 0;
}

Listpack ListNode::release_pack() {
  decompress();
  const std::size_t capacity = allocation_class(bytes_);
  if (gap_ != 0 || capacity != capacity_) move_to(capacity, 0);
  return Listpack(std::exchange(block_, nullptr));
}

}  // namespace banyan::encodings
