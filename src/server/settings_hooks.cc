#include "server/settings_hooks.h"

#include "server/server.h"

namespace banyan::server {

namespace {

using config::Settings;

Result<> reopen_listeners(Server& server, const Settings& settings, const char* why_not) {
  if (server.listeners().open(settings.network)) return {};
  return fail(why_not);
}

void add_network_hooks(Server& server) {
  config::Config& config = server.config();
  config.on_change({"port"}, [&server](Settings& settings) {
    return reopen_listeners(server, settings, "Unable to listen on this port. Check server logs.");
  });
  config.on_change({"bind"}, [&server](Settings& settings) {
    return reopen_listeners(server, settings, "Failed to bind to specified addresses.");
  });
}

// What the system says, without what was tried: "No such file or directory".
std::string reason(const Error& error) {
  const Bytes text = error.text();
  const std::size_t colon = text.rfind(": ");
  return std::string(colon == Bytes::npos ? text : text.substr(colon + 2));
}

// The node moves into the directory, and remembers where that is.
Result<> change_directory(Server& server, Settings& settings) {
  Files& files = server.env().files();
  if (Result<> moved = files.change_directory(settings.persistence.directory); !moved)
    return fail("Changing directory: " + reason(moved.error()));
  TRY(settings.persistence.directory, files.working_directory());
  return {};
}

void add_file_hooks(Server& server) {
  config::Config& config = server.config();
  config.on_change({"dir"},
                   [&server](Settings& settings) { return change_directory(server, settings); });
  config.on_change({"logfile"}, [&server](Settings& settings) -> Result<> {
    if (server.env().set_log_file(settings.logging.file)) return {};
    return fail("Can't open the log file");
  });
}

// Who has not authenticated need not any more.
void admit_everybody(Server& server) {
  for (const auto& worker : server.workers())
    for (const auto& [id, connection] : worker->connections())
      connection->session().authenticated = true;
}

}  // namespace

void add_settings_hooks(Server& server) {
  config::Config& config = server.config();
  add_network_hooks(server);
  add_file_hooks(server);
  config.on_change(
      {"loglevel", "requirepass", "timeout", "client-output-buffer-limit", "proto-max-bulk-len",
       "client-query-buffer-limit", "maxmemory-policy", "lfu-log-factor", "lfu-decay-time",
       "slowlog-log-slower-than", "slowlog-max-len", "latency-monitor-threshold",
       "latency-tracking", "replica-read-only", "replica-serve-stale-data"},
      [&server](Settings&) -> Result<> {
        server.apply_limits();
        return {};
      });
  config.on_change({"requirepass"}, [&server](Settings& settings) -> Result<> {
    if (settings.security.password.empty()) admit_everybody(server);
    return {};
  });
  config.on_change({"save", "stop-writes-on-bgsave-error"}, [&server](Settings&) -> Result<> {
    server.on_save_status();
    return {};
  });
  config.on_change({"masteruser",
                    "masterauth",
                    "repl-timeout",
                    "repl-ping-replica-period",
                    "repl-backlog-size",
                    "repl-backlog-ttl",
                    "repl-disable-tcp-nodelay",
                    "repl-diskless-sync",
                    "repl-diskless-sync-delay",
                    "repl-diskless-sync-max-replicas",
                    "repl-diskless-load",
                    "replica-priority",
                    "replica-announced",
                    "replica-announce-ip",
                    "replica-announce-port",
                    "replica-ignore-disk-write-errors",
                    "replica-lazy-flush",
                    "min-replicas-to-write",
                    "min-replicas-max-lag",
                    "propagation-error-behavior"},
                   [&server](Settings&) -> Result<> {
                     server.on_replication_settings();
                     return {};
                   });
}

void apply_eviction_policy(const config::Memory& memory, commands::Context& context) {
  using config::EvictionPolicy;
  context.lfu =
      memory.policy == EvictionPolicy::volatile_lfu || memory.policy == EvictionPolicy::allkeys_lfu;
  context.lfu_decay_minutes = static_cast<std::uint32_t>(memory.lfu_decay_time.count());
  context.lfu_log_factor = memory.lfu_log_factor;
}

}  // namespace banyan::server
