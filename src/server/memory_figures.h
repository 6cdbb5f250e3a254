// Where the memory is: what INFO memory, MEMORY STATS and MEMORY DOCTOR tell.
//
// Vocabulary   *Overhead* is what the node needs beside the data: tables, clients, the log. The
//              *dataset* is the rest, keys and values. The ratios are Redis's: fragmentation is
//              active over allocated, rss_overhead is the process's pages over the allocator's.
// Threads      Under the exclusive gate.
#pragma once

#include <vector>

#include "server/server.h"

namespace banyan::server {

struct MemoryFigures {
  std::uint64_t used = 0, peak = 0, startup = 0;
  std::uint64_t resident = 0, active = 0, allocator_resident = 0, total_of_machine = 0;

  std::uint64_t backlog = 0, replication_buffers = 0, clients_replicas = 0, clients_normal = 0;
  struct Database {
    unsigned number = 0;
    std::uint64_t keys = 0, table_bytes = 0;
  };
  std::vector<Database> databases;  // those with keys
  std::uint64_t keys = 0, clients = 0, replicas = 0;

  std::uint64_t overhead() const;
  std::uint64_t dataset() const { return used > overhead() ? used - overhead() : 0; }
  std::uint64_t above_startup() const { return used > startup ? used - startup : 1; }
  double dataset_percent() const;
  double peak_percent() const;

  struct Waste {
    double ratio = 0;
    std::int64_t bytes = 0;
  };
  Waste fragmentation() const { return waste(active, used); }
  Waste allocator_rss() const { return waste(allocator_resident, active); }
  Waste rss_overhead() const { return waste(resident, allocator_resident); }
  Waste total_waste() const { return waste(resident, used); }

 private:
  static Waste waste(std::uint64_t larger, std::uint64_t smaller);
};

MemoryFigures memory_figures(Server& server);

// "1.50M", "12.00K", "512B".
std::string human_bytes(std::uint64_t bytes);

}  // namespace banyan::server
