#include "values/collection.h"

#include "encodings/big_hash.h"
#include "encodings/member_tree.h"
#include "values/hash_value.h"
#include "values/list.h"
#include "values/set.h"
#include "values/sorted_set.h"
#include "values/stream.h"

namespace banyan::values {

using encodings::PackedTable;

namespace {

struct Operations {
  void (*create)(Body&);
  void (*destroy)(Body);
  void (*copy)(Body from, Body& to);
  std::size_t (*memory_bytes)(Body, std::size_t samples);
  std::size_t (*free_effort)(Body);
};

template <class T>
constexpr Operations kOperationsOf = {
    .create = T::create,
    .destroy = T::destroy,
    .copy = T::copy,
    .memory_bytes = T::memory_bytes,
    .free_effort = T::free_effort,
};

const Operations& operations(Type type) {
  switch (type) {
    case Type::list:
      return kOperationsOf<List>;
    case Type::set:
      return kOperationsOf<Set>;
    case Type::sorted_set:
      return kOperationsOf<SortedSet>;
    case Type::hash:
      return kOperationsOf<Hash>;
    case Type::stream:
      return kOperationsOf<Stream>;
    case Type::string:
      break;
  }
  CHECK(false);
  __builtin_unreachable();
}

}  // namespace

void create_body(Type type, Body& body) { operations(type).create(body); }
void destroy_body(Type type, Body body) { operations(type).destroy(body); }
void copy_body(Type type, Body from, Body& to) { operations(type).copy(from, to); }
std::size_t memory_bytes(Type type, Body body, std::size_t samples) {
  return operations(type).memory_bytes(body, samples);
}
std::size_t free_effort(Type type, Body body) { return operations(type).free_effort(body); }

MemberProbe prefetch_member(Type type, Body body, Bytes member) {
  const auto probe = [&](const auto& table, bool is_sorted_set) {
    const std::uint64_t hash = table.hash_of(member);
    table.prefetch_bucket(hash);
    return MemberProbe{&table, hash, is_sorted_set};
  };
  if (body.encoding() == Encoding::skiplist)
    return probe(body.as<const encodings::MemberTree>()->index(), true);
  if (body.encoding() != Encoding::hashtable) return {};
  return probe(type == Type::hash ? body.as<const encodings::BigHash>()->table()
                                  : *body.as<const PackedTable>(),
               false);
}

void prefetch_block(const MemberProbe& probe) {
  if (probe.is_sorted_set) {
    static_cast<const encodings::MemberIndex*>(probe.table)->prefetch_member(probe.hash);
  } else {
    static_cast<const PackedTable*>(probe.table)->prefetch_block(probe.hash);
  }
}

void prefetch_item(const MemberProbe& probe) {
  if (!probe.is_sorted_set) static_cast<const PackedTable*>(probe.table)->prefetch_item(probe.hash);
}

}  // namespace banyan::values
