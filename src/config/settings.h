// Settings: what a node was told, as typed fields in groups. The initialisers are the defaults
// (Redis 7.2's); names, ranges and flags of the directives are in the table_*.cc files.
//
// Vocabulary   A *directive* is a line of a configuration file; a *setting* is what CONFIG SET and
//              CONFIG GET see; most directives are settings. A *raw line* is a directive whose
//              meaning belongs to another folder (users, Sentinel): kept as words.
// Invariants   Durations fit in 68 years, so adding one to the present time never overflows.
// Threads      None; a value.
#pragma once

#include <chrono>
#include <cstdint>
#include <string>
#include <vector>

#include "config/choices.h"
#include "config/settings_data.h"
#include "config/settings_server.h"

namespace banyan::config {

struct RawLine {
  std::vector<std::string> words;  // without the directive's own name
  std::string file;                // where it stood, for error messages
  std::size_t line = 0;
  friend bool operator==(const RawLine& a, const RawLine& b) { return a.words == b.words; }
};

struct Replication {
  std::string primary_host;  // empty = this node is a primary
  std::uint16_t primary_port = 0;
  std::string primary_user, primary_password;
  bool serve_stale_data = true, read_only = true, ignore_maxmemory = true, lazy_flush = false;
  bool ignore_disk_write_errors = false, announced = true;
  int priority = 100;  // 0 = never promote
  std::string announce_ip;
  std::uint16_t announce_port = 0;
  std::chrono::seconds timeout{60}, ping_period{10};
  bool disable_tcp_nodelay = false;
  bool diskless_sync = true;
  std::chrono::seconds diskless_sync_delay{1};
  std::int64_t diskless_sync_replicas_max = 0;
  DisklessLoad diskless_load = DisklessLoad::disabled;
  bool dual_channel = false;
  std::int64_t backlog_bytes = 1024 * 1024;
  std::chrono::seconds backlog_ttl{3600};  // 0 = keep for ever
  std::int64_t min_replicas_to_write = 0;
  std::chrono::seconds min_replicas_max_lag{10};
  PropagationErrors propagation_errors = PropagationErrors::ignore;
  friend bool operator==(const Replication&, const Replication&) = default;
};

struct Cluster {
  bool enabled = false;
  std::string config_file = "nodes.conf";
  std::chrono::milliseconds node_timeout{15000}, ping_interval{0};
  std::uint16_t port = 0;  // 0 = the data port + 10000
  std::string announce_ip, announce_client_ipv4, announce_client_ipv6;
  std::string announce_hostname, announce_human_nodename;
  std::uint16_t announce_port = 0, announce_tls_port = 0, announce_bus_port = 0;
  EndpointType preferred_endpoint = EndpointType::ip;
  int replica_validity_factor = 10, migration_barrier = 1;
  bool replica_no_failover = false, replica_migration = true, require_full_coverage = true;
  bool reads_when_down = false, sharded_pubsub_when_down = true;
  std::int64_t link_send_buffer_max_bytes = 0;
  std::chrono::seconds blacklist_ttl{60};
  bool slot_stats = false;
  friend bool operator==(const Cluster&, const Cluster&) = default;
};

struct RenamedCommand {
  std::string from, to;  // `to` empty: the command is removed
  friend bool operator==(const RenamedCommand&, const RenamedCommand&) = default;
};

struct Security {
  std::string password;
  std::string acl_file;
  PubsubDefault pubsub_default = PubsubDefault::reset_channels;
  std::uint64_t acl_log_length_max = 128;
  Allowed protected_configs = Allowed::no, debug_command = Allowed::no,
          module_command = Allowed::no;
  SanitizePayload sanitize_payload = SanitizePayload::no;
  std::vector<RawLine> users;
  std::vector<RenamedCommand> renamed_commands;
  friend bool operator==(const Security&, const Security&) = default;
};

struct Settings {
  Network network;
  Tls tls;
  Process process;
  Logging logging;
  Replication replication;
  Persistence persistence;
  Memory memory;
  Encodings encodings;
  Cluster cluster;
  Security security;
  Limits limits;
  std::vector<RawLine> sentinel;  // `sentinel ...` lines, only in Sentinel mode
  friend bool operator==(const Settings&, const Settings&) = default;
};

// `hz` is a hint: what is outside is accepted and moved to the nearer end.
inline constexpr int kHzMin = 1, kHzMax = 500;

// How many worker threads `threads` means on a machine with `cores` cores.
inline std::uint32_t worker_count(const Settings& settings, std::uint32_t cores) {
  if (settings.process.threads > 0) return settings.process.threads;
  return cores > 1 ? cores - 1 : 1;
}

}  // namespace banyan::config
