#include "config/table.h"

namespace banyan::config {
namespace {

template <auto Field>
using In = Path<&Settings::memory, Field>;

constexpr ChoiceName kPolicies[] = {
    {"volatile-lru", int(EvictionPolicy::volatile_lru)},
    {"volatile-lfu", int(EvictionPolicy::volatile_lfu)},
    {"volatile-random", int(EvictionPolicy::volatile_random)},
    {"volatile-ttl", int(EvictionPolicy::volatile_ttl)},
    {"allkeys-lru", int(EvictionPolicy::allkeys_lru)},
    {"allkeys-lfu", int(EvictionPolicy::allkeys_lfu)},
    {"allkeys-random", int(EvictionPolicy::allkeys_random)},
    {"noeviction", int(EvictionPolicy::no_eviction)},
};

constexpr Setting kTable[] = {
    {.name = "maxmemory", .kind = integer<In<&Memory::max_bytes>>(0, kInt64Max, Notation::memory)},
    {.name = "maxmemory-policy", .kind = choice<In<&Memory::policy>>(kPolicies)},
    {.name = "maxmemory-samples",
     .kind = integer<In<&Memory::samples>>(1, kIntMax),
     .extreme = {1, 3}},
    {.name = "maxmemory-eviction-tenacity",
     .kind = integer<In<&Memory::eviction_tenacity>>(0, 100),
     .extreme = {0, 100}},
    {.name = "maxmemory-clients",
     .kind = integer<In<&Memory::clients_max>>(-100, kInt64Max, Notation::memory_or_percent)},
    {.name = "lfu-log-factor",
     .kind = integer<In<&Memory::lfu_log_factor>>(0, kIntMax),
     .extreme = {0, 100}},
    {.name = "lfu-decay-time",
     .kind = integer<In<&Memory::lfu_decay_time>>(0, kMinutesMax),
     .extreme = {0, 2}},
    {.name = "lazyfree-lazy-eviction", .kind = boolean<In<&Memory::lazy_eviction>>()},
    {.name = "lazyfree-lazy-expire", .kind = boolean<In<&Memory::lazy_expire>>()},
    {.name = "lazyfree-lazy-server-del", .kind = boolean<In<&Memory::lazy_server_del>>()},
    {.name = "lazyfree-lazy-user-del", .kind = boolean<In<&Memory::lazy_user_del>>()},
    {.name = "lazyfree-lazy-user-flush", .kind = boolean<In<&Memory::lazy_user_flush>>()},
    {.name = "active-expire-effort",
     .kind = integer<In<&Memory::active_expire_effort>>(1, 10),
     .extreme = {1, 10}},
    {.name = "activerehashing", .kind = boolean<In<&Memory::active_rehashing>>()},
    {.name = "activedefrag", .kind = boolean<In<&Memory::active_defrag>>()},
    {.name = "active-defrag-ignore-bytes",
     .kind = integer<In<&Memory::defrag_ignore_bytes>>(1, kInt64Max, Notation::memory)},
    {.name = "active-defrag-threshold-lower",
     .kind = integer<In<&Memory::defrag_threshold_lower>>(0, 1000)},
    {.name = "active-defrag-threshold-upper",
     .kind = integer<In<&Memory::defrag_threshold_upper>>(0, 1000)},
    {.name = "active-defrag-cycle-min", .kind = integer<In<&Memory::defrag_cycle_min>>(1, 99)},
    {.name = "active-defrag-cycle-max", .kind = integer<In<&Memory::defrag_cycle_max>>(1, 99)},
    {.name = "active-defrag-max-scan-fields",
     .kind = integer<In<&Memory::defrag_scan_fields_max>>(1, kInt64Max)},
};

}  // namespace

std::span<const Setting> memory_settings() { return kTable; }

}  // namespace banyan::config
