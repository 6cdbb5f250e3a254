// What handlers of the server's own commands reach the node with.
//
// Threads   The worker's that runs the call.
#pragma once

#include "commands/call.h"
#include "server/server.h"

namespace banyan::server {

inline Server& server_of(commands::Call& call) { return static_cast<Server&>(*call.node); }

// The worker that runs the call.
inline Worker& worker_of(commands::Call& call) {
  for (const auto& worker : server_of(call).workers())
    if (&worker->dispatcher().context() == &call.db.context()) return *worker;
  CHECK(false && "a call that no worker runs");
  return server_of(call).main_worker();
}

// Null for sessions without a socket: of streams, of scripts.
inline const Connection* connection_of(const commands::Session& session) {
  if (session.kind != commands::SessionKind::normal) return nullptr;
  return static_cast<const ClientSession&>(session).connection;
}

// What enable-debug-command and its like say about this client. Without a socket it is one of ours.
inline bool is_allowed(config::Allowed allowed, const commands::Session& session) {
  const Connection* connection = connection_of(session);
  const bool is_local = connection == nullptr || connection->peer().is_loopback();
  return allowed == config::Allowed::yes || (allowed == config::Allowed::local && is_local);
}

// The error of commands that such a setting forbids.
inline std::unexpected<Error> not_allowed(std::string_view command, std::string_view setting) {
  return fail(
      fmt::format("{} command not allowed. If the {} option is set to \"local\", you can run it "
                  "from a local connection, otherwise you need to set this option in the "
                  "configuration file, and then restart the server.",
                  command, setting));
}

}  // namespace banyan::server
