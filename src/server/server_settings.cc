// What makes a changed setting take effect: the hooks of config::Config. They run alone on the
// node, on the main loop's thread (config_commands.cc sees to it).
#include "server/server.h"

namespace banyan::server {

namespace {

using config::Settings;

Result<> reopen_listeners(Server& server, const Settings& settings, const char* why_not) {
  if (server.listeners().open(settings.network)) return {};
  return fail(why_not);
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

// Who has not authenticated need not any more.
void admit_everybody(Server& server) {
  for (const auto& worker : server.workers())
    for (const auto& [id, connection] : worker->connections())
      connection->session().authenticated = true;
}

}  // namespace

void Server::add_network_hooks() {
  config_.on_change({"port"}, [this](Settings& settings) {
    return reopen_listeners(*this, settings, "Unable to listen on this port. Check server logs.");
  });
  config_.on_change({"bind"}, [this](Settings& settings) {
    return reopen_listeners(*this, settings, "Failed to bind to specified addresses.");
  });
}

void Server::add_file_hooks() {
  config_.on_change({"dir"},
                    [this](Settings& settings) { return change_directory(*this, settings); });
  config_.on_change({"logfile"}, [this](Settings& settings) -> Result<> {
    if (env_.set_log_file(settings.logging.file)) return {};
    return fail("Can't open the log file");
  });
}

Result<> Server::apply_oom_score() {
  return oom_score_.apply(settings().process, !settings().replication.primary_host.empty());
}

// No error: a privileged process may do as it likes.
void Server::check_oom_scores() {
  const auto& values = settings().process.oom_score_values;
  if (std::is_sorted(values.begin(), values.end())) return;
  logger_.warning(
      "The oom-score-adj-values configuration may not work for non-privileged processes! Please "
      "consult the documentation.");
}

void Server::show_title() {
  if (settings().process.set_title) env_.set_process_title(config_.title());
}

void Server::add_process_hooks() {
  config_.on_change({"oom-score-adj-values"}, [this](Settings&) -> Result<> {
    check_oom_scores();
    return {};
  });
  config_.on_change({"oom-score-adj", "oom-score-adj-values"},
                    [this](Settings&) { return apply_oom_score(); });
  config_.on_change({"proc-title-template", "port", "bind", "tls-port"},
                    [this](Settings&) -> Result<> {
                      show_title();
                      return {};
                    });
}

void Server::add_settings_hooks() {
  add_network_hooks();
  add_file_hooks();
  add_process_hooks();
  config_.on_change({}, [this](Settings&) -> Result<> {
    apply_limits();
    return {};
  });
  config_.on_change({"requirepass"}, [this](Settings& settings) -> Result<> {
    if (settings.security.password.empty()) admit_everybody(*this);
    return {};
  });
  config_.on_change({"save", "stop-writes-on-bgsave-error"}, [this](Settings&) -> Result<> {
    snapshots_->refresh_policy();
    on_replication_settings();  // whether a file is wanted that no replica waits for
    return {};
  });
  config_.on_change({"bind-source-addr",
                     "masteruser",
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
                    [this](Settings&) -> Result<> {
                      on_replication_settings();
                      return {};
                    });
}

}  // namespace banyan::server
