// ReplicationTree: servers that follow one of them, as an operator wants it, directly or in a
// chain.
//
// Vocabulary   An *era* is a time in which the primary may lose nothing: it ends when the primary
//              ends, in whatever way, and when the operator names another one.
//              The *plan* is what each node should follow. A node starts with it, as if the
//              operator had written it into its configuration; nodes that run are told.
//              In a *slow* tree some nodes take their time for each key of a snapshot, or of a
//              load, so that writes, splits and cuts come between.
// Threads      None. Must not outlive its World.
// Failure      failure() says that a node ended in a way that it never should.
#pragma once

#include "sim/server_node.h"

namespace banyan::sim {

// Microseconds a key, as the settings have it; 0 is no delay.
struct KeyDelays {
  std::int64_t save = 0, load = 0;
};

class ReplicationTree {
 public:
  // One node for each of `delays`.
  ReplicationTree(World& world, Rng& rng, const std::vector<KeyDelays>& delays);

  // Restarts nodes that ended and tells those that do not follow the plan.
  void tick();
  // Names another primary, and draws who follows it directly.
  void switch_roles();
  // A good order to end; the node is restarted.
  void terminate_one();

  NodeId primary() const { return primary_; }
  std::uint64_t era() const { return era_; }
  bool follows_primary(NodeId node) const;  // directly
  // How often the node was started: a number that changes when it lost its memory.
  unsigned starts(NodeId node) const { return starts_.at(node); }
  bool is_in_place(NodeId node);
  server::Server* find(NodeId node) { return find_server(world_, node); }
  World& world() { return world_; }
  const std::string& failure() const { return failure_; }

 private:
  std::unique_ptr<Node> start(Env& env, NodeId node);
  std::string draw_settings(Rng& rng);
  void draw_plan();
  void instruct(NodeId node);

  World& world_;
  Rng& rng_;
  config::Settings settings_;
  std::string text_;
  NodeId primary_ = NodeId::none;
  std::uint64_t era_ = 1;
  std::map<NodeId, NodeId> follows_;  // none: it is the primary
  std::map<NodeId, unsigned> starts_;
  std::map<NodeId, KeyDelays> delays_;
  std::string failure_;
};

}  // namespace banyan::sim
