// The group of Settings about encodings: up to what size collections are kept in the compact ones.
//
// Threads   None; values. The initialisers are the defaults.
#pragma once

#include <cstdint>

namespace banyan::config {

struct Encodings {
  std::uint64_t hash_listpack_entries = 512, hash_listpack_value_bytes = 64;
  int list_listpack_size = -2;  // > 0: entries; -1 ... -5: 4, 8, 16, 32, 64 kB
  int list_compress_depth = 0;  // nodes at either end that stay uncompressed; 0 = compress none
  std::uint64_t set_intset_entries = 512;
  std::uint64_t set_listpack_entries = 128, set_listpack_value_bytes = 64;
  std::uint64_t zset_listpack_entries = 128, zset_listpack_value_bytes = 64;
  std::uint64_t hll_sparse_bytes = 3000;
  std::uint64_t stream_node_bytes = 4096, stream_node_entries = 100;  // 0 = no limit
  friend bool operator==(const Encodings&, const Encodings&) = default;
};

}  // namespace banyan::config
