#include "values/set.h"

#include <algorithm>

#include "base/check.h"
#include "base/number.h"

namespace banyan::values {

using encodings::Intset;
using encodings::IntsetView;
using encodings::Listpack;
using encodings::ListpackView;
using encodings::PackedTable;

namespace {

std::size_t intset_entries_max(const EncodingLimits& limits) {
  return std::min<std::uint64_t>(limits.set_intset_entries, Intset::kSizeMax);
}

std::size_t digits(std::int64_t value) {
  IntegerText room;
  return write_int(room, value);
}

// As intsets and listpacks hold it.
SetMember normalized(const SetMember& member) {
  return member.is_integer ? member : SetMember::of(member.text);
}

// Whether the integers of `set` and `text` beside them may be a listpack.
bool fits_listpack(const IntsetView& set, Bytes text, const EncodingLimits& limits) {
  if (set.size() >= limits.set_listpack_entries || text.size() > limits.set_listpack_value_bytes)
    return false;
  if (set.size() == 0) return text.size() <= ListpackView::kGrowthBytesMax;
  const std::int64_t low = set.at(0);
  const std::int64_t high = set.at(set.size() - 1);
  if (std::max(digits(low), digits(high)) > limits.set_listpack_value_bytes) return false;
  const std::size_t bytes_each =
      std::max(encodings::listpack_entry::bytes(SetMember::of_integer(low)),
               encodings::listpack_entry::bytes(SetMember::of_integer(high)));
  return set.size() * bytes_each + text.size() <= ListpackView::kGrowthBytesMax;
}

}  // namespace

void Set::create(Body& body, Encoding encoding, const HashSecret& secret) {
  if (encoding == Encoding::intset) {
    body.set(encoding, Intset::make().data());
  } else if (encoding == Encoding::listpack) {
    body.set(encoding, Listpack::make().data());
  } else {
    body.set(Encoding::hashtable, new PackedTable(PackedTable::Kind::set, secret));
  }
}

void Set::destroy(Body body) {
  if (body.encoding() == Encoding::hashtable) {
    delete body.as<PackedTable>();
  } else {
    std::free(body.pointer());
  }
}

void Set::copy(Body from, Body& to) {
  if (from.encoding() == Encoding::hashtable) {
    to.set(from.encoding(), from.as<PackedTable>()->clone().release());
  } else if (from.encoding() == Encoding::intset) {
    to.set(from.encoding(), Intset::copy_of(IntsetView(from.pointer()).bytes()).data());
  } else {
    to.set(from.encoding(), Listpack::copy_of(ListpackView(from.pointer()).bytes()).data());
  }
}

std::size_t Set::memory_bytes(Body body, std::size_t) {
  if (body.encoding() == Encoding::hashtable) return body.as<PackedTable>()->memory_bytes();
  if (body.encoding() == Encoding::listpack) return ListpackView(body.pointer()).total_bytes();
  return IntsetView(body.pointer()).bytes().size();
}

std::size_t Set::free_effort(Body body) {
  return body.encoding() == Encoding::hashtable ? body.as<PackedTable>()->free_effort() : 1;
}

std::size_t Set::size() const {
  if (encoding() == Encoding::hashtable) return table().size();
  if (encoding() == Encoding::listpack) return ListpackView(body_.pointer()).size();
  return intset().size();
}

bool Set::contains(Bytes member) const { return contains(SetMember{member, 0, false}); }

bool Set::contains(const SetMember& member) const {
  if (encoding() == Encoding::hashtable) {
    IntegerText room;
    return table().contains(member.as_text(room));
  }
  const SetMember value = normalized(member);
  if (encoding() == Encoding::intset) return value.is_integer && intset().contains(value.integer);
  const ListpackView pack(body_.pointer());
  return pack.find(pack.first(), value) != ListpackView::kNone;
}

void Set::expect(Bytes first, std::size_t count, const EncodingLimits& limits) {
  if (encoding() == Encoding::hashtable) return;
  if (!empty()) {
    const std::uint64_t entries_max =
        encoding() == Encoding::intset ? limits.set_intset_entries : limits.set_listpack_entries;
    if (count > entries_max) become_table(count, limits);
    return;
  }
  if (count <= limits.set_intset_entries && parse_int(first)) return;
  if (count > limits.set_listpack_entries) return become_table(count, limits);
  if (encoding() == Encoding::intset) become_listpack();
}

void Set::become_listpack() {
  Listpack pack = Listpack::make();
  for_each([&](const SetMember& member) { pack.append(member); });
  destroy(body_);
  keep(pack);
}

void Set::become_table(std::size_t size, const EncodingLimits& limits) {
  constexpr std::size_t kMemberBytesGuess = 16;
  Body made;
  create(made, Encoding::hashtable, limits.table_secret);
  Set set(made);
  set.table().reserve(std::max(size, this->size()), kMemberBytesGuess);
  for_each([&](const SetMember& member) {
    IntegerText room;
    const Bytes text = member.as_text(room);
    set.table().insert({text, {}, kNoExpiry}, set.table().hash_of(text));
  });
  destroy(body_);
  body_ = made;
}

bool Set::add(Bytes member, const EncodingLimits& limits) {
  return add(SetMember{member, 0, false}, limits);
}

bool Set::add(const SetMember& member, const EncodingLimits& limits) {
  if (encoding() == Encoding::intset) return add_to_intset(normalized(member), limits);
  if (encoding() == Encoding::listpack) return add_to_listpack(normalized(member), limits);
  IntegerText room;
  return add_to_table(member.as_text(room));
}

bool Set::add_to_table(Bytes text) {
  const std::uint64_t hash = table().hash_of(text);
  if (table().find(text, hash)) return false;
  table().insert({text, {}, kNoExpiry}, hash);
  return true;
}

bool Set::add_to_intset(const SetMember& member, const EncodingLimits& limits) {
  if (member.is_integer) {
    Intset set = intset();
    if (!set.add(member.integer)) return false;
    keep(set);
    if (set.size() > intset_entries_max(limits)) become_table(set.size(), limits);
    return true;
  }
  if (fits_listpack(intset(), member.text, limits)) {
    become_listpack();
    Listpack pack = listpack();
    pack.append(member);
    keep(pack);
    return true;
  }
  become_table(size() + 1, limits);
  return add_to_table(member.text);
}

bool Set::add_to_listpack(const SetMember& member, const EncodingLimits& limits) {
  Listpack pack = listpack();
  if (pack.find(pack.first(), member) != ListpackView::kNone) return false;
  IntegerText room;
  const Bytes text = member.as_text(room);
  const std::size_t size = pack.size();
  if (size < limits.set_listpack_entries && text.size() <= limits.set_listpack_value_bytes &&
      pack.fits(text.size())) {
    pack.append(member);
    keep(pack);
    return true;
  }
  become_table(size + 1, limits);
  return add_to_table(text);
}

bool Set::remove(Bytes member) {
  if (encoding() == Encoding::hashtable) {
    const PackedTable::Slot slot = table().find(member);
    if (slot) table().erase(slot);
    return static_cast<bool>(slot);
  }
  const SetMember value = SetMember::of(member);
  if (encoding() == Encoding::intset) {
    Intset set = intset();
    if (!value.is_integer || !set.remove(value.integer)) return false;
    keep(set);
    return true;
  }
  Listpack pack = listpack();
  const auto at = pack.find(pack.first(), value);
  if (at == ListpackView::kNone) return false;
  pack.erase(at);
  keep(pack);
  return true;
}

}  // namespace banyan::values
