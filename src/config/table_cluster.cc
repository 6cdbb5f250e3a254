#include "config/checks.h"
#include "config/table.h"

namespace banyan::config {
namespace {

template <auto Field>
using In = Path<&Settings::cluster, Field>;

constexpr ChoiceName kEndpoints[] = {
    {"ip", int(EndpointType::ip)},
    {"hostname", int(EndpointType::hostname)},
    {"unknown-endpoint", int(EndpointType::unknown_endpoint)},
};

constexpr Setting kTable[] = {
    {.name = "cluster-enabled", .kind = boolean<In<&Cluster::enabled>>(), .flags = Flag::immutable},
    {.name = "cluster-config-file",
     .kind = text<In<&Cluster::config_file>>(check_cluster_file),
     .flags = Flag::immutable},
    {.name = "cluster-node-timeout",
     .kind = integer<In<&Cluster::node_timeout>>(0, kMillisecondsMax),
     .extreme = {200, 3000}},
    {.name = "cluster-ping-interval",
     .kind = integer<In<&Cluster::ping_interval>>(0, kMillisecondsMax),
     .flags = Flag::hidden},
    {.name = "cluster-port",
     .kind = integer<In<&Cluster::port>>(0, 65535),
     .flags = Flag::immutable},
    {.name = "cluster-announce-ip", .kind = optional_text<In<&Cluster::announce_ip>>()},
    {.name = "cluster-announce-client-ipv4",
     .kind = optional_text<In<&Cluster::announce_client_ipv4>>(check_ipv4)},
    {.name = "cluster-announce-client-ipv6",
     .kind = optional_text<In<&Cluster::announce_client_ipv6>>(check_ipv6)},
    {.name = "cluster-announce-hostname",
     .kind = optional_text<In<&Cluster::announce_hostname>>(check_hostname)},
    {.name = "cluster-announce-human-nodename",
     .kind = optional_text<In<&Cluster::announce_human_nodename>>(check_node_name)},
    {.name = "cluster-announce-port", .kind = integer<In<&Cluster::announce_port>>(0, 65535)},
    {.name = "cluster-announce-tls-port",
     .kind = integer<In<&Cluster::announce_tls_port>>(0, 65535)},
    {.name = "cluster-announce-bus-port",
     .kind = integer<In<&Cluster::announce_bus_port>>(0, 65535)},
    {.name = "cluster-preferred-endpoint-type",
     .kind = choice<In<&Cluster::preferred_endpoint>>(kEndpoints)},
    {.name = "cluster-replica-validity-factor",
     .aliases = {{{"cluster-slave-validity-factor"}}},
     .kind = integer<In<&Cluster::replica_validity_factor>>(0, kIntMax),
     .extreme = {0, 2}},
    {.name = "cluster-migration-barrier",
     .kind = integer<In<&Cluster::migration_barrier>>(0, kIntMax),
     .extreme = {0, 1}},
    {.name = "cluster-replica-no-failover",
     .aliases = {{{"cluster-slave-no-failover"}}},
     .kind = boolean<In<&Cluster::replica_no_failover>>()},
    {.name = "cluster-allow-replica-migration", .kind = boolean<In<&Cluster::replica_migration>>()},
    {.name = "cluster-require-full-coverage",
     .kind = boolean<In<&Cluster::require_full_coverage>>()},
    {.name = "cluster-allow-reads-when-down", .kind = boolean<In<&Cluster::reads_when_down>>()},
    {.name = "cluster-allow-pubsubshard-when-down",
     .kind = boolean<In<&Cluster::sharded_pubsub_when_down>>()},
    {.name = "cluster-link-sendbuf-limit",
     .kind = integer<In<&Cluster::link_send_buffer_max_bytes>>(0, kInt64Max, Notation::memory),
     .extreme = {16 * 1024, 64 * 1024}},
    {.name = "cluster-blacklist-ttl",
     .kind = integer<In<&Cluster::blacklist_ttl>>(0, kIntMax),
     .extreme = {0, 5}},
    {.name = "cluster-slot-stats-enabled", .kind = boolean<In<&Cluster::slot_stats>>()},
};

}  // namespace

std::span<const Setting> cluster_settings() { return kTable; }

}  // namespace banyan::config
