#include "config/checks.h"
#include "config/specials.h"
#include "config/table.h"

namespace banyan::config {
namespace {

template <auto Field>
using In = Path<&Settings::persistence, Field>;

constexpr ChoiceName kFsync[] = {
    {"everysec", int(FsyncPolicy::every_second)},
    {"always", int(FsyncPolicy::always)},
    {"no", int(FsyncPolicy::never)},
};

constexpr std::int64_t kIntMin = std::numeric_limits<std::int32_t>::min();

constexpr Setting kTable[] = {
    {.name = "dir",
     .kind = text<In<&Persistence::directory>>(),
     .flags = Flag::guarded | Flag::denied_while_loading | Flag::always_applied},
    {.name = "dbfilename",
     .kind = text<In<&Persistence::rdb_file>>(check_rdb_file),
     .flags = Flag::guarded},
    {.name = "save", .kind = kSave, .flags = Flag::several_words},
    {.name = "rdbcompression", .kind = boolean<In<&Persistence::rdb_compression>>()},
    {.name = "rdbchecksum",
     .kind = boolean<In<&Persistence::rdb_checksum>>(),
     .flags = Flag::immutable},
    {.name = "rdb-del-sync-files", .kind = boolean<In<&Persistence::rdb_delete_sync_files>>()},
    {.name = "rdb-save-incremental-fsync",
     .kind = boolean<In<&Persistence::rdb_incremental_fsync>>()},
    {.name = "stop-writes-on-bgsave-error",
     .kind = boolean<In<&Persistence::stop_writes_on_save_error>>()},
    {.name = "rdb-key-save-delay",
     .kind = integer<In<&Persistence::key_save_delay>>(kIntMin, kIntMax),
     .flags = Flag::hidden,
     .note =
         "Microseconds that a snapshot waits after a key, for tests; below zero, after how many "
         "keys it waits for one. Keys that writers save ahead of it do not count"},
    {.name = "key-load-delay",
     .kind = integer<In<&Persistence::key_load_delay>>(kIntMin, kIntMax),
     .flags = Flag::hidden,
     .note = "The same for loading, also from a primary"},
    {.name = "loading-process-events-interval-bytes",
     .kind = integer<In<&Persistence::loading_events_interval_bytes>>(1024, kIntMax),
     .flags = Flag::hidden,
     .extreme = {1024, 4096},
     .note = "The most that is loaded between two looks at the clients; 256 KiB at most"},
    {.name = "appendonly",
     .kind = boolean<In<&Persistence::append_only>>(),
     .flags = Flag::denied_while_loading},
    {.name = "appendfilename",
     .kind = text<In<&Persistence::aof_file>>(check_aof_file),
     .flags = Flag::immutable},
    {.name = "appenddirname",
     .kind = text<In<&Persistence::aof_directory>>(check_aof_directory),
     .flags = Flag::immutable},
    {.name = "appendfsync", .kind = choice<In<&Persistence::fsync>>(kFsync)},
    {.name = "no-appendfsync-on-rewrite", .kind = boolean<In<&Persistence::no_fsync_on_rewrite>>()},
    {.name = "auto-aof-rewrite-percentage",
     .kind = integer<In<&Persistence::aof_rewrite_percentage>>(0, kIntMax),
     .extreme = {0, 20}},
    {.name = "auto-aof-rewrite-min-size",
     .kind = integer<In<&Persistence::aof_rewrite_min_bytes>>(0, kInt64Max, Notation::memory),
     .extreme = {0, 16 * 1024}},
    {.name = "aof-load-truncated", .kind = boolean<In<&Persistence::aof_load_truncated>>()},
    {.name = "aof-use-rdb-preamble", .kind = boolean<In<&Persistence::aof_rdb_preamble>>()},
    {.name = "aof-timestamp-enabled", .kind = boolean<In<&Persistence::aof_timestamps>>()},
    {.name = "aof-rewrite-incremental-fsync",
     .kind = boolean<In<&Persistence::aof_incremental_fsync>>()},
    {.name = "aof-disable-auto-gc",
     .kind = boolean<In<&Persistence::aof_keep_history>>(),
     .flags = Flag::hidden},
};

}  // namespace

std::span<const Setting> persistence_settings() { return kTable; }

}  // namespace banyan::config
