// Set: the operations of a set, over each of its encodings.
//
// Vocabulary   intset      integers only, sorted (encodings/intset.h)
//              listpack    few and short members (encodings/listpack.h)
//              hashtable   everything else (encodings/packed_table.h)
//              A *member* is a text, or the integer that the text spells. Hashtables give texts
//              alone, the others give integers as such; all take both.
// Invariants   A set gets a larger encoding where Redis 7.2 converts, and never goes back.
//              No member is in it twice.
// Threads      Whoever holds the lock of the entry's partition.
// Failure      Allocation failure terminates.
#pragma once

#include <cstddef>
#include <cstdint>

#include "base/rng.h"
#include "encodings/intset.h"
#include "encodings/listpack.h"
#include "encodings/packed_table.h"
#include "values/body.h"
#include "values/encoding_limits.h"

namespace banyan::values {

using SetMember = encodings::ListpackValue;

class Set {
 public:
  explicit Set(Body& body) : body_(body) {}
  static const Set of(const Body& body) { return Set(const_cast<Body&>(body)); }

  static void create(Body& body) { create(body, Encoding::intset, {}); }
  // `secret` is for hashtables only.
  static void create(Body& body, Encoding encoding, const HashSecret& secret);
  static void destroy(Body body);
  static void copy(Body from, Body& to);
  static std::size_t memory_bytes(Body body, std::size_t samples = kAllBlocks);
  static std::size_t free_effort(Body body);

  Encoding encoding() const { return body_.encoding(); }
  bool empty() const { return size() == 0; }
  std::size_t size() const;
  bool contains(Bytes member) const;
  bool contains(const SetMember& member) const;

  // Before `count` members, of which `first` is one, are added: chooses the encoding of an empty
  // set, and makes a set a hashtable that could not stay what it is with as many.
  void expect(Bytes first, std::size_t count, const EncodingLimits& limits);
  // False when it was there already. The member must not lie in this set.
  bool add(Bytes member, const EncodingLimits& limits);
  bool add(const SetMember& member, const EncodingLimits& limits);
  bool remove(Bytes member);

  // fn(const SetMember&) for every member; it must not change this set.
  template <class Fn>
  void for_each(const Fn& fn) const {
    visit([&](const SetMember& member) {
      fn(member);
      return true;
    });
  }
  // The same, until fn answers false.
  template <class Fn>
  void visit(const Fn& fn) const;
  // Visits some members from `cursor` on and returns the next cursor, 0 at the end. What is no
  // hashtable is visited at once.
  template <class Fn>
  std::uint64_t scan(std::uint64_t cursor, const Fn& fn) const;

  // fn(const SetMember&) for one member, each about as likely. Requires: not empty.
  template <class Fn>
  void visit_random(Rng& rng, const Fn& fn) const;
  // The same, and removes it.
  template <class Fn>
  void pop_random(Rng& rng, const Fn& fn);
  // Removes the members for which fn(const SetMember&) answers false, in one pass. Requires: no
  // hashtable.
  template <class Fn>
  void retain(const Fn& fn);

  // For a set of that encoding.
  encodings::PackedTable& table() const { return *body_.as<encodings::PackedTable>(); }

 private:
  encodings::Listpack listpack() const { return encodings::Listpack(body_.pointer()); }
  encodings::Intset intset() const { return encodings::Intset(body_.pointer()); }
  void keep(const encodings::Intset& set) { body_.set(Encoding::intset, set.data()); }
  void keep(const encodings::Listpack& pack) { body_.set(Encoding::listpack, pack.data()); }
  bool add_to_intset(const SetMember& member, const EncodingLimits& limits);
  bool add_to_listpack(const SetMember& member, const EncodingLimits& limits);
  bool add_to_table(Bytes text);
  void become_listpack();
  void become_table(std::size_t size, const EncodingLimits& limits);

  Body& body_;
};

template <class Fn>
void Set::visit(const Fn& fn) const {
  if (encoding() == Encoding::intset) {
    const encodings::IntsetView set(body_.pointer());
    for (std::size_t i = 0; i < set.size(); ++i)
      if (!fn(SetMember::of_integer(set.at(i)))) return;
  } else if (encoding() == Encoding::listpack) {
    const encodings::ListpackView pack(body_.pointer());
    SetMember member;
    for (auto at = pack.begin(); at != pack.end();) {
      at = pack.read(at, member);
      if (!fn(member)) return;
    }
  } else {
    bool more = true;
    for (std::uint32_t bucket = 0; bucket < table().bucket_count() && more; ++bucket)
      table().visit_bucket(bucket, [&](const encodings::PackedItem& item) {
        if (more) more = fn(SetMember{item.member, 0, false});
      });
  }
}

template <class Fn>
std::uint64_t Set::scan(std::uint64_t cursor, const Fn& fn) const {
  if (encoding() == Encoding::hashtable)
    return table().scan(cursor, [&](const encodings::PackedItem& item) {
      fn(SetMember{item.member, 0, false});
    });
  for_each(fn);
  return 0;
}

template <class Fn>
void Set::visit_random(Rng& rng, const Fn& fn) const {
  if (encoding() == Encoding::hashtable) {
    fn(SetMember{table().random_item(rng).member, 0, false});
  } else if (encoding() == Encoding::intset) {
    const encodings::IntsetView set(body_.pointer());
    fn(SetMember::of_integer(set.at(rng.below(set.size()))));
  } else {
    const encodings::ListpackView pack(body_.pointer());
    fn(pack.get(pack.at(static_cast<std::int64_t>(rng.below(pack.size())))));
  }
}

template <class Fn>
void Set::pop_random(Rng& rng, const Fn& fn) {
  if (encoding() == Encoding::hashtable) {
    const encodings::PackedTable::Slot slot = table().random_slot(rng);
    fn(SetMember{table().item(slot).member, 0, false});
    table().erase(slot);
  } else if (encoding() == Encoding::intset) {
    encodings::Intset set = intset();
    const std::size_t index = rng.below(set.size());
    fn(SetMember::of_integer(set.at(index)));
    set.remove_at(index);
    keep(set);
  } else {
    encodings::Listpack pack = listpack();
    const auto at = pack.at(static_cast<std::int64_t>(rng.below(pack.size())));
    fn(pack.get(at));
    pack.erase(at);
    keep(pack);
  }
}

template <class Fn>
void Set::retain(const Fn& fn) {
  Body old = body_;
  create(body_, old.encoding(), {});
  if (old.encoding() == Encoding::intset) {
    encodings::Intset kept = intset();
    of(old).for_each([&](const SetMember& member) {
      if (fn(member)) kept.add(member.integer);
    });
    keep(kept);
  } else {
    encodings::Listpack kept = listpack();
    of(old).for_each([&](const SetMember& member) {
      if (fn(member)) kept.append(member);
    });
    keep(kept);
  }
  destroy(old);
}

}  // namespace banyan::values
