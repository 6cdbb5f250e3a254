// The sections of INFO. Each function gives the lines of one, without the headline: "role:master",
// each line with its CR and LF.
//
// Threads   Under the exclusive gate, on any worker's thread.
#pragma once

#include <string>

#include "engine/stats.h"
#include "server/server.h"

namespace banyan::server {

// What the workers count, added up.
struct NodeTotals {
  std::uint64_t commands = 0, error_replies = 0;
  std::uint64_t input_bytes = 0, output_bytes = 0, reads = 0, writes = 0;
  std::uint64_t turns = 0, output_limit_disconnections = 0;
  Ticks command_ticks = 0;
  commands::KeyCounters keys;
};
NodeTotals totals_of(Server& server);

// What the workers know of one command, added up.
struct CommandTotals {
  std::uint64_t calls = 0, rejected = 0, failed = 0;
  Ticks ticks = 0;
  std::uint64_t latency_count = 0;
  engine::LatencyHistogram latency;
};
CommandTotals command_totals(Server& server, std::uint32_t id);

std::string server_info(Server& server);
std::string clients_info(Server& server);
std::string memory_info(Server& server);
std::string persistence_info(Server& server);  // persistence_info.cc
std::string stats_info(Server& server);
std::string replication_info(Server& server);  // replication_info.cc
std::string cpu_info(Server& server);
std::string command_stats_info(Server& server);
std::string error_stats_info(Server& server);
std::string latency_stats_info(Server& server);
std::string cluster_info(Server& server);
std::string keyspace_info(Server& server);
std::string workers_info(Server& server);
std::string debug_info(Server& server);

// The time that `percent` per cent of the calls did not exceed.
Ticks percentile_of(const CommandTotals& totals, double percent);

}  // namespace banyan::server
