// Replication: this node's place in a replication tree: the link to its primary, the feeds of its
// replicas, the snapshots they need, who waits for their acknowledgements, and the history that
// the log belongs to. Drivers only: the decisions are made in src/replication.
//
// Threads   The main worker's. Other workers hand replicas over and ask to wait by posting to the
//           main loop; INFO and ROLE read under the exclusive gate.
#pragma once

#include <map>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "log/history.h"
#include "log/reply_gate.h"
#include "node/feed.h"
#include "node/snapshots.h"
#include "node/upstream.h"
#include "replication/primary_clock.h"
#include "replication/snapshot_plan.h"

namespace banyan::node {

class Core;

struct SyncCounters {
  std::uint64_t full = 0;
  std::uint64_t partial_ok = 0;
  std::uint64_t partial_error = 0;
};

class Replication final : private UpstreamOwner, private FeedOwner, private SocketSnapshotOwner {
 public:
  explicit Replication(Core& core);
  ~Replication();

  // What a loaded file says of its history; call once, before start().
  void restore(const DataLoader& loader);
  // Begins to follow the primary that the settings name, if any.
  void start();
  void on_settings();

  // REPLICAOF. nullopt: be a primary.
  void follow(const std::optional<replication::Address>& primary, Bytes user);
  // A client became a replica: PSYNC or SYNC with these words.
  void adopt(std::unique_ptr<Stream> stream, std::unique_ptr<replication::ReplicaFeed> core,
             std::string pending, std::vector<std::string> words);

  // WAIT and WAITAOF. `done` hears how many replicas were reached. One wait a token at a time.
  void wait(const log::Need& need, std::uint64_t token,
            std::move_only_function<void(const log::Release&)> done);
  void request_acks() { ack_wanted_ = true; }
  bool cancel_wait(std::uint64_t token);  // false when it does not wait
  std::size_t copies_reached(log::Offset offset, bool on_disk) const {
    return gate_.count_acked(offset, on_disk);
  }

  void tick();
  void on_turn();  // pumps the log to the feeds
  void pass_ack_request() override;
  void change_id();  // DEBUG CHANGE-REPL-ID

  // CLIENT KILL: the other side may connect again, and so may we.
  void kill_feed(std::uint64_t id);
  void kill_link();

  // Replicas that wait for a snapshot or receive one: they ask again.
  void drop_syncing(Bytes reason);
  // What is being sent to them is of no use any more: they will ask again.
  void stop_socket_snapshot(Bytes reason);

  bool is_replica() const { return upstream_.link().primary().has_value(); }
  const Upstream& upstream() const { return upstream_; }
  const log::History& history() const { return history_; }
  const std::map<std::uint64_t, std::unique_ptr<Feed>>& feeds() const { return feeds_; }
  const SyncCounters& counters() const { return counters_; }
  void reset_counters() { counters_ = {}; }
  int good_replicas() const;
  bool is_link_up() const;
  // What the head of a snapshot taken now says.
  persist::RdbInfo rdb_info() const;
  std::size_t waiting_clients() const { return waiters_.size(); }

 private:
  void adopt_snapshot(DataLoader::Content content,
                      const std::optional<replication::Position>& position) override;
  void adopt_id(const std::string& id) override;
  void forget_own_keys();
  void become_primary(const std::optional<replication::Position>& position) override;
  void on_link_state() override;

  void request_snapshot(Feed& feed) override;
  void on_acks(Feed& feed) override;
  void on_feed_over(Feed& feed) override;
  void on_counter(replication::feed::Counter counter) override;
  void on_snapshot_sent(Feed& feed) override;
  std::string rdb_path() const override;
  void on_socket_snapshot_over() override;
  void on_file_snapshot_over(bool ok, std::int64_t bytes);

  void tell_plan(const replication::plan::Event& event);
  void carry_out_plan();
  void start_snapshot(const replication::plan::StartSnapshot& action);
  void activate_log();
  void on_clock(const replication::primary_clock::Event& event);
  void carry_out_clock(const replication::primary_clock::Actions& actions);
  void release(const log::ReplyGate::Releases& releases);
  void wake_readers();
  void enforce_output_limits();
  void refresh_good_replicas();
  void drop_feeds(Bytes reason);
  replication::LogWindow window() const;
  log::ReplicationId fresh_id();
  replication::ReplicaLink::Settings link_settings() const;

  Core& core_;
  log::Log& log_;
  log::History history_;
  Upstream upstream_;

  std::map<std::uint64_t, std::unique_ptr<Feed>> feeds_;
  std::vector<std::unique_ptr<Feed>> ended_;
  std::uint64_t next_feed_ = 0;
  std::map<std::uint64_t, Instant> over_soft_limit_;
  replication::SnapshotPlan plan_;
  replication::plan::Actions plan_actions_;
  bool planning_ = false;
  std::vector<std::uint64_t> sharing_;  // feeds of the snapshot under way
  replication::SnapshotTarget target_ = replication::SnapshotTarget::socket;
  replication::Position cut_;
  replication::PrimaryClock clock_;

  log::ReplyGate gate_;
  std::set<std::uint64_t> acknowledging_;  // feeds that the gate knows
  std::map<std::uint64_t, std::move_only_function<void(const log::Release&)>> waiters_;
  bool ack_wanted_ = false;
  SyncCounters counters_;
};

}  // namespace banyan::node
