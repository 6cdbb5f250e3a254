// World: a virtual world of machines with one node each. Owns the clock, the network, the disks
// and the nodes, and lets one seed decide everything that is random.
//
// Vocabulary   A *node* is an object that a factory builds over an Env; it lives until it ends, is
//              killed or its machine loses power. Its disk and its log outlive it.
//              *Trouble* is what befalls the world by itself, as Faults says, until heal().
// Invariants   Two worlds with the same seed, faults and scenario have the same event_hash().
//              Nodes are created and destroyed between two events, never inside a callback.
// Threads      None.
#pragma once

#include <functional>

#include "sim/sim_env.h"

namespace banyan::sim {

// What the world keeps of a running node. A Server, or a struct of a test, derives from it.
class Node {
 public:
  virtual ~Node() = default;
};
using Factory = std::function<std::unique_ptr<Node>(Env&)>;  // null = it failed to start

enum class CrashKind : std::uint8_t {
  power_cut,  // unsynced bytes are lost, peers hear nothing
  kill,       // the process alone: the kernel closes its streams and keeps what it wrote
};

class World {
 public:
  struct Options {
    Faults faults;
    bool trace = false;
  };
  explicit World(std::uint64_t seed) : World(seed, Options{}) {}
  World(std::uint64_t seed, const Faults& faults) : World(seed, Options{.faults = faults}) {}
  World(std::uint64_t seed, const Options& options);
  ~World();
  World(const World&) = delete;
  World& operator=(const World&) = delete;

  // The node starts as an event, at once. Its name resolves to its address.
  NodeId add_node(const std::string& name, Factory factory);
  // A machine that no trouble befalls but that of the network: for clients.
  NodeId add_bystander(const std::string& name);

  // These take effect as events, at once: never inside the callback that asked for them.
  void crash(NodeId node, CrashKind kind = CrashKind::power_cut);
  void restart(NodeId node);  // nothing when it runs
  // After a few more effects on the world, perhaps in the middle of a callback; within 1 ms.
  void crash_midway(NodeId node, CrashKind kind);
  void pause(NodeId node, Duration length);
  void signal(NodeId node, Signal signal);
  void jump_wall(NodeId node, Duration by);
  // Ends all trouble: links, rates, errors. Crashed nodes are restarted.
  void heal();

  // Runs `task` at now() + delay, between events.
  void after(Duration delay, Task task);
  void run_for(Duration length);
  // Until predicate() holds, asked between events; false when it did not within `limit`.
  bool run_until(const std::function<bool()>& predicate, Duration limit);

  Instant now() const { return scheduler_.now(); }
  std::uint64_t event_hash() const { return scheduler_.hash(); }
  std::uint64_t events_run() const { return scheduler_.events_run(); }
  Rng& rng() { return rng_; }
  Network& network() { return network_; }
  Faults& faults() { return faults_; }
  const std::vector<NodeId>& nodes() const { return nodes_; }  // without bystanders

  bool is_up(NodeId node) const { return machine(node).node != nullptr; }
  Node* find_node(NodeId node) { return machine(node).node.get(); }  // null when down
  SimEnv& env(NodeId node);                                          // of a running one
  Disk& disk(NodeId node) { return *machine(node).disk; }
  const NodeLog& log(NodeId node) const { return *machine(node).log; }
  const NodeClock& clock(NodeId node) const { return machine(node).clock; }
  std::optional<int> exit_code(NodeId node) const { return machine(node).exit_code; }
  std::string logs() const;  // of all nodes, for a failure's message

 private:
  struct Machine {
    NodeId id{};
    std::string name;
    Factory factory;
    NodeClock clock;
    std::unique_ptr<Disk> disk;
    std::unique_ptr<NodeLog> log;
    std::unique_ptr<SimEnv> env;
    std::unique_ptr<Node> node;  // after env: it goes first
    std::optional<int> exit_code;
    unsigned runs = 0;
  };

  const Machine& machine(NodeId node) const;
  Machine& machine(NodeId node);
  NodeId add_machine(const std::string& name, Factory factory);
  void event(Duration delay, EventKind kind, NodeId node, Task task);
  void boot(NodeId node);
  void end(NodeId node, int exit_code);
  void fall(NodeId node, CrashKind kind);

  // Trouble (world_trouble.cc).
  using Trouble = void (World::*)();
  void expect_trouble();
  void expect(double Faults::*rate, Trouble trouble);
  NodeId draw_node();
  NodeId draw_machine();
  void cut_something();
  void part_something();
  void clog_something();
  void crash_something();
  void pause_something();
  void jump_something();

  Rng rng_;
  Faults faults_;
  Scheduler scheduler_;
  Network network_;
  std::vector<std::unique_ptr<Machine>> machines_;
  std::vector<NodeId> nodes_;
  unsigned trouble_round_ = 0;  // troubles planned in an earlier round are void
};

}  // namespace banyan::sim
