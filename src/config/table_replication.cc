#include "config/specials.h"
#include "config/table.h"

namespace banyan::config {
namespace {

template <auto Field>
using In = Path<&Settings::replication, Field>;

constexpr ChoiceName kDisklessLoad[] = {
    {"disabled", int(DisklessLoad::disabled)},
    {"on-empty-db", int(DisklessLoad::on_empty_db)},
    {"swapdb", int(DisklessLoad::swapdb)},
};
constexpr ChoiceName kPropagationErrors[] = {
    {"ignore", int(PropagationErrors::ignore)},
    {"panic", int(PropagationErrors::panic)},
    {"panic-on-replicas", int(PropagationErrors::panic_on_replicas)},
};

constexpr Setting kTable[] = {
    {.name = "replicaof",
     .aliases = {{{"slaveof"}}},
     .kind = kReplicaOf,
     .flags = Flag::immutable | Flag::several_words},
    {.name = "masteruser",
     .aliases = {{{"primaryuser"}}},
     .kind = optional_text<In<&Replication::primary_user>>(),
     .flags = Flag::sensitive},
    {.name = "masterauth",
     .aliases = {{{"primaryauth"}}},
     .kind = optional_text<In<&Replication::primary_password>>(),
     .flags = Flag::sensitive},
    {.name = "replica-serve-stale-data",
     .aliases = {{{"slave-serve-stale-data"}}},
     .kind = boolean<In<&Replication::serve_stale_data>>()},
    {.name = "replica-read-only",
     .aliases = {{{"slave-read-only"}}},
     .kind = boolean<In<&Replication::read_only>>()},
    {.name = "replica-ignore-maxmemory",
     .aliases = {{{"slave-ignore-maxmemory"}}},
     .kind = boolean<In<&Replication::ignore_maxmemory>>()},
    {.name = "replica-lazy-flush",
     .aliases = {{{"slave-lazy-flush"}}},
     .kind = boolean<In<&Replication::lazy_flush>>()},
    {.name = "replica-ignore-disk-write-errors",
     .kind = boolean<In<&Replication::ignore_disk_write_errors>>()},
    {.name = "replica-announced", .kind = boolean<In<&Replication::announced>>()},
    {.name = "replica-priority",
     .aliases = {{{"slave-priority"}}},
     .kind = integer<In<&Replication::priority>>(0, kIntMax)},
    {.name = "replica-announce-ip",
     .aliases = {{{"slave-announce-ip"}}},
     .kind = optional_text<In<&Replication::announce_ip>>()},
    {.name = "replica-announce-port",
     .aliases = {{{"slave-announce-port"}}},
     .kind = integer<In<&Replication::announce_port>>(0, 65535)},
    {.name = "repl-timeout",
     .kind = integer<In<&Replication::timeout>>(1, kIntMax),
     .extreme = {2, 10}},
    {.name = "repl-ping-replica-period",
     .aliases = {{{"repl-ping-slave-period"}}},
     .kind = integer<In<&Replication::ping_period>>(1, kIntMax),
     .extreme = {1, 2}},
    {.name = "repl-disable-tcp-nodelay", .kind = boolean<In<&Replication::disable_tcp_nodelay>>()},
    {.name = "repl-diskless-sync", .kind = boolean<In<&Replication::diskless_sync>>()},
    {.name = "repl-diskless-sync-delay",
     .kind = integer<In<&Replication::diskless_sync_delay>>(0, kIntMax),
     .extreme = {0, 1}},
    {.name = "repl-diskless-sync-max-replicas",
     .kind = integer<In<&Replication::diskless_sync_replicas_max>>(0, kIntMax),
     .extreme = {0, 2}},
    {.name = "repl-diskless-load",
     .kind = choice<In<&Replication::diskless_load>>(kDisklessLoad),
     .flags = Flag::denied_while_loading},
    {.name = "dual-channel-replication-enabled", .kind = boolean<In<&Replication::dual_channel>>()},
    {.name = "repl-backlog-size",
     .kind = integer<In<&Replication::backlog_bytes>>(1, kInt64Max, Notation::memory),
     .extreme = {16 * 1024, 64 * 1024}},
    {.name = "repl-backlog-ttl",
     .kind = integer<In<&Replication::backlog_ttl>>(0, kIntMax),
     .extreme = {1, 10}},
    {.name = "min-replicas-to-write",
     .aliases = {{{"min-slaves-to-write"}}},
     .kind = integer<In<&Replication::min_replicas_to_write>>(0, kIntMax)},
    {.name = "min-replicas-max-lag",
     .aliases = {{{"min-slaves-max-lag"}}},
     .kind = integer<In<&Replication::min_replicas_max_lag>>(0, kIntMax)},
    {.name = "propagation-error-behavior",
     .kind = choice<In<&Replication::propagation_errors>>(kPropagationErrors)},
};

}  // namespace

std::span<const Setting> replication_settings() { return kTable; }

}  // namespace banyan::config
