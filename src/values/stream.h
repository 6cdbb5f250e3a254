// Stream: the handle of a stream body: how the keyspace makes, frees, copies and weighs streams,
// and the way to the StreamValue inside.
//
// Threads   Whoever holds the lock of the entry's partition.
#pragma once

#include "values/body.h"
#include "values/stream_value.h"

namespace banyan::values {

class Stream {
 public:
  static StreamValue& of(Body& body) { return *body.as<StreamValue>(); }
  static const StreamValue& of(const Body& body) { return *body.as<const StreamValue>(); }

  static void create(Body& body) { create(body, StreamValue()); }
  static void create(Body& body, StreamValue value);
  static void destroy(Body body) { delete body.as<StreamValue>(); }
  static void copy(Body from, Body& to) { create(to, of(from).copy()); }
  static std::size_t memory_bytes(Body body, std::size_t samples = kAllBlocks) {
    return of(body).memory_bytes(samples);
  }
  static std::size_t free_effort(Body body) { return of(body).free_effort(); }
};

}  // namespace banyan::values
