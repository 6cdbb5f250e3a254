// EncodingLimits: up to what size collections are kept in their compact encodings; the settings
// of the same names (hash-max-listpack-entries and its like), with Redis's defaults. And what a
// collection needs that outgrows them: the secret for its hash table, the keyspace's own.
//
// Threads   A value. Each worker has a copy, changed under the exclusive gate.
#pragma once

#include <cstdint>

#include "base/hash.h"

namespace banyan::values {

struct EncodingLimits {
  std::uint64_t hash_listpack_entries = 512, hash_listpack_value_bytes = 64;
  int list_listpack_size = -2;  // > 0: entries; -1 ... -5: 4, 8, 16, 32, 64 kB
  int list_compress_depth = 0;  // nodes at either end that stay uncompressed; 0 = compress none
  std::uint64_t list_plain_bytes = 1 << 30;  // elements from here on have a node of their own
  std::uint64_t set_intset_entries = 512;
  std::uint64_t set_listpack_entries = 128, set_listpack_value_bytes = 64;
  std::uint64_t zset_listpack_entries = 128, zset_listpack_value_bytes = 64;
  std::uint64_t hll_sparse_bytes = 3000;
  std::uint64_t stream_node_bytes = 4096, stream_node_entries = 100;  // 0 = no limit
  HashSecret table_secret = {0x2d358dccaa6c78a5, 0x8bb84b93962eacc9};
};

}  // namespace banyan::values
