// INFO replication.
#include <fmt/format.h>

#include "server/info_sections.h"

namespace banyan::server {

namespace {

using replication::ReplicaFeed;
using replication::ReplicaLink;

std::int64_t seconds(Duration duration) {
  return std::chrono::duration_cast<std::chrono::seconds>(duration).count();
}

// What the link is doing while it takes a snapshot.
std::string sync_lines(const ReplicaLink& link, Instant now) {
  const std::int64_t total = std::max<std::int64_t>(link.snapshot_length(), 0);
  const std::int64_t read = link.snapshot_received();
  const double percent =
      total > 0 ? 100.0 * static_cast<double>(read) / static_cast<double>(total) : 0;
  return fmt::format(
      "master_sync_total_bytes:{}\r\n"
      "master_sync_read_bytes:{}\r\n"
      "master_sync_left_bytes:{}\r\n"
      "master_sync_perc:{:.2f}\r\n"
      "master_sync_last_io_seconds_ago:{}\r\n",
      total, read, total > 0 ? total - read : 0, percent, seconds(now - link.last_io()));
}

std::string link_lines(Server& server, Instant now) {
  const Replication& replication = server.replication();
  const ReplicaLink& link = replication.upstream().link();
  const config::Replication& settings = server.settings().replication;
  const bool up = link.state() == ReplicaLink::State::streaming;
  const bool syncing = link.state() == ReplicaLink::State::awaiting_snapshot ||
                       link.state() == ReplicaLink::State::receiving_snapshot ||
                       link.state() == ReplicaLink::State::loading_snapshot;
  const std::int64_t offset = link.position() ? link.position()->offset : 0;
  const log::Figures figures = server.log().figures();
  std::string out = fmt::format(
      "master_host:{}\r\n"
      "master_port:{}\r\n"
      "master_link_status:{}\r\n"
      "master_last_io_seconds_ago:{}\r\n"
      "master_sync_in_progress:{}\r\n"
      "slave_read_repl_offset:{}\r\n"
      "slave_repl_offset:{}\r\n",
      link.primary()->host, link.primary()->port, up ? "up" : "down",
      up ? seconds(now - link.last_io()) : -1, syncing ? 1 : 0,
      offset + (up ? figures.unfinished_bytes : 0), offset);
  if (syncing) out += sync_lines(link, now);
  if (!up)
    out += fmt::format("master_link_down_since_seconds:{}\r\n",
                       link.down_since() ? seconds(now - *link.down_since()) : -1);
  return out + fmt::format(
                   "slave_priority:{}\r\n"
                   "slave_read_only:{}\r\n"
                   "replica_announced:{}\r\n",
                   settings.priority, settings.read_only ? 1 : 0, settings.announced ? 1 : 0);
}

std::string feed_lines(Server& server, Instant now) {
  std::string out;
  int number = 0;
  for (const auto& [id, feed] : server.replication().feeds()) {
    const ReplicaFeed& core = feed->core();
    const std::string_view state = replication::info_name(core.state());
    if (state.empty()) continue;
    out += fmt::format("slave{}:ip={},port={},state={},offset={},lag={}\r\n", number++, core.ip(),
                       core.profile().listening_port, state, core.acked(),
                       core.state() == ReplicaFeed::State::online ? seconds(core.lag(now)) : 0);
  }
  return out;
}

}  // namespace

std::string replication_info(Server& server) {
  const Replication& replication = server.replication();
  const Instant now = server.main_worker().loop().now();
  const log::Figures figures = server.log().figures();
  const log::History& history = replication.history();
  std::string out = fmt::format("role:{}\r\n", replication.is_replica() ? "slave" : "master");
  if (replication.is_replica()) out += link_lines(server, now);
  out += fmt::format("connected_slaves:{}\r\n", replication.feeds().size());
  const config::Replication& settings = server.settings().replication;
  if (settings.min_replicas_to_write > 0 && settings.min_replicas_max_lag.count() > 0)
    out += fmt::format("min_slaves_good_slaves:{}\r\n", replication.good_replicas());
  out += feed_lines(server, now);
  const bool active = figures.window.active;
  return out + fmt::format(
                   "master_failover_state:no-failover\r\n"
                   "master_replid:{}\r\n"
                   "master_replid2:{}\r\n"
                   "master_repl_offset:{}\r\n"
                   "second_repl_offset:{}\r\n"
                   "repl_backlog_active:{}\r\n"
                   "repl_backlog_size:{}\r\n"
                   "repl_backlog_first_byte_offset:{}\r\n"
                   "repl_backlog_histlen:{}\r\n",
                   history.id.text(), history.previous_id.text(), figures.window.next.bytes(),
                   history.previous_valid_up_to.number(), active ? 1 : 0,
                   figures.backlog_size_bytes,
                   active ? log::byte_after(figures.window.first).number() : 0,
                   active ? figures.window.size_bytes() : 0);
}

}  // namespace banyan::server
