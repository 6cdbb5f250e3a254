#include "server/memory_figures.h"

#include <array>

#include "server/info_sections.h"

namespace banyan::server {

std::uint64_t MemoryFigures::overhead() const {
  std::uint64_t sum = startup + backlog + clients_replicas + clients_normal;
  for (const Database& database : databases) sum += database.table_bytes;
  return sum;
}

double MemoryFigures::dataset_percent() const {
  return std::min(100.0,
                  100.0 * static_cast<double>(dataset()) / static_cast<double>(above_startup()));
}

double MemoryFigures::peak_percent() const {
  return peak == 0 ? 0 : 100.0 * static_cast<double>(used) / static_cast<double>(peak);
}

MemoryFigures::Waste MemoryFigures::waste(std::uint64_t larger, std::uint64_t smaller) {
  if (smaller == 0) return {};
  return {static_cast<double>(larger) / static_cast<double>(smaller),
          static_cast<std::int64_t>(larger) - static_cast<std::int64_t>(smaller)};
}

MemoryFigures memory_figures(Server& server) {
  MemoryFigures figures;
  const ProcessStats process = server.env().process_stats();
  server.metrics().note_used_bytes(process.allocated_bytes);
  figures.used = process.allocated_bytes;
  figures.peak = server.metrics().peak_bytes();
  figures.startup = server.metrics().startup_bytes();
  figures.resident = process.resident_bytes;
  figures.active = process.allocator_active_bytes;
  figures.allocator_resident = process.allocator_resident_bytes;
  figures.total_of_machine = process.total_memory_bytes;

  const log::Figures log = server.log().figures();
  const auto backlog_size = static_cast<std::uint64_t>(log.backlog_size_bytes);
  figures.replication_buffers = log.held_bytes + log.spare_bytes;
  // What replicas that are behind hold beyond the backlog is theirs.
  figures.replicas = server.replication().feeds().size();
  figures.backlog = figures.replicas == 0 ? figures.replication_buffers
                                          : std::min(figures.replication_buffers, backlog_size);
  figures.clients_replicas = figures.replication_buffers - figures.backlog;
  for (const auto& worker : server.workers()) {
    for (const auto& [id, connection] : worker->connections()) {
      ++figures.clients;
      figures.clients_normal +=
          sizeof(Connection) + connection->input_capacity() + connection->output().memory_bytes();
    }
  }
  for (unsigned number = 0; number < server.keyspace().database_count(); ++number) {
    const store::TableSet& database = server.keyspace().database(number);
    if (database.size() == 0) continue;
    figures.keys += database.size();
    figures.databases.push_back({number, database.size(), database.overhead_bytes()});
  }
  return figures;
}

std::string human_bytes(std::uint64_t bytes) {
  constexpr std::array<char, 5> kUnits = {'K', 'M', 'G', 'T', 'P'};
  if (bytes < 1024) return fmt::format("{}B", bytes);
  auto value = static_cast<double>(bytes);
  std::size_t unit = 0;
  for (value /= 1024; value >= 1024 && unit + 1 < kUnits.size(); ++unit) value /= 1024;
  return fmt::format("{:.2f}{}", value, kUnits[unit]);
}

namespace {

std::string used_lines(const MemoryFigures& m) {
  return fmt::format(
      "used_memory:{}\r\nused_memory_human:{}\r\nused_memory_rss:{}\r\n"
      "used_memory_rss_human:{}\r\nused_memory_peak:{}\r\nused_memory_peak_human:{}\r\n"
      "used_memory_peak_perc:{:.2f}%\r\nused_memory_overhead:{}\r\nused_memory_startup:{}\r\n"
      "used_memory_dataset:{}\r\nused_memory_dataset_perc:{:.2f}%\r\nallocator_allocated:{}\r\n"
      "allocator_active:{}\r\nallocator_resident:{}\r\ntotal_system_memory:{}\r\n"
      "total_system_memory_human:{}\r\n",
      m.used, human_bytes(m.used), m.resident, human_bytes(m.resident), m.peak, human_bytes(m.peak),
      m.peak_percent(), m.overhead(), m.startup, m.dataset(), m.dataset_percent(), m.used, m.active,
      m.allocator_resident, m.total_of_machine, human_bytes(m.total_of_machine));
}

constexpr std::string_view kNoScripts =
    "used_memory_lua:0\r\nused_memory_vm_eval:0\r\nused_memory_lua_human:0B\r\n"
    "used_memory_scripts_eval:0\r\nnumber_of_cached_scripts:0\r\nnumber_of_functions:0\r\n"
    "number_of_libraries:0\r\nused_memory_vm_functions:0\r\nused_memory_vm_total:0\r\n"
    "used_memory_vm_total_human:0B\r\nused_memory_functions:0\r\nused_memory_scripts:0\r\n"
    "used_memory_scripts_human:0B\r\n";

std::string limit_lines(const config::Settings& all) {
  const auto limit = static_cast<std::uint64_t>(all.memory.max_bytes);
  return fmt::format("maxmemory:{}\r\nmaxmemory_human:{}\r\nmaxmemory_policy:{}\r\n", limit,
                     human_bytes(limit),
                     config::to_text(*config::find_setting("maxmemory-policy"), all));
}

std::string ratio_lines(const MemoryFigures& m) {
  const auto [fragmentation, fragmentation_bytes] = m.fragmentation();
  const auto [rss, rss_bytes] = m.allocator_rss();
  const auto [overhead, overhead_bytes] = m.rss_overhead();
  const auto [total, total_bytes] = m.total_waste();
  return fmt::format(
      "allocator_frag_ratio:{:.2f}\r\nallocator_frag_bytes:{}\r\nallocator_rss_ratio:{:.2f}\r\n"
      "allocator_rss_bytes:{}\r\nrss_overhead_ratio:{:.2f}\r\nrss_overhead_bytes:{}\r\n"
      "mem_fragmentation_ratio:{:.2f}\r\nmem_fragmentation_bytes:{}\r\n",
      fragmentation, fragmentation_bytes, rss, rss_bytes, overhead, overhead_bytes, total,
      total_bytes);
}

}  // namespace

std::string memory_info(Server& server) {
  const MemoryFigures m = memory_figures(server);
  return used_lines(m) + std::string(kNoScripts) + limit_lines(server.settings()) + ratio_lines(m) +
         fmt::format(
             "mem_not_counted_for_evict:{}\r\nmem_replication_backlog:{}\r\n"
             "mem_total_replication_buffers:{}\r\nmem_clients_slaves:{}\r\n"
             "mem_clients_normal:{}\r\nmem_cluster_links:0\r\nmem_aof_buffer:0\r\n"
             "mem_allocator:jemalloc-5.3.0\r\nactive_defrag_running:0\r\n"
             "lazyfree_pending_objects:{}\r\nlazyfreed_objects:{}\r\n",
             m.clients_replicas, m.backlog, m.replication_buffers, m.clients_replicas,
             m.clients_normal, server.metrics().keys_to_free.load(),
             server.metrics().keys_freed.load());
}

}  // namespace banyan::server
