// Worker: a thread's event loop with the connections that live on it.
//
// Threads   Its own, but where said. What concerns several workers runs under the exclusive gate.
#pragma once

#include <functional>
#include <memory>
#include <span>
#include <unordered_map>
#include <vector>

#include "base/env.h"
#include "node/connection.h"
#include "node/worker_base.h"

namespace banyan::node {

class Worker final : public WorkerBase {
 public:
  Worker(Loop& loop, Files& files, unsigned number, engine::Shared& shared, Logger& logger,
         const ConnectionLimits& limits, std::uint64_t seed)
      : WorkerBase(loop, files, number, shared, logger, limits, seed) {}

  void start();  // on its own thread, once

  // On this worker's thread.
  void add(std::unique_ptr<Stream> stream, std::uint64_t id);
  Connection* find(std::uint64_t id);
  // Own thread, or under the exclusive gate.
  const std::unordered_map<std::uint64_t, std::unique_ptr<Connection>>& connections() const {
    return connections_;
  }
  // Once a second: clients that have been idle, and strangers that have been strangers, too long.
  void close_overdue();
  // For so long, as if the machine were busy elsewhere. Out of the gate: others go on.
  void hang(Duration length);
  // Nobody may wait for keys here any more: this node is a replica now.
  void end_waiting();
  // Clients that a pause held back go on.
  void retry_held();

  // What runs at the end of every turn of the loop; true when it has more to do at once.
  void set_turn_work(std::move_only_function<bool()> work) { turn_work_ = std::move(work); }
  void set_on_replica(std::move_only_function<void(Connection&)> hook) {
    on_replica_ = std::move(hook);
  }
  // Told, on this thread, about every connection that ends.
  void set_on_close(std::move_only_function<void(Connection&)> hook) {
    on_close_ = std::move(hook);
  }

 private:
  void on_replica(Connection& connection) override { on_replica_(connection); }
  bool end_turn();
  void resume_answered();

  // engine::Host
  Loop& host_loop() override { return loop_; }
  void run_inside(Task task) override;
  void post_inside(Task task) override;
  Client find_client(std::uint64_t id) override;
  void send_later(std::uint64_t id) override;
  void resume_later(std::uint64_t id) override;

  std::unordered_map<std::uint64_t, std::unique_ptr<Connection>> connections_;
  std::vector<std::uint64_t> to_resume_;
  std::move_only_function<bool()> turn_work_;
  std::move_only_function<void(Connection&)> on_close_;
  std::move_only_function<void(Connection&)> on_replica_;
};

}  // namespace banyan::node
