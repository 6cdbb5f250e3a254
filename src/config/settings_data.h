// The groups of Settings about the data: persistence, memory, limits.
//
// Threads   None; values. The initialisers are the defaults.
#pragma once

#include <chrono>
#include <cstdint>
#include <string>
#include <vector>

#include "config/choices.h"
#include "config/encodings.h"

namespace banyan::config {

struct SavePoint {
  std::int64_t seconds = 0, changes = 0;
  friend bool operator==(const SavePoint&, const SavePoint&) = default;
};

struct Persistence {
  std::string directory = "./";  // the owner stores the absolute path after changing to it
  std::string rdb_file = "dump.rdb";
  std::vector<SavePoint> save_points = {{3600, 1}, {300, 100}, {60, 10000}};
  bool rdb_compression = true, rdb_checksum = true, rdb_delete_sync_files = false;
  bool rdb_incremental_fsync = true;
  bool stop_writes_on_save_error = true;
  std::chrono::microseconds key_save_delay{0}, key_load_delay{0};  // for tests of slow disks
  std::int64_t loading_events_interval_bytes = 2 * 1024 * 1024;
  bool append_only = false;
  std::string aof_file = "appendonly.aof", aof_directory = "appendonlydir";
  FsyncPolicy fsync = FsyncPolicy::every_second;
  bool no_fsync_on_rewrite = false;
  std::int64_t aof_rewrite_percentage = 100, aof_rewrite_min_bytes = 64 * 1024 * 1024;
  bool aof_load_truncated = true, aof_rdb_preamble = true, aof_timestamps = false;
  bool aof_incremental_fsync = true, aof_keep_history = false;
  friend bool operator==(const Persistence&, const Persistence&) = default;
};

struct Memory {
  std::int64_t max_bytes = 0;  // 0 = no limit
  EvictionPolicy policy = EvictionPolicy::no_eviction;
  int samples = 5, eviction_tenacity = 10;
  std::int64_t clients_max = 0;  // bytes for all clients together; negative: per cent of max_bytes
  int lfu_log_factor = 10;
  std::chrono::minutes lfu_decay_time{1};
  bool lazy_eviction = false, lazy_expire = false, lazy_server_del = false;
  bool lazy_user_del = false, lazy_user_flush = false;
  int active_expire_effort = 1;
  bool active_rehashing = true;
  bool active_defrag = false;
  std::int64_t defrag_ignore_bytes = 100 * 1024 * 1024;
  int defrag_threshold_lower = 10, defrag_threshold_upper = 100;  // per cent of fragmentation
  int defrag_cycle_min = 1, defrag_cycle_max = 25;                // per cent of a core
  std::int64_t defrag_scan_fields_max = 1000;
  friend bool operator==(const Memory&, const Memory&) = default;
};

struct OutputLimit {
  std::int64_t hard_bytes = 0, soft_bytes = 0;  // 0 = no limit
  std::chrono::seconds soft_duration{0};
  friend bool operator==(const OutputLimit&, const OutputLimit&) = default;
};

struct Limits {
  int databases = 16;
  OutputLimit normal_output, pubsub_output{32 << 20, 8 << 20, std::chrono::seconds(60)};
  OutputLimit replica_output{256 << 20, 64 << 20, std::chrono::seconds(60)};
  std::int64_t query_buffer_bytes = 1024 * 1024 * 1024;
  std::int64_t bulk_bytes = 512 * 1024 * 1024;
  std::chrono::milliseconds busy_reply_threshold{5000};
  std::int64_t tracking_table_keys = 1000000;
  KeyEvents keyspace_events;
  std::uint32_t default_resp = 2;
  friend bool operator==(const Limits&, const Limits&) = default;
};

}  // namespace banyan::config
