// INFO: the sections stats, commandstats, errorstats, latencystats, keyspace.
#include "server/info_sections.h"

namespace banyan::server {

NodeTotals totals_of(Server& server) {
  NodeTotals totals;
  for (const auto& worker : server.workers()) {
    const engine::WorkerStats& stats = worker->dispatcher().stats();
    const TrafficCounters& traffic = worker->traffic();
    const commands::KeyCounters& keys = worker->dispatcher().context().counters;
    totals.commands += stats.commands;
    totals.error_replies += stats.error_replies;
    for (const engine::CommandStats& command : stats.by_command)
      totals.command_ticks += command.ticks;
    totals.input_bytes += traffic.input_bytes;
    totals.output_bytes += traffic.output_bytes;
    totals.reads += traffic.reads;
    totals.writes += traffic.writes;
    totals.turns += traffic.turns;
    totals.output_limit_disconnections += traffic.output_limit_disconnections;
    totals.keys.hits += keys.hits;
    totals.keys.misses += keys.misses;
    totals.keys.expired += keys.expired;
    totals.keys.expired_fields += keys.expired_fields;
  }
  return totals;
}

CommandTotals command_totals(Server& server, std::uint32_t id) {
  CommandTotals totals;
  for (const auto& worker : server.workers()) {
    const engine::CommandStats& stats = worker->dispatcher().stats().by_command[id];
    totals.calls += stats.calls;
    totals.rejected += stats.rejected;
    totals.failed += stats.failed;
    totals.ticks += stats.ticks;
    if (stats.latency != nullptr) totals.latency.add(*stats.latency);
  }
  for (std::size_t bucket = 0; bucket < engine::LatencyHistogram::kBuckets; ++bucket)
    totals.latency_count += totals.latency.count_in(bucket);
  return totals;
}

Ticks percentile_of(const CommandTotals& totals, double percent) {
  const auto wanted = std::max(1.0, percent / 100 * static_cast<double>(totals.latency_count));
  std::uint64_t seen = 0;
  for (std::size_t bucket = 0; bucket < engine::LatencyHistogram::kBuckets; ++bucket) {
    seen += totals.latency.count_in(bucket);
    if (static_cast<double>(seen) + 0.5 >= wanted && totals.latency.count_in(bucket) > 0)
      return engine::LatencyHistogram::last_of(bucket);
  }
  return 0;
}

namespace {

std::string traffic_lines(Server& server, const NodeTotals& totals) {
  const Metrics& metrics = server.metrics();
  std::uint64_t replicas_output = 0;
  for (const auto& [id, feed] : server.replication().feeds()) replicas_output += feed->bytes_out();
  const std::uint64_t upstream_input = server.replication().upstream().bytes_in();
  return fmt::format(
      "total_connections_received:{}\r\ntotal_commands_processed:{}\r\n"
      "instantaneous_ops_per_sec:{}\r\ntotal_net_input_bytes:{}\r\ntotal_net_output_bytes:{}\r\n"
      "total_net_repl_input_bytes:{}\r\ntotal_net_repl_output_bytes:{}\r\n"
      "instantaneous_input_kbps:{:.2f}\r\ninstantaneous_output_kbps:{:.2f}\r\n"
      "instantaneous_input_repl_kbps:0.00\r\ninstantaneous_output_repl_kbps:0.00\r\n"
      "rejected_connections:{}\r\n",
      std::uint64_t{server.stats().connections_received}, totals.commands,
      metrics.per_second(Rate::commands), totals.input_bytes + upstream_input,
      totals.output_bytes + replicas_output, upstream_input, replicas_output,
      static_cast<double>(metrics.per_second(Rate::input)) / 1024,
      static_cast<double>(metrics.per_second(Rate::output)) / 1024,
      std::uint64_t{server.stats().connections_rejected});
}

std::string keys_lines(Server& server, const NodeTotals& totals) {
  const SyncCounters& syncs = server.replication().counters();
  return fmt::format(
      "sync_full:{}\r\nsync_partial_ok:{}\r\nsync_partial_err:{}\r\nexpired_keys:{}\r\n"
      "expired_subkeys:{}\r\nexpired_stale_perc:{:.2f}\r\nexpired_time_cap_reached_count:{}\r\n"
      "expire_cycle_cpu_milliseconds:0\r\nevicted_keys:0\r\nevicted_clients:0\r\n"
      "total_eviction_exceeded_time:0\r\ncurrent_eviction_exceeded_time:0\r\n"
      "keyspace_hits:{}\r\nkeyspace_misses:{}\r\npubsub_channels:{}\r\npubsub_patterns:{}\r\n"
      "pubsubshard_channels:{}\r\nlatest_fork_usec:0\r\ntotal_forks:0\r\n"
      "migrate_cached_sockets:0\r\nslave_expires_tracked_keys:0\r\nactive_defrag_hits:0\r\n"
      "active_defrag_misses:0\r\nactive_defrag_key_hits:0\r\nactive_defrag_key_misses:0\r\n"
      "total_active_defrag_time:0\r\ncurrent_active_defrag_time:0\r\n"
      "tracking_total_keys:0\r\ntracking_total_items:0\r\ntracking_total_prefixes:0\r\n",
      syncs.full, syncs.partial_ok, syncs.partial_error, totals.keys.expired,
      totals.keys.expired_fields, server.active_expiry().stale_percent(),
      server.active_expiry().cycles_cut_short(), totals.keys.hits, totals.keys.misses,
      server.pubsub().active_count(engine::Topic::channel),
      server.pubsub().active_count(engine::Topic::pattern),
      server.pubsub().active_count(engine::Topic::shard_channel));
}

std::string loop_lines(Server& server, const NodeTotals& totals) {
  const Metrics& metrics = server.metrics();
  const std::uint64_t turns_per_second = metrics.per_second(Rate::turns);
  return fmt::format(
      "unexpected_error_replies:{}\r\ntotal_error_replies:{}\r\ndump_payload_sanitizations:0\r\n"
      "total_reads_processed:{}\r\ntotal_writes_processed:{}\r\n"
      "io_threaded_reads_processed:0\r\nio_threaded_writes_processed:0\r\n"
      "client_query_buffer_limit_disconnections:0\r\n"
      "client_output_buffer_limit_disconnections:{}\r\nreply_buffer_shrinks:0\r\n"
      "reply_buffer_expands:0\r\neventloop_cycles:{}\r\neventloop_duration_sum:{}\r\n"
      "eventloop_duration_cmd_sum:{:.0f}\r\ninstantaneous_eventloop_cycles_per_sec:{}\r\n"
      "instantaneous_eventloop_duration_usec:{}\r\nacl_access_denied_auth:0\r\n"
      "acl_access_denied_cmd:0\r\nacl_access_denied_key:0\r\nacl_access_denied_channel:0\r\n",
      server.replication().upstream().stream_errors(), totals.error_replies, totals.reads,
      totals.writes, totals.output_limit_disconnections, totals.turns, metrics.main_loop_busy_us(),
      metrics.to_us(totals.command_ticks), turns_per_second,
      totals.turns == 0 ? 0 : metrics.main_loop_busy_us() / totals.turns);
}

// Of some of the keys that expire: the mean of what is left to them.
std::int64_t mean_ttl_ms(const store::TableSet& database, UnixMs now) {
  constexpr std::int64_t kSamples = 200;
  std::int64_t count = 0, sum = 0;
  for (std::uint32_t t = 0; t < database.table_count() && count < kSamples; ++t) {
    const store::Table& table = database.table(t);
    if (table.expiring_count() == 0) continue;
    for (std::uint32_t b = 0; b < table.bucket_count() && count < kSamples; ++b)
      table.visit_bucket(b, true, [&](const store::Entry& entry) {
        ++count;
        sum += std::max<std::int64_t>(0, entry.expiry() - now) / kSamples;
      });
  }
  return count == 0 ? 0 : sum * kSamples / count;
}

// What would break a line of INFO apart becomes an underscore.
std::string safe_name(std::string name) {
  for (char& c : name)
    if (c == '#' || c == ':' || c == '\n' || c == '\r') c = '_';
  return name;
}

}  // namespace

std::string stats_info(Server& server) {
  const NodeTotals totals = totals_of(server);
  return traffic_lines(server, totals) + keys_lines(server, totals) + loop_lines(server, totals);
}

std::string command_stats_info(Server& server) {
  std::string text;
  for (std::uint32_t id = 0; id < server.registry().id_count(); ++id) {
    const CommandTotals totals = command_totals(server, id);
    if (totals.calls == 0 && totals.rejected == 0 && totals.failed == 0) continue;
    const double us = server.metrics().to_us(totals.ticks);
    text += fmt::format(
        "cmdstat_{}:calls={},usec={:.0f},usec_per_call={:.2f},rejected_calls={},"
        "failed_calls={}\r\n",
        server.registry().by_id(id).name, totals.calls, us,
        totals.calls == 0 ? 0 : us / static_cast<double>(totals.calls), totals.rejected,
        totals.failed);
  }
  return text;
}

std::string error_stats_info(Server& server) {
  std::map<std::string, std::uint64_t> totals;
  for (const auto& worker : server.workers())
    for (const auto& [code, count] : worker->dispatcher().stats().errors) totals[code] += count;
  std::string text;
  for (const auto& [code, count] : totals)
    text += fmt::format("errorstat_{}:count={}\r\n", safe_name(code), count);
  return text;
}

std::string latency_stats_info(Server& server) {
  const config::Logging& settings = server.settings().logging;
  std::string text;
  if (!settings.latency_tracking) return text;
  for (std::uint32_t id = 0; id < server.registry().id_count(); ++id) {
    const CommandTotals totals = command_totals(server, id);
    if (totals.latency_count == 0) continue;
    text += fmt::format("latency_percentiles_usec_{}:", server.registry().by_id(id).name);
    std::string_view comma;
    for (const double percent : settings.latency_percentiles) {
      text += fmt::format("{}p{:g}={:.3f}", comma, percent,
                          server.metrics().to_us(percentile_of(totals, percent)));
      comma = ",";
    }
    text += "\r\n";
  }
  return text;
}

std::string keyspace_info(Server& server) {
  std::string text;
  for (unsigned number = 0; number < server.keyspace().database_count(); ++number) {
    const store::TableSet& database = server.keyspace().database(number);
    if (database.size() == 0) continue;
    text += fmt::format("db{}:keys={},expires={},avg_ttl={}\r\n", number, database.size(),
                        database.expiring_count(), mean_ttl_ms(database, server.env().unix_ms()));
  }
  return text;
}

}  // namespace banyan::server
