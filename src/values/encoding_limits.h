// EncodingLimits: up to what size collections are kept in their compact encodings, which are
// settings (hash-max-listpack-entries and its like). And what a collection needs that outgrows
// them: the secret for its hash table, the keyspace's own.
//
// Threads   A value. Each worker has a copy, changed under the exclusive gate.
#pragma once

#include <cstdint>

#include "base/hash.h"
#include "config/encodings.h"

namespace banyan::values {

struct EncodingLimits : config::Encodings {
  HashSecret table_secret = {0x2d358dccaa6c78a5, 0x8bb84b93962eacc9};
  std::uint64_t list_plain_bytes = 1 << 30;  // elements from here on have a node of their own
};

}  // namespace banyan::values
