// A whole node in a virtual world, and clients that speak to it in bytes, for the tests.
//
// Threads   None.
#pragma once

#include <list>
#include <memory>
#include <string>

#include "server/server.h"
#include "sim/client.h"

namespace banyan::server {

struct ServerNode final : sim::Node {
  ServerNode(Env& env, config::Loaded loaded) : server(env, std::move(loaded)) {}
  Server server;
};

class TestWorld {
 public:
  // `options` as on the command line. Clients come from other machines: no protected mode.
  explicit TestWorld(std::vector<std::string> options = {}) : world(1) {
    options.insert(options.begin(), {"banyan-server", "--protected-mode", "no"});
    node = world.add_node("node", [options](Env& env) -> std::unique_ptr<sim::Node> {
      Result<config::Loaded> loaded =
          config::load(env.files(), config::parse_command_line(options), [] { return ""; });
      CHECK(loaded.has_value());
      auto made = std::make_unique<ServerNode>(env, *std::move(loaded));
      CHECK(made->server.start().has_value());
      return made;
    });
    world.run_for(1ms);
  }

  Server& server() { return static_cast<ServerNode*>(world.find_node(node))->server; }

  // Connected; lives as long as this.
  sim::Client& client() {
    clients_.emplace_back(world, fmt::format("client{}", clients_.size()));
    clients_.back().connect(node, 6379);
    CHECK(clients_.back().wait_connected());
    return clients_.back();
  }
  // What the client has received once the world has been quiet for a while.
  std::string send(sim::Client& client, const std::string& lines) {
    client.send(lines + "\r\n");
    return receive(client);
  }
  std::string receive(sim::Client& client) {
    world.run_for(20ms);
    return client.take();
  }

  sim::World world;
  sim::NodeId node{};

 private:
  std::list<sim::Client> clients_;
};

}  // namespace banyan::server
