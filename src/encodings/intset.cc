#include "encodings/intset.h"

#include <cstdlib>

#include "base/check.h"

namespace banyan::encodings {
namespace {

constexpr std::size_t kHeaderBytes = 2 * sizeof(std::uint32_t);

char* allocate(std::size_t size) {
  auto* block = static_cast<char*>(std::malloc(size));
  CHECK(block != nullptr);
  return block;
}

std::uint32_t width_of(std::int64_t value) {
  if (value == static_cast<std::int16_t>(value)) return 2;
  return value == static_cast<std::int32_t>(value) ? 4 : 8;
}

std::int64_t get(const char* items, std::uint32_t width, std::size_t index) {
  if (width == 2) return load<std::int16_t>(items + index * 2);
  if (width == 4) return load<std::int32_t>(items + index * 4);
  return load<std::int64_t>(items + index * 8);
}

// How many of the `size` integers are below `value`, without a branch that could be mispredicted.
template <class T>
std::size_t count_below(const char* items, std::size_t size, T value) {
  std::size_t first = 0;
  while (size > 0) {
    const std::size_t half = size / 2;
    const bool below = load<T>(items + (first + half) * sizeof(T)) < value;
    first = below ? first + half + 1 : first;
    size = below ? size - half - 1 : half;
  }
  return first;
}

}  // namespace

Result<> validate_intset(Bytes bytes) {
  if (bytes.size() < kHeaderBytes) return fail(Errc::corrupt, "intset: shorter than its header");
  const auto width = load<std::uint32_t>(bytes.data());
  const std::size_t size = load<std::uint32_t>(bytes.data() + sizeof(std::uint32_t));
  if (width != 2 && width != 4 && width != 8)
    return fail(Errc::corrupt, "intset: no such width of integers");
  if (size == 0) return fail(Errc::corrupt, "intset: empty");
  if (size > Intset::kSizeMax || bytes.size() - kHeaderBytes != size * width)
    return fail(Errc::corrupt, "intset: its size is not what its header says");
  const char* items = bytes.data() + kHeaderBytes;
  for (std::size_t i = 1; i < size; ++i)
    if (get(items, width, i - 1) >= get(items, width, i))
      return fail(Errc::corrupt, "intset: integers out of order");
  return {};
}

Intset Intset::make() {
  char* block = allocate(kHeaderBytes);
  store_to<std::uint32_t>(block, 2);
  store_to<std::uint32_t>(block + sizeof(std::uint32_t), 0);
  return Intset(block);
}

Intset Intset::copy_of(Bytes bytes) {
  char* block = allocate(bytes.size());
  std::memcpy(block, bytes.data(), bytes.size());
  return Intset(block);
}

void Intset::destroy() { std::free(data()); }

std::int64_t IntsetView::at(std::size_t index) const {
  return get(block_ + kHeaderBytes, width(), index);
}

IntsetView::Place IntsetView::search(std::int64_t value) const {
  const std::size_t count = size();
  const std::uint32_t width = this->width();
  const char* items = block_ + kHeaderBytes;
  std::size_t index = 0;
  if (width == 2) {
    index = count_below(items, count, static_cast<std::int16_t>(value));
  } else if (width == 4) {
    index = count_below(items, count, static_cast<std::int32_t>(value));
  } else {
    index = count_below(items, count, value);
  }
  return {index, index < count && at(index) == value};
}

bool IntsetView::contains(std::int64_t value) const {
  return width_of(value) <= width() && search(value).found;
}

void Intset::resize(std::size_t size) {
  auto* block = static_cast<char*>(std::realloc(data(), kHeaderBytes + size * width()));
  CHECK(block != nullptr);
  block_ = block;
  store_to(block + sizeof(std::uint32_t), static_cast<std::uint32_t>(size));
}

void Intset::put(std::size_t index, std::int64_t value) {
  char* to = item(index);
  switch (width()) {
    case 2:
      return store_to(to, static_cast<std::int16_t>(value));
    case 4:
      return store_to(to, static_cast<std::int32_t>(value));
    default:
      return store_to(to, value);
  }
}

// What is wider than all others is less or greater than all of them, too.
void Intset::widen_and_add(std::uint32_t width, std::int64_t value) {
  const std::uint32_t old_width = this->width();
  const std::size_t old_size = size();
  const std::size_t shift = value < 0 ? 1 : 0;
  store_to(data(), width);
  resize(old_size + 1);
  // From the back: an integer's new place may be where others of the old width still are.
  for (std::size_t i = old_size; i-- > 0;) put(i + shift, get(block_ + kHeaderBytes, old_width, i));
  put(shift == 1 ? 0 : old_size, value);
}

bool Intset::add(std::int64_t value) {
  const std::uint32_t needed = width_of(value);
  if (needed > width()) {
    widen_and_add(needed, value);
    return true;
  }
  const Place place = search(value);
  if (place.found) return false;
  const std::size_t old_size = size();
  resize(old_size + 1);
  std::memmove(item(place.index + 1), item(place.index), (old_size - place.index) * width());
  put(place.index, value);
  return true;
}

bool Intset::remove(std::int64_t value) {
  if (width_of(value) > width()) return false;
  const Place place = search(value);
  if (place.found) remove_at(place.index);
  return place.found;
}

void Intset::remove_at(std::size_t index) {
  const std::size_t left = size() - 1;
  std::memmove(item(index), item(index + 1), (left - index) * width());
  resize(left);
}

}  // namespace banyan::encodings
