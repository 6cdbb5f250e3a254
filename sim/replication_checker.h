// ReplicationChecker: looks into the servers of a tree, between events, and compares.
//
// What it knows  ID1/ID2: a position (replication id and offset) names one content. It remembers
// the
//                content of every position it saw, for all nodes, over restarts.
//                ID3: within one history a node that runs never goes back, but by a full resync.
//                What bytes two logs both hold of one history are the same bytes.
// Threads        None. Must not outlive its World.
// Failure        failure() is the first thing that was wrong; empty while all is well.
#pragma once

#include <unordered_map>

#include "sim/replication_tree.h"

namespace banyan::sim {

// A content, whatever the order of its keys: expired keys that nobody removed yet count too.
std::uint64_t digest_of(store::Keyspace& keyspace);

class ReplicationChecker {
 public:
  explicit ReplicationChecker(ReplicationTree& tree) : tree_(tree) {}

  // Compares the contents of all nodes that moved since the last look with what is known.
  void look();
  // Compares the bytes of all logs, pair by pair.
  void compare_logs();
  // All nodes follow the plan, up to the same byte of the same history.
  bool is_in_step();
  // In step, the contents must be the same too.
  void compare_contents();

  // The text of a string; nullopt when the key is not there.
  static std::optional<std::string> value(server::Server& server, unsigned database, Bytes key);

  void fail(std::string what);
  const std::string& failure() const { return failure_; }
  std::uint64_t contents_compared() const { return contents_compared_; }
  std::string describe();  // where each node stands

 private:
  struct Place {
    unsigned start = 0;
    std::string history;
    log::Offset first;
    const void* tables = nullptr;  // of the first database: a snapshot brings others
    std::int64_t offset = -1;
  };
  struct Content {
    std::uint64_t digest;
    std::string seen;  // where and when
  };
  void look_at(NodeId node, server::Server& server);
  void compare(const std::string& history, std::int64_t offset, std::uint64_t digest, NodeId node);
  void compare_logs(NodeId a, NodeId b);
  std::string describe_differences();

  ReplicationTree& tree_;
  std::map<NodeId, Place> places_;
  std::unordered_map<std::string, Content> contents_;  // by position
  std::uint64_t contents_compared_ = 0;
  std::string failure_;
};

}  // namespace banyan::sim
