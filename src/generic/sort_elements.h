// What SORT sorts: the elements of a list, a set or a sorted set, and the order they come out in.
//
// Vocabulary   An element's *weight* is what it is sorted by: a number or a text, its own or that
// of
//              a key. A *tie* is two elements of the same weight.
// Invariants   Elements are copies: looking up keys for their weights changes nothing here. Ties
//              are put in one order, so that a replica that sorts the same data stores the same
//              list: elements of sets by their text, others as they came.
// Threads      None; one call's.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/bytes.h"
#include "base/size.h"
#include "encodings/listpack.h"
#include "store/entry.h"

namespace banyan::generic {

class SortElements {
 public:
  // Of a list, a set or a sorted set.
  static std::size_t count(const store::Entry& entry);
  // Those of `range`, which must exist, in their own order; `backward`: counted and told from the
  // end, if it has one: all but sets have. Requires: it is of one of the three types.
  SortElements(const store::Entry& entry, const Range& range, bool backward);
  SortElements() = default;

  std::size_t size() const { return items_.size(); }
  // An integer is written into `room`.
  Bytes text(std::size_t index, IntegerText& room) const;
  // An element's own number; nullopt when its text is none.
  std::optional<double> number(std::size_t index) const;
  bool of_set() const { return of_set_; }

 private:
  static constexpr std::uint32_t kInteger = ~0U;
  struct Item {
    std::int64_t value;  // the integer, or where the text begins
    std::uint32_t size;
  };

  void add_members(const store::Entry& entry, const Range& range);
  void add(const encodings::ListpackValue& value);
  void add_text(Bytes text);

  std::string texts_;
  std::vector<Item> items_;
  bool of_set_ = false;
};

// As strtod() reads it, all of it; an empty text is 0. nullopt too for NaN and what is out of
// range.
std::optional<double> sort_number(Bytes text);

struct SortWeights {
  bool alpha = false;
  std::vector<double> numbers = {};                    // one each, unless alpha
  std::vector<std::optional<std::string>> texts = {};  // one each, if alpha and not their own texts
};

// Numbers of elements, in order, of which only `first` to `first + count - 1` matter: the places
// before and behind have the others in any order.
std::vector<std::uint32_t> sort_elements(const SortElements& elements, const SortWeights& weights,
                                         bool descending, std::size_t first, std::size_t count);

}  // namespace banyan::generic
