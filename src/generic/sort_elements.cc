#include "generic/sort_elements.h"

#include <algorithm>
#include <array>
#include <bit>
#include <cerrno>
#include <cmath>
#include <cstdlib>
#include <limits>
#include <memory>
#include <utility>

#include "base/check.h"
#include "base/number.h"
#include "values/list.h"
#include "values/set.h"
#include "values/sorted_set.h"

namespace banyan::generic {

using encodings::ListpackValue;
using store::Entry;

namespace {

// The first eight bytes as a number that compares as they do.
std::uint64_t head_of(Bytes text) {
  char bytes[8] = {};
  std::copy_n(text.data(), std::min(text.size(), sizeof bytes), bytes);
  return __builtin_bswap64(load<std::uint64_t>(bytes));
}

// How many bytes all texts begin with in common.
std::size_t common_prefix(std::span<const std::optional<Bytes>> texts) {
  std::optional<Bytes> common;
  for (const auto& text : texts) {
    if (!text) return 0;
    if (!common) common = text;
    const auto end = std::ranges::mismatch(*common, *text).in1;
    common = common->substr(0, static_cast<std::size_t>(end - common->begin()));
    if (common->empty()) return 0;
  }
  return common ? common->size() : 0;
}

// A double as a number that compares as it does.
std::uint64_t ordered_bits(double number) {
  constexpr std::uint64_t kSign = 1ULL << 63;
  const auto bits = std::bit_cast<std::uint64_t>(number + 0.0);  // -0 becomes 0
  return (bits & kSign) != 0 ? ~bits : bits | kSign;
}

// What an element is sorted by as a number, as far as one number can tell.
struct Number {
  std::uint64_t weight;
  std::uint32_t index;
};

int compare(const Number& a, const Number& b) {
  return a.weight < b.weight ? -1 : a.weight > b.weight ? 1 : 0;
}

// By weight, byte by byte from the last; numbers of equal weight keep their order. What all numbers
// have the same costs nothing, as most of the bytes of doubles that are integers.
void radix_sort(std::vector<Number>& numbers) {
  std::vector<Number> other(numbers.size());
  for (unsigned shift = 0; shift < 64; shift += 8) {
    std::array<std::uint32_t, 256> begins{};
    const auto digit = [&](const Number& n) {
      return static_cast<std::uint8_t>(n.weight >> shift);
    };
    for (const Number& n : numbers) ++begins[digit(n)];
    if (begins[digit(numbers[0])] == numbers.size()) continue;
    std::uint32_t sum = 0;
    for (std::uint32_t& begin : begins) sum += std::exchange(begin, sum);
    for (const Number& n : numbers) other[begins[digit(n)]++] = n;
    numbers.swap(other);
  }
}

// All of them: without comparing, but for ties.
template <class IsBefore>
void sort_all(std::vector<Number>& numbers, bool descending, const IsBefore& is_before) {
  constexpr std::size_t kSmall = 256;
  if (numbers.size() < kSmall) return std::sort(numbers.begin(), numbers.end(), is_before);
  radix_sort(numbers);
  if (descending) std::ranges::reverse(numbers);
  for (auto first = numbers.begin(); first != numbers.end();) {
    auto last = first + 1;
    while (last != numbers.end() && last->weight == first->weight) ++last;
    if (last - first > 1) std::sort(first, last, is_before);
    first = last;
  }
}

template <class CompareTies>
std::vector<std::uint32_t> in_order(std::vector<Number> keys, bool descending, std::size_t first,
                                    std::size_t count, const CompareTies& compare_ties) {
  const auto is_before = [&](const Number& a, const Number& b) {
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
    sort_all(keys, descending, is_before);
  }
  std::vector<std::uint32_t> order;
  order.reserve(keys.size());
  for (const Number& key : keys) order.push_back(key.index);
  return order;
}

// The eight bytes that differ first, of all of them.
std::vector<Number> numbers_of(std::span<const std::optional<Bytes>> texts) {
  const std::size_t prefix = common_prefix(texts);
  std::vector<Number> numbers;
  numbers.reserve(texts.size());
  for (std::uint32_t i = 0; i < texts.size(); ++i)
    numbers.push_back({texts[i] ? head_of(texts[i]->substr(prefix)) : 0, i});
  return numbers;
}

}  // namespace

std::size_t SortElements::count(const Entry& entry) {
  if (entry.type() == values::Type::set) return values::Set::of(entry.body()).size();
  if (entry.type() == values::Type::list) return values::ListView(entry.body()).size();
  return values::SortedSetView(entry.body()).size();
}

SortElements::SortElements(const Entry& entry, const Range& range, bool backward)
    : of_set_(entry.type() == values::Type::set) {
  if (range.count == 0) return;
  items_.reserve(range.count);
  const std::size_t size = count(entry);
  if (of_set_) {
    add_members(entry, range);
  } else if (entry.type() == values::Type::list) {
    const std::size_t first = backward ? size - 1 - range.first : range.first;
    values::ListView(entry.body()).visit(first, range.count, backward, [&](const auto& value) {
      add(value);
      return true;
    });
  } else {
    const std::size_t first = backward ? size - range.first - range.count : range.first;
    const auto direction = backward ? values::Direction::down : values::Direction::up;
    values::SortedSetView(entry.body())
        .visit_members({first, range.count}, direction, [&](Bytes member) { add_text(member); });
  }
}

void SortElements::add_members(const Entry& entry, const Range& range) {
  std::size_t skipped = 0;
  values::Set::of(entry.body()).visit([&](const values::SetMember& member) {
    if (skipped < range.first) {
      ++skipped;
      return true;
    }
    add(member);
    return items_.size() < range.count;
  });
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
    for (std::uint32_t i = 0; i < size; ++i) keys.push_back({ordered_bits(weights.numbers[i]), i});
    return in_order(std::move(keys), descending, first, count, by_text);
  }
  const bool has_own = weights.texts.empty();
  const std::unique_ptr<IntegerText[]> rooms(has_own ? new IntegerText[size] : nullptr);
  std::vector<std::optional<Bytes>> texts;
  texts.reserve(size);
  for (std::uint32_t i = 0; i < size; ++i) {
    if (has_own) {
      texts.emplace_back(elements.text(i, rooms[i]));
    } else {
      texts.emplace_back(weights.texts[i]);
    }
  }
  // What has no weight is less than what has, as a nullopt is.
  return in_order(numbers_of(texts), descending, first, count,
                  [&](std::uint32_t a, std::uint32_t b) {
                    if (!texts[a] || !texts[b] || *texts[a] != *texts[b])
                      return texts[a] < texts[b] ? -1 : texts[b] < texts[a] ? 1 : 0;
                    return elements.of_set() ? by_text(a, b) : 0;
                  });
}

}  // namespace banyan::generic
