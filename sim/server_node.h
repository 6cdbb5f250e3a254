// ServerNode: a whole server as a node of the virtual world.
//
// Threads   None.
// Failure   start() logs why a node could not start, and returns null.
#pragma once

#include "server/server.h"
#include "sim/world.h"

namespace banyan::sim {

class ServerNode final : public Node {
 public:
  static constexpr std::uint16_t kPort = 6379;

  // `text`, in redis.conf's syntax, is read over `settings`.
  static std::unique_ptr<Node> start(Env& env, const config::Settings& settings, Bytes text);

  ServerNode(Env& env, config::Loaded loaded) : server_(env, std::move(loaded)) {}

  server::Server& server() { return server_; }

 private:
  server::Server server_;
};

// The server that runs on `node`; null when it is down.
server::Server* find_server(World& world, NodeId node);

}  // namespace banyan::sim
