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

#include "node/active_expiry.h"
#include "node/background_reclaimer.h"
#include "node/core.h"
#include "node/listeners.h"
#include "node/metrics.h"
#include "node/pause.h"
#include "node/persistence.h"
#include "node/replication.h"
#include "node/shutdown.h"
#include "node/slowlog.h"
#include "node/snapshots.h"
#include "server/oom_score.h"

namespace banyan::server {

using namespace node;

inline constexpr std::string_view kRedisVersion = "7.2.5";
inline constexpr std::string_view kBanyanVersion = "0.1.0";

struct NodeStats {
  engine::Counter connections_received, connections_rejected;  // the main loop's

  void reset() {
    connections_received.reset();
    connections_rejected.reset();
  }
};

class Server final : public commands::Node, public Core {
 public:
  Server(Env& env, config::Loaded loaded);
  ~Server();

  Result<> start();

  Pause& pause() { return pause_; }
  NodeStats& stats() { return stats_; }
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
  std::uint16_t listening_port() const override;
  persist::RdbInfo rdb_info() override { return replication_->rdb_info(); }
  void on_loaded(const DataLoader& loader) override;
  void on_role() override { (void)apply_oom_score(); }
  void close_for_good() override;
  // REPLICAOF, from wherever: also what CONFIG REWRITE will write.
  void set_primary(const std::optional<replication::Address>& primary, Bytes user);
  void on_replication_settings() { replication_->on_settings(); }
  void on_flush_all();  // FLUSHALL was run (alone)
  BackgroundReclaimer& reclaimer_of(const Worker& worker) { return *reclaimers_[worker.number()]; }
  void schedule_save() { save_scheduled_ = true; }

  std::uint64_t next_client_id() { return next_client_id_.fetch_add(1) + 1; }

 private:
  void accept(std::unique_ptr<Stream> stream);
  void refuse(Stream& stream, Bytes why);
  bool is_protected_from(const Address& peer) const;
  void tick();
  void set_slow_thresholds();
  void set_key_events();
  void add_settings_hooks();  // server_settings.cc
  bool end_turn();
  void start_workers();
  Result<> rename_commands();
  void handle_signals();
  void begin_serving();
  void add_network_hooks();
  void add_file_hooks();
  void add_process_hooks();
  Result<> apply_oom_score();
  void check_oom_scores();
  void show_title();

  Listeners listeners_;
  ActiveExpiry active_expiry_;
  std::unique_ptr<Snapshots> own_snapshots_;
  std::unique_ptr<Replication> own_replication_;
  Persistence persistence_;
  Shutdown shutdown_;
  Pause pause_;
  NodeStats stats_;
  Metrics metrics_;
  SlowLog slow_log_;
  OomScore oom_score_;
  std::vector<std::unique_ptr<BackgroundReclaimer>> reclaimers_;  // one per worker
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
