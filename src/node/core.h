// Core: what the parts of a node share: its settings, data, log and workers, and the few things
// that one part asks of the whole. The composition root (server/server.h) derives from it.
//
// Threads   As each member says. policy(), settings() and what follows from them change under the
//           exclusive gate.
#pragma once

#include <memory>
#include <span>
#include <vector>

#include "config/config.h"
#include "node/data_loader.h"
#include "node/logger.h"
#include "node/worker.h"
#include "persist/rdb_encoder.h"

namespace banyan::node {

class Replication;
class Snapshots;

class Core {
 public:
  Core(const Core&) = delete;
  Core& operator=(const Core&) = delete;

  Env& env() { return env_; }
  config::Config& config() { return config_; }
  const config::Settings& settings() const { return config_.settings(); }
  Logger& logger() { return logger_; }
  const commands::Registry& registry() const { return registry_; }
  store::Keyspace& keyspace() { return keyspace_; }
  log::Log& log() { return log_; }
  engine::Policy& policy() { return policy_; }
  engine::KeyInterest& interest() { return interest_; }
  const engine::PubSub& pubsub() const { return pubsub_; }
  engine::Shared& shared() { return shared_; }
  Worker& main_worker() { return *workers_.front(); }
  const std::vector<std::unique_ptr<Worker>>& workers() const { return workers_; }
  Replication& replication() { return *replication_; }
  Snapshots& snapshots() { return *snapshots_; }

  // Changes of the data since the start, for save points. Any thread; a little old.
  std::uint64_t dirty() const;
  // Brings the main loop to its turn hook.
  void wake_main();
  // Clients that a pause or a shutdown held back go on.
  void retry_held_clients();

  virtual std::uint16_t listening_port() const = 0;
  // What the head of a snapshot taken now says.
  virtual persist::RdbInfo rdb_info() = 0;
  // The file was loaded, and is of this history.
  virtual void on_loaded(const DataLoader& loader) = 0;
  // This node is a replica now, or a primary.
  virtual void on_role() = 0;
  // Nobody new is served, nothing happens by itself any more.
  virtual void close_for_good() = 0;

 protected:
  Core(Env& env, config::Loaded loaded, std::span<const commands::Family> families,
       commands::Node& node);
  ~Core();

  static unsigned worker_count(Env& env, const config::Settings& settings);

  Env& env_;
  Logger logger_;
  config::Config config_;
  commands::Registry registry_;
  store::Gate gate_;
  store::Keyspace keyspace_;
  log::Log log_;
  engine::Policy policy_;
  engine::KeyInterest interest_;
  engine::PubSub pubsub_;
  engine::Shared shared_;
  ConnectionLimits limits_;
  std::vector<std::unique_ptr<Worker>> workers_;
  Snapshots* snapshots_ = nullptr;  // set by the composition root, for as long as it lives
  Replication* replication_ = nullptr;
};

}  // namespace banyan::node
