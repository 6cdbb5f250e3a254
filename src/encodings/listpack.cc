#include "encodings/listpack.h"

#include <cstdlib>

#include "base/check.h"
#include "encodings/allocation_class.h"

namespace banyan::encodings {

bool validate_listpack(Bytes bytes, bool deep) {
  using listpack_entry::kEnd;
  if (bytes.size() < ListpackView::kEmptyBytes) return false;
  if (load<std::uint32_t>(bytes.data()) != bytes.size()) return false;
  const char* const end = bytes.data() + bytes.size() - 1;
  if (listpack_entry::byte_at(end) != kEnd) return false;
  if (!deep) return true;
  std::size_t count = 0;
  for (const char* p = bytes.data() + ListpackView::kHeaderBytes; p != end; ++count) {
    p = listpack_entry::checked_next(p, end);
    if (p == nullptr) return false;
  }
  const std::uint16_t claimed = load<std::uint16_t>(bytes.data() + 4);
  return claimed == 65535 || claimed == count;
}

ListpackView::Position ListpackView::at(std::int64_t index) const {
  const std::uint16_t count = load<std::uint16_t>(block_ + 4);
  if (count != kUnknownCount) {
    if (index < -std::int64_t{count} || index >= count) return kNone;
    // From the nearer end.
    if (index < 0 && -index > count / 2) index += count;
    if (index >= 0 && index > count / 2) index -= count;
  }
  if (index >= 0) {
    Position at = skip(begin(), static_cast<std::size_t>(index));
    return at == end() ? kNone : at;
  }
  Position at = last();
  while (at != kNone && ++index < 0) at = previous(at);
  return at;
}

ListpackView::Position ListpackView::skip(Position at, std::size_t count) const {
  const char* const stop = block_ + end();
  const char* p = block_ + at;
  for (; count != 0 && p != stop; --count) p = listpack_entry::next(p);
  return position_of(p);
}

std::size_t ListpackView::count_elements() const {
  std::size_t count = 0;
  const char* const stop = block_ + end();
  for (const char* p = block_ + begin(); p != stop; p = listpack_entry::next(p)) ++count;
  return count;
}

ListpackView::Position ListpackView::find(Position from, const ListpackValue& value,
                                          std::size_t skip) const {
  if (from == kNone) return kNone;
  const char* const stop = block_ + end();
  for (const char* p = block_ + from; p != stop;) {
    ListpackValue held;
    const char* const behind = listpack_entry::read(p, held);
    if (held.equals(value)) return position_of(p);
    p = behind;
    for (std::size_t i = 0; i < skip && p != stop; ++i) p = listpack_entry::next(p);
  }
  return kNone;
}

std::size_t ListpackView::count_equal(const ListpackValue& value) const {
  std::size_t count = 0;
  ListpackValue held;
  for (Position at = begin(); at != end();) {
    at = read(at, held);
    if (held.equals(value)) ++count;
  }
  return count;
}

Listpack Listpack::make() {
  Listpack pack(nullptr);
  pack.resize(kEmptyBytes);
  char* block = pack.block();
  store_to(block, static_cast<std::uint32_t>(kEmptyBytes));
  store_to(block + 4, std::uint16_t{0});
  block[kHeaderBytes] = static_cast<char>(listpack_entry::kEnd);
  return pack;
}

Listpack Listpack::copy_of(Bytes bytes) {
  Listpack pack(nullptr);
  pack.resize(bytes.size());
  std::memcpy(pack.block(), bytes.data(), bytes.size());
  return pack;
}

std::size_t Listpack::memory_bytes() const { return allocation_class(total_bytes()); }

void Listpack::destroy() {
  std::free(block());
  block_ = nullptr;
}

void Listpack::resize(std::size_t bytes) {
  void* fresh = std::realloc(data(), allocation_class(bytes));
  CHECK(fresh != nullptr);
  block_ = static_cast<const char*>(fresh);
}

void Listpack::make_hole(Position at, std::size_t removed, std::size_t added,
                         std::size_t removed_count, std::size_t added_count) {
  const std::size_t old_total = total_bytes();
  const std::size_t total = old_total - removed + added;
  CHECK(total <= UINT32_MAX);
  const bool changes_class = allocation_class(total) != allocation_class(old_total);
  if (changes_class && total > old_total) resize(total);
  char* const hole = block() + at;
  if (removed != added) std::memmove(hole + added, hole + removed, old_total - at - removed);
  if (changes_class && total < old_total) resize(total);
  store_to(block(), static_cast<std::uint32_t>(total));
  const std::size_t count = load<std::uint16_t>(block_ + 4);
  if (count == kUnknownCount) return;
  const std::size_t new_count = count - removed_count + added_count;
  store_to(block() + 4,
           static_cast<std::uint16_t>(new_count < kUnknownCount ? new_count : kUnknownCount));
}

Listpack::Position Listpack::splice(Position at, std::size_t removed_bytes,
                                    std::size_t removed_count,
                                    std::span<const ListpackValue> values) {
  std::size_t added_bytes = 0;
  for (const ListpackValue& value : values) {
    CHECK(value.is_integer || value.text.size() <= UINT32_MAX);
    added_bytes += listpack_entry::bytes(value);
  }
  make_hole(at, removed_bytes, added_bytes, removed_count, values.size());
  char* to = block() + at;
  for (const ListpackValue& value : values) to = listpack_entry::write(to, value);
  return at;
}

Listpack::Position Listpack::erase(Position at, std::size_t count) {
  const char* const stop = block_ + end();
  const char* p = block_ + at;
  std::size_t erased = 0;
  for (; erased < count && p != stop; ++erased) p = listpack_entry::next(p);
  make_hole(at, position_of(p) - at, 0, erased, 0);
  return at;
}

// The kept entries move down over the erased ones; one hole is left at the end.
void Listpack::erase_equal(const ListpackValue& value, std::size_t skip, std::size_t count) {
  const Position stop = end();
  Position to = begin();
  std::size_t seen = 0;
  std::size_t erased = 0;
  ListpackValue held;
  for (Position at = begin(); at != stop;) {
    const Position behind = read(at, held);
    const bool goes = erased < count && held.equals(value) && seen++ >= skip;
    if (goes) {
      ++erased;
    } else {
      if (to != at) std::memmove(block() + to, block_ + at, behind - at);
      to += behind - at;
    }
    at = behind;
  }
  make_hole(to, stop - to, 0, erased, 0);
}

void Listpack::insert_all(Position at, ListpackView other) {
  const Bytes entries = other.bytes().substr(kHeaderBytes, other.total_bytes() - kEmptyBytes);
  const std::size_t count = other.size();
  make_hole(at, 0, entries.size(), 0, count);
  if (!entries.empty()) std::memcpy(block() + at, entries.data(), entries.size());
}

}  // namespace banyan::encodings
