#include "sim/replication_tree.h"

#include <algorithm>

#include <fmt/format.h>

#include "config/extremes.h"

namespace banyan::sim {

ReplicationTree::ReplicationTree(World& world, Rng& rng, const std::vector<KeyDelays>& delays)
    : world_(world), rng_(rng), text_(draw_settings(rng)) {
  for (std::size_t i = 1; i <= delays.size(); ++i) {
    // The first factory runs as an event, when all nodes are known.
    const NodeId node{static_cast<std::uint32_t>(world.nodes().size() + 1)};
    world.add_node(fmt::format("node{}", i), [this, node](Env& env) { return start(env, node); });
    starts_[node] = 0;
    delays_[node] = delays[i - 1];
  }
  primary_ = world.nodes().front();
  draw_plan();
}

std::string ReplicationTree::draw_settings(Rng& rng) {
  config::Settings extreme;
  config::draw_extremes(rng, extreme);
  settings_.replication = extreme.replication;
  std::string text = fmt::format(
      "databases 4\n"
      "repl-diskless-sync {}\n"
      "repl-diskless-sync-delay 0\n"
      "repl-timeout {}\n"
      "stop-writes-on-bgsave-error {}\n"
      "shutdown-timeout 3\n",
      rng.chance(0.7) ? "yes" : "no", rng.between(2, 5), rng.chance(0.5) ? "yes" : "no");
  const bool saves = rng.chance(0.7);
  text += saves ? fmt::format("save {} {}\n", rng.between(1, 5), rng.between(1, 500)) : "save ''\n";
  return text;
}

std::unique_ptr<Node> ReplicationTree::start(Env& env, NodeId node) {
  ++starts_[node];
  if (node == primary_) ++era_;
  std::string text = text_;
  text += fmt::format("rdb-key-save-delay {}\nkey-load-delay {}\n", delays_[node].save,
                      delays_[node].load);
  const NodeId above = follows_[node];
  if (above != NodeId::none)
    text += fmt::format("replicaof {} {}\n", ip_of(above), ServerNode::kPort);
  return ServerNode::start(env, settings_, text);
}

// The others follow the primary, or sometimes the one before them.
void ReplicationTree::draw_plan() {
  NodeId above = primary_;
  follows_[primary_] = NodeId::none;
  std::vector<NodeId> others;
  for (const NodeId node : world_.nodes())
    if (node != primary_) others.push_back(node);
  std::shuffle(others.begin(), others.end(), rng_);
  for (const NodeId node : others) {
    follows_[node] = above;
    above = rng_.chance(0.4) ? node : primary_;
  }
}

void ReplicationTree::switch_roles() {
  ++era_;
  primary_ = world_.nodes()[rng_.below(world_.nodes().size())];
  draw_plan();
}

void ReplicationTree::terminate_one() {
  world_.signal(world_.nodes()[rng_.below(world_.nodes().size())], Signal::terminate);
}

bool ReplicationTree::follows_primary(NodeId node) const { return follows_.at(node) == primary_; }

bool ReplicationTree::is_in_place(NodeId node) {
  server::Server* const server = find(node);
  if (!server || server->policy().loading) return false;
  const NodeId above = follows_[node];
  const auto& now = server->replication().upstream().link().primary();
  if (above == NodeId::none) return !now;
  return now && now->host == ip_of(above);
}

void ReplicationTree::instruct(NodeId node) {
  const NodeId above = follows_[node];
  std::optional<replication::Address> address;
  if (above != NodeId::none) address = {ip_of(above), ServerNode::kPort};
  server::Server* const server = find(node);
  server->env().main_loop().post([server, address] { server->set_primary(address, "operator"); });
}

void ReplicationTree::tick() {
  for (const NodeId node : world_.nodes()) {
    if (const auto code = world_.exit_code(node)) {
      if (*code != 0) failure_ = fmt::format("node {} exited with code {}", ip_of(node), *code);
      world_.restart(node);
    } else if (find(node) && !find(node)->policy().loading && !is_in_place(node)) {
      instruct(node);
    }
  }
}

}  // namespace banyan::sim
