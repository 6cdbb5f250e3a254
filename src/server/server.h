// Server: a node. Owns everything; several live in one process (tests, the simulator).
//
// Vocabulary   Worker 0 runs on the main loop: it accepts connections, keeps time, follows a
//              primary, feeds replicas and takes snapshots, besides serving clients.
// Threads      Made, started and destroyed on the main loop's thread. Command handlers reach it
//              through Call::node; those that look beyond their own client are `exclusive`.
// Failure      start() says why a node cannot serve. Afterwards a node ends only by shut_down().
#pragma once

#include <memory>
#include <vector>

#include "commands/registry.h"
#include "config/config.h"
#include "server/active_expiry.h"
#include "server/listeners.h"
#include "server/logger.h"
#include "server/metrics.h"
#include "server/pause.h"
#include "server/persistence.h"
#include "server/replication.h"
#include "server/shutdown.h"
#include "server/slowlog.h"
#include "server/snapshots.h"
#include "server/worker.h"

namespace banyan::server {

inline constexpr std::string_view kRedisVersion = "7.2.5";
inline constexpr std::string_view kBanyanVersion = "0.1.0";

struct NodeStats {
  std::uint64_t connections_received = 0;
  std::uint64_t connections_rejected = 0;
};

class Server final : public commands::Node {
 public:
  Server(Env& env, config::Loaded loaded);
  ~Server();
  Server(const Server&) = delete;
  Server& operator=(const Server&) = delete;

  Result<> start();

  Env& env() { return env_; }
  config::Config& config() { return config_; }
  const config::Settings& settings() const { return config_.settings(); }
  Logger& logger() { return logger_; }
  const commands::Registry& registry() const { return registry_; }
  store::Keyspace& keyspace() { return keyspace_; }
  log::Log& log() { return log_; }
  engine::Policy& policy() { return policy_; }
  engine::Shared& shared() { return shared_; }
  Worker& main_worker() { return *workers_.front(); }
  const std::vector<std::unique_ptr<Worker>>& workers() const { return workers_; }
  Pause& pause() { return pause_; }
  NodeStats& stats() { return stats_; }
  Replication& replication() { return *replication_; }
  Snapshots& snapshots() { return *snapshots_; }
  Persistence& persistence() { return persistence_; }
  Shutdown& shutdown() { return shutdown_; }
  ActiveExpiry& active_expiry() { return active_expiry_; }
  Listeners& listeners() { return listeners_; }
  Metrics& metrics() { return metrics_; }
  SlowLog& slow_log() { return slow_log_; }
  const std::string& run_id() const { return run_id_; }
  Instant started() const { return started_; }

  // Makes what connections and dispatch read agree with the settings. Alone on the node.
  void apply_limits();
  // DEBUG PAUSE-CRON: nothing happens by itself any more.
  void pause_ticks(bool paused) { ticks_paused_ = paused; }
  // Changes of the data since the start, for save points. Main worker, or alone.
  std::uint64_t dirty() const;
  std::uint16_t listening_port() const;
  // REPLICAOF, from wherever: also what CONFIG REWRITE will write.
  void set_primary(const std::optional<replication::Address>& primary, Bytes user);
  void on_replication_settings() { replication_->on_settings(); }
  void on_flush_all();  // FLUSHALL was run (alone)
  void on_save_status();
  void on_loaded(const DataLoader::Origin& origin);
  void schedule_save() { save_scheduled_ = true; }
  Result<> save_before_exit();
  void close_for_good();
  void retry_held_clients();
  // Brings the main loop to its turn hook.
  void wake_main() {
    env_.main_loop().post([] {});
  }

  std::uint64_t next_client_id() { return next_client_id_.fetch_add(1) + 1; }

 private:
  void accept(std::unique_ptr<Stream> stream);
  void refuse(Stream& stream, Bytes why);
  bool is_protected_from(const Address& peer) const;
  void tick();
  void set_slow_thresholds();
  bool end_turn();
  void start_workers();
  void handle_signals();
  void begin_serving();

  Env& env_;
  Logger logger_;
  config::Config config_;
  commands::Registry registry_;
  store::Gate gate_;
  store::Keyspace keyspace_;
  log::Log log_;
  engine::Policy policy_;
  engine::Shared shared_;
  ConnectionLimits limits_;
  std::vector<std::unique_ptr<Worker>> workers_;
  Listeners listeners_;
  ActiveExpiry active_expiry_;
  std::unique_ptr<Snapshots> snapshots_;
  std::unique_ptr<Replication> replication_;
  Persistence persistence_;
  Shutdown shutdown_;
  Pause pause_;
  NodeStats stats_;
  Metrics metrics_;
  SlowLog slow_log_;
  bool save_scheduled_ = false;
  std::atomic<bool> ticks_paused_ = false;
  std::string run_id_;
  Instant started_;
  std::atomic<std::uint64_t> next_client_id_ = 0;
  std::atomic<std::uint64_t> connected_ = 0;
  unsigned next_worker_ = 0;
  std::uint64_t ticks_ = 0;
  TimerId tick_timer_ = TimerId::none;
};

}  // namespace banyan::server
