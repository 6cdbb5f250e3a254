#include "commands/sort_elements.h"

#include <algorithm>
#include <cerrno>
#include <cmath>
#include <cstdlib>
#include <limits>
#include <memory>

#include "base/check.h"
#include "base/number.h"
#include "store/list.h"
#include "store/set.h"
#include "store/sorted_set.h"

namespace banyan::commands {

using store::Entry;
using store::IntegerText;
using store::ListpackValue;

namespace {

// The first eight bytes as a number that compares as they do.
std::uint64_t head_of(Bytes text) {
  char bytes[8] = {};
  std::copy_n(text.data(), std::min(text.size(), sizeof bytes), bytes);
  return __builtin_bswap64(load<std::uint64_t>(bytes));
}

struct Number {
  double weight;
  std::uint32_t index;
};
struct Text {
  std::uint64_t head;
  Bytes weight;
  std::uint32_t index;
  bool is_missing;
};

int compare(const Number& a, const Number& b) {
  return a.weight < b.weight ? -1 : a.weight > b.weight ? 1 : 0;
}
// What has no weight is less than what has.
int compare(const Text& a, const Text& b) {
  if (a.is_missing || b.is_missing) return (b.is_missing ? 1 : 0) - (a.is_missing ? 1 : 0);
  if (a.head != b.head) return a.head < b.head ? -1 : 1;
  return a.weight.compare(b.weight);
}

template <class Key, class CompareTies>
std::vector<std::uint32_t> in_order(std::vector<Key> keys, bool descending, std::size_t first,
                                    std::size_t count, const CompareTies& compare_ties) {
  const auto is_before = [&](const Key& a, const Key& b) {
    int order = compare(a, b);
    if (order == 0) order = compare_ties(a.index, b.index);
    if (order == 0) return a.index < b.index;
    return descending ? order > 0 : order < 0;
  };
  const auto at = [&](std::size_t n) { return keys.begin() + static_cast<std::ptrdiff_t>(n); };
  if (count < keys.size() / 2) {
    if (first > 0) std::nth_element(at(0), at(first), keys.end(), is_before);
    std::partial_sort(at(first), at(first + count), keys.end(), is_before);
  } else {
    std::sort(keys.begin(), keys.end(), is_before);
  }
  std::vector<std::uint32_t> order;
  order.reserve(keys.size());
  for (const Key& key : keys) order.push_back(key.index);
  return order;
}

}  // namespace

SortElements::SortElements(const Entry& entry) {
  const auto add_value = [&](const ListpackValue& value) { add(value); };
  if (entry.type() == store::Type::set) {
    of_set_ = true;
    const store::Set set = store::Set::of(entry.body());
    items_.reserve(set.size());
    set.for_each(add_value);
  } else if (entry.type() == store::Type::list) {
    const store::ListView list(entry.body());
    items_.reserve(list.size());
    list.visit_all(add_value);
  } else {
    const store::SortedSetView set(entry.body());
    items_.reserve(set.size());
    set.visit_all([&](Bytes member, double) { add_text(member); });
  }
}

void SortElements::add(const ListpackValue& value) {
  if (value.is_integer) {
    items_.push_back({value.integer, kInteger});
  } else {
    add_text(value.text);
  }
}

void SortElements::add_text(Bytes text) {
  CHECK(text.size() < kInteger);
  items_.push_back(
      {static_cast<std::int64_t>(texts_.size()), static_cast<std::uint32_t>(text.size())});
  texts_ += text;
}

Bytes SortElements::text(std::size_t index, IntegerText& room) const {
  const Item& item = items_[index];
  if (item.size == kInteger) return {room, write_int(room, item.value)};
  return Bytes(texts_).substr(static_cast<std::size_t>(item.value), item.size);
}

std::optional<double> SortElements::number(std::size_t index) const {
  const Item& item = items_[index];
  if (item.size == kInteger) return static_cast<double>(item.value);
  IntegerText room;
  return sort_number(text(index, room));
}

std::optional<double> sort_number(Bytes text) {
  if (const auto integer = parse_int(text)) return static_cast<double>(*integer);
  const std::string copy(text);
  char* end = nullptr;
  errno = 0;
  const double number = std::strtod(copy.c_str(), &end);
  if (*end != '\0' || errno == ERANGE || std::isnan(number)) return std::nullopt;
  return number;
}

std::vector<std::uint32_t> sort_elements(const SortElements& elements, const SortWeights& weights,
                                         bool descending, std::size_t first, std::size_t count) {
  const std::size_t size = elements.size();
  CHECK(size < std::numeric_limits<std::uint32_t>::max());
  const auto by_text = [&](std::uint32_t a, std::uint32_t b) {
    IntegerText room_a, room_b;
    return elements.text(a, room_a).compare(elements.text(b, room_b));
  };
  if (!weights.alpha) {
    std::vector<Number> keys;
    keys.reserve(size);
    for (std::uint32_t i = 0; i < size; ++i) keys.push_back({weights.numbers[i], i});
    return in_order(std::move(keys), descending, first, count, by_text);
  }
  std::vector<Text> keys;
  keys.reserve(size);
  const bool has_own = weights.texts.empty();
  const std::unique_ptr<IntegerText[]> rooms(has_own ? new IntegerText[size] : nullptr);
  for (std::uint32_t i = 0; i < size; ++i) {
    const bool is_missing = !has_own && !weights.texts[i];
    const Bytes weight = has_own      ? elements.text(i, rooms[i])
                         : is_missing ? Bytes()
                                      : *weights.texts[i];
    keys.push_back({head_of(weight), weight, i, is_missing});
  }
  return in_order(std::move(keys), descending, first, count, [&](std::uint32_t a, std::uint32_t b) {
    return elements.of_set() ? by_text(a, b) : 0;
  });
}

}  // namespace banyan::commands
