// NodeLog: the last lines that a node logged, with the virtual time, over all its restarts.
//
// Threads   None.
#pragma once

#include <deque>

#include "sim/scheduler.h"

namespace banyan::sim {

class NodeLog {
 public:
  static constexpr std::size_t kLinesMax = 400;

  NodeLog(NodeId node, Scheduler& scheduler) : node_(node), scheduler_(scheduler) {}

  void add(Bytes line);  // with or without its line end
  const std::deque<std::string>& lines() const { return lines_; }
  std::string text() const;
  bool contains(Bytes part) const;

 private:
  NodeId node_;
  Scheduler& scheduler_;
  std::deque<std::string> lines_;
};

}  // namespace banyan::sim
