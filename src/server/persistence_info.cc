// INFO persistence.
#include <fmt/format.h>

#include "server/info_sections.h"

namespace banyan::server {

namespace {

std::int64_t seconds(Duration duration) {
  return std::chrono::duration_cast<std::chrono::seconds>(duration).count();
}

std::string save_lines(Server& server) {
  const Snapshots& snapshots = server.snapshots();
  const SaveStats& stats = snapshots.stats();
  const Persistence::LoadStats load = server.persistence().load_stats();
  return fmt::format(
      "rdb_changes_since_last_save:{}\r\n"
      "rdb_bgsave_in_progress:{}\r\n"
      "rdb_last_save_time:{}\r\n"
      "rdb_last_bgsave_status:{}\r\n"
      "rdb_last_bgsave_time_sec:{}\r\n"
      "rdb_current_bgsave_time_sec:{}\r\n"
      "rdb_saves:{}\r\n"
      "rdb_last_cow_size:0\r\n"
      "rdb_last_load_keys_expired:{}\r\n"
      "rdb_last_load_keys_loaded:{}\r\n",
      server.dirty() - stats.dirty_at_save, snapshots.is_running() ? 1 : 0,
      stats.last_save_ms / 1000, stats.last_ok ? "ok" : "err", stats.last_seconds,
      snapshots.is_running() ? seconds(snapshots.running_for()) : -1, stats.saves,
      load.keys_expired, load.keys_loaded);
}

std::string loading_lines(Server& server) {
  const Persistence::LoadStats load = server.persistence().load_stats();
  const Duration elapsed = server.main_worker().loop().now() - load.started;
  const auto share = load.bytes_total > 0 ? static_cast<double>(load.bytes_read) /
                                                static_cast<double>(load.bytes_total)
                                          : 0.0;
  const double left =
      share > 0 ? std::chrono::duration<double>(elapsed).count() * (1 - share) / share : 1;
  return fmt::format(
      "loading_start_time:{}\r\n"
      "loading_total_bytes:{}\r\n"
      "loading_rdb_used_mem:0\r\n"
      "loading_loaded_bytes:{}\r\n"
      "loading_loaded_perc:{:.2f}\r\n"
      "loading_eta_seconds:{}\r\n",
      server.env().unix_ms() / 1000 - seconds(elapsed), load.bytes_total, load.bytes_read,
      share * 100, static_cast<std::int64_t>(left));
}

}  // namespace

std::string persistence_info(Server& server) {
  const RdbWalk* walk = server.snapshots().walk();
  const bool loading = server.persistence().is_loading();
  std::string out = fmt::format(
      "loading:{}\r\n"
      "async_loading:{}\r\n"
      "current_cow_peak:0\r\n"
      "current_cow_size:0\r\n"
      "current_cow_size_age:0\r\n"
      "current_fork_perc:0.00\r\n"
      "current_save_keys_processed:{}\r\n"
      "current_save_keys_total:{}\r\n",
      loading ? 1 : 0, server.replication().upstream().is_loading() ? 1 : 0,
      walk != nullptr ? walk->keys_done() : 0, walk != nullptr ? walk->keys_total() : 0);
  out += save_lines(server);
  out +=
      "aof_enabled:0\r\n"
      "aof_rewrite_in_progress:0\r\n"
      "aof_rewrite_scheduled:0\r\n"
      "aof_last_rewrite_time_sec:-1\r\n"
      "aof_current_rewrite_time_sec:-1\r\n"
      "aof_last_bgrewrite_status:ok\r\n"
      "aof_rewrites:0\r\n"
      "aof_rewrites_consecutive_failures:0\r\n"
      "aof_last_write_status:ok\r\n"
      "aof_last_cow_size:0\r\n"
      "module_fork_in_progress:0\r\n"
      "module_fork_last_cow_size:0\r\n";
  if (loading) out += loading_lines(server);
  return out;
}

}  // namespace banyan::server
