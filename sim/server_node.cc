#include "sim/server_node.h"

#include "config/config_file.h"

namespace banyan::sim {
namespace {

// What every simulated server has in common. liblzf's output is not the same for every build.
constexpr Bytes kCommonText =
    "port 6379\n"
    "bind *\n"
    "dir /data\n"
    "protected-mode no\n"
    "threads 1\n"
    "rdbcompression no\n";

Result<config::Loaded> load(Env& env, const config::Settings& settings, Bytes text) {
  config::Loaded loaded;
  loaded.settings = settings;
  config::ConfigReader reader(env.files(), loaded.settings, false);
  TRY_DO(reader.read_text(kCommonText, "the simulator"));
  TRY_DO(reader.read_text(text, "the scenario"));
  TRY_DO(reader.finish(loaded.warnings));
  return loaded;
}

}  // namespace

std::unique_ptr<Node> ServerNode::start(Env& env, const config::Settings& settings, Bytes text) {
  const auto give_up = [&](const Error& error) {
    env.write_log("cannot start: " + error.describe());
    return nullptr;
  };
  if (const auto made = env.files().make_directories("/data"); !made) return give_up(made.error());
  auto loaded = load(env, settings, text);
  if (!loaded) return give_up(loaded.error());
  auto node = std::make_unique<ServerNode>(env, *std::move(loaded));
  if (const auto started = node->server().start(); !started) return give_up(started.error());
  return node;
}

server::Server* find_server(World& world, NodeId node) {
  Node* const found = world.find_node(node);
  return found ? &static_cast<ServerNode*>(found)->server() : nullptr;
}

}  // namespace banyan::sim
