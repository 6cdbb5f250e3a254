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
    node = add_node("node", std::move(options));
  }
  // One more node, in the same world.
  sim::NodeId add_node(const std::string& name, std::vector<std::string> options) {
    options.insert(options.begin(), {"banyan-server", "--protected-mode", "no"});
    const sim::NodeId added =
        world.add_node(name, [options](Env& env) -> std::unique_ptr<sim::Node> {
          Result<config::Loaded> loaded =
              config::load(env.files(), config::parse_command_line(options), [] { return ""; });
          CHECK(loaded.has_value());
          auto made = std::make_unique<ServerNode>(env, *std::move(loaded));
          CHECK(made->server.start().has_value());
          return made;
        });
    world.run_for(1ms);
    return added;
  }

  Server& server() { return static_cast<ServerNode*>(world.find_node(node))->server; }

  // Connected; lives as long as this.
  sim::Client& client() { return client(node); }
  sim::Client& client(sim::NodeId to) {
    clients_.emplace_back(world, fmt::format("client{}", clients_.size()));
    clients_.back().connect(to, 6379);
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
