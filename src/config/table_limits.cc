#include "config/specials.h"
#include "config/table.h"

namespace banyan::config {
namespace {

template <auto Field>
using In = Path<&Settings::limits, Field>;

constexpr std::int64_t kMebibyte = 1024 * 1024;

constexpr Setting kTable[] = {
    {.name = "databases",
     .kind = integer<In<&Limits::databases>>(1, kIntMax),
     .flags = Flag::immutable},
    {.name = "client-output-buffer-limit", .kind = kOutputLimits, .flags = Flag::several_words},
    {.name = "client-query-buffer-limit",
     .kind = integer<In<&Limits::query_buffer_bytes>>(kMebibyte, kInt64Max, Notation::memory),
     .extreme = {kMebibyte, kMebibyte}},
    {.name = "proto-max-bulk-len",
     .kind = integer<In<&Limits::bulk_bytes>>(kMebibyte, kInt64Max, Notation::memory),
     .extreme = {kMebibyte, kMebibyte}},
    {.name = "busy-reply-threshold",
     .aliases = {{{"lua-time-limit"}}},
     .kind = integer<In<&Limits::busy_reply_threshold>>(0, kMillisecondsMax),
     .extreme = {0, 20}},
    {.name = "tracking-table-max-keys",
     .kind = integer<In<&Limits::tracking_table_keys>>(0, kInt64Max),
     .extreme = {1, 8}},
    {.name = "notify-keyspace-events", .kind = kKeyEvents},
    {.name = "client-default-resp",
     .kind = integer<In<&Limits::default_resp>>(2, 3),
     .flags = Flag::immutable | Flag::hidden},
};

}  // namespace

std::span<const Setting> limit_settings() { return kTable; }

}  // namespace banyan::config
