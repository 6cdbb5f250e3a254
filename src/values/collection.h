// What can be done with a collection without knowing its type: made, freed, copied, weighed.
//
// Each type's handle class (List, Hash, Set, SortedSet, Stream) provides it as static functions;
// values/collection.cc lists them.
//
// Threads   Whoever owns the body. destroy_body() may run on a background thread.
#pragma once

#include <cstddef>
#include <cstdint>

#include "values/body.h"
#include "values/type.h"

namespace banyan::values {

void create_body(Type type, Body& body);  // empty, in the smallest encoding
void destroy_body(Type type, Body body);
void copy_body(Type type, Body from, Body& to);
// Taken from the allocator. What is made of many blocks is estimated from `samples` of them.
std::size_t memory_bytes(Type type, Body body, std::size_t samples = kAllBlocks);
// About how many allocations destroy_body() gives back: beyond a few it belongs in the background.
std::size_t free_effort(Type type, Body body);

// For pipelines: bring what a search for `member` reads into the cache, in three steps, each for
// all members of a batch before the next. Nothing to do for small collections.
struct MemberProbe {
  const void* table = nullptr;
  std::uint64_t hash = 0;
  bool is_sorted_set = false;
};
MemberProbe prefetch_member(Type type, Body body, Bytes member);
void prefetch_block(const MemberProbe& probe);
void prefetch_item(const MemberProbe& probe);

}  // namespace banyan::values
