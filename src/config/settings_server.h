// The groups of Settings about the process and its surroundings: network, TLS, process, logging.
//
// Threads   None; values. The initialisers are the defaults.
#pragma once

#include <array>
#include <chrono>
#include <cstdint>
#include <string>
#include <vector>

#include "config/choices.h"

namespace banyan::config {

struct Network {
  std::vector<std::string> bind = {"*", "-::*"};  // a leading '-': failing to bind it is no error
  std::string bind_source_address;
  std::uint16_t port = 6379;  // 0 = do not listen on TCP
  int backlog = 511;
  std::string unix_socket;
  std::uint32_t unix_socket_permissions = 0;  // 0 = the umask decides
  std::string unix_socket_group;
  std::chrono::seconds idle_timeout{0};  // 0 = never
  std::chrono::seconds keep_alive{300};
  bool protected_mode = true;
  std::uint32_t socket_mark_id = 0;
  std::uint32_t clients_max = 10000;
  std::uint32_t new_connections_per_cycle_max = 10;
  std::uint32_t new_tls_connections_per_cycle_max = 1;
  friend bool operator==(const Network&, const Network&) = default;
};

struct Tls {
  std::uint16_t port = 0;
  bool cluster = false, replication = false;
  TlsClientAuth client_auth = TlsClientAuth::yes;
  std::string certificate_file, key_file, key_file_password;
  std::string client_certificate_file, client_key_file, client_key_file_password;
  std::string dh_params_file, ca_certificate_file, ca_certificate_directory;
  std::string protocols, ciphers, cipher_suites;
  bool prefer_server_ciphers = false;
  bool session_caching = true;
  std::int64_t session_cache_size = 20 * 1024;
  std::chrono::seconds session_cache_timeout{300};
  friend bool operator==(const Tls&, const Tls&) = default;
};

struct Process {
  std::uint32_t threads = 0;     // 0 = one per core but one, see worker_count()
  std::uint32_t io_threads = 1;  // accepted for old files; `threads` decides
  bool io_threads_do_reads = false;
  std::int64_t events_per_io_thread = 2;
  std::int64_t prefetch_batch_max = 16;
  bool daemonize = false;
  Supervised supervised = Supervised::none;
  std::string pid_file;
  bool set_title = true;
  std::string title_template = "{title} {listen-addr} {server-mode}";
  bool always_show_logo = false;
  std::string locale_collate;
  bool disable_transparent_huge_pages = true;
  bool jemalloc_background_thread = true;
  std::string server_cpus, bio_cpus, aof_rewrite_cpus, bgsave_cpus;
  OomScoreAdjust oom_score_adjust = OomScoreAdjust::off;
  std::array<int, 3> oom_score_values = {0, 200, 800};  // primary, replica, background child
  int hz = 10;
  bool dynamic_hz = true;
  std::chrono::seconds shutdown_timeout{10};
  ShutdownOptions shutdown_on_sigint, shutdown_on_sigterm;
  bool crash_log = true, crash_memory_check = true, exit_on_panic = false;
  bool debug_assert = false;
  std::string debug_context;
  std::chrono::milliseconds watchdog_period{0};
  std::string ignore_warnings;
  std::string availability_zone;
  bool extended_redis_compatibility = false;
  friend bool operator==(const Process&, const Process&) = default;
};

struct Logging {
  LogLevel level = LogLevel::notice;
  std::string file;  // empty = standard output
  bool syslog = false;
  std::string syslog_identity = "redis";
  SyslogFacility syslog_facility = SyslogFacility::local0;
  bool hide_user_data = true;
  std::int64_t slow_log_threshold_us = 10000;  // -1 = off, 0 = every command
  std::uint64_t slow_log_length_max = 128;
  std::chrono::milliseconds latency_monitor_threshold{0};  // 0 = off
  bool latency_tracking = true;
  std::vector<double> latency_percentiles = {50, 99, 99.9};
  std::string request_log_file;
  friend bool operator==(const Logging&, const Logging&) = default;
};

}  // namespace banyan::config
