#include "config/table.h"

namespace banyan::config {
namespace {

template <auto Field>
using In = Path<&Settings::encodings, Field>;

constexpr std::int64_t kIntMin = std::numeric_limits<std::int32_t>::min();

constexpr Setting kTable[] = {
    {.name = "hash-max-listpack-entries",
     .aliases = {{{"hash-max-ziplist-entries"}}},
     .kind = integer<In<&Encodings::hash_listpack_entries>>(0, kInt64Max),
     .extreme = {0, 8}},
    {.name = "hash-max-listpack-value",
     .aliases = {{{"hash-max-ziplist-value"}}},
     .kind = integer<In<&Encodings::hash_listpack_value_bytes>>(0, kInt64Max, Notation::memory),
     .extreme = {0, 16}},
    {.name = "list-max-listpack-size",
     .aliases = {{{"list-max-ziplist-size"}}},
     .kind = integer<In<&Encodings::list_listpack_size>>(kIntMin, kIntMax),
     .extreme = {1, 4}},
    {.name = "list-compress-depth",
     .kind = integer<In<&Encodings::list_compress_depth>>(0, kIntMax),
     .extreme = {0, 3}},
    {.name = "set-max-intset-entries",
     .kind = integer<In<&Encodings::set_intset_entries>>(0, kInt64Max),
     .extreme = {0, 8}},
    {.name = "set-max-listpack-entries",
     .kind = integer<In<&Encodings::set_listpack_entries>>(0, kInt64Max),
     .extreme = {0, 8}},
    {.name = "set-max-listpack-value",
     .kind = integer<In<&Encodings::set_listpack_value_bytes>>(0, kInt64Max),
     .extreme = {0, 16}},
    {.name = "zset-max-listpack-entries",
     .aliases = {{{"zset-max-ziplist-entries"}}},
     .kind = integer<In<&Encodings::zset_listpack_entries>>(0, kInt64Max),
     .extreme = {0, 8}},
    {.name = "zset-max-listpack-value",
     .aliases = {{{"zset-max-ziplist-value"}}},
     .kind = integer<In<&Encodings::zset_listpack_value_bytes>>(0, kInt64Max, Notation::memory),
     .extreme = {0, 16}},
    {.name = "hll-sparse-max-bytes",
     .kind = integer<In<&Encodings::hll_sparse_bytes>>(0, kInt64Max, Notation::memory),
     .extreme = {0, 100}},
    {.name = "stream-node-max-bytes",
     .kind = integer<In<&Encodings::stream_node_bytes>>(0, kInt64Max, Notation::memory),
     .extreme = {32, 256}},
    {.name = "stream-node-max-entries",
     .kind = integer<In<&Encodings::stream_node_entries>>(0, kInt64Max),
     .extreme = {1, 4}},
};

}  // namespace

std::span<const Setting> encoding_settings() { return kTable; }

}  // namespace banyan::config
