// What a primary does for its replicas because time passes: pings in the stream, and forgetting
// the backlog when nobody has wanted it for long. And how many replicas are good enough.
//
// Invariants   A replica never pings its own replicas: the bytes it passes on are its primary's.
//              Nothing is added to the stream while it must stand still (a manual failover).
//              When the backlog goes, the log's id goes: writes without a backlog move no offset,
//              so the old id would name two histories.
// Threads      None. Owned by one thread.
// Failure      None.
#pragma once

#include <cstdint>
#include <span>
#include <variant>
#include <vector>

#include "base/time.h"
#include "replication/replica_feed.h"
#include "replication/types.h"

namespace banyan::replication {

namespace primary_clock {
// ---- Events.
struct ReplicasChanged {
  std::size_t count = 0;
};
struct RoleChanged {
  bool is_primary = true;
};
struct StreamPaused {
  bool is_paused = false;
};
struct BacklogCreated {};
using Event = std::variant<ReplicasChanged, RoleChanged, StreamPaused, BacklogCreated>;

// ---- Actions.
struct AppendPing {};
struct DropBacklog {};  // and take a new id, with no second one
using Action = std::variant<Log, AppendPing, DropBacklog>;
using Actions = std::vector<Action>;
}  // namespace primary_clock

class PrimaryClock {
 public:
  struct Settings {
    Duration ping_period = 10s;
    Duration backlog_ttl = 3600s;  // 0: for ever
  };
  explicit PrimaryClock(Settings settings) : settings_(settings) {}

  void on(const primary_clock::Event& event, Instant now, primary_clock::Actions& out);
  void tick(Instant now, primary_clock::Actions& out);
  void set_settings(Settings settings) { settings_ = settings; }

 private:
  Settings settings_;
  bool is_primary_ = true;
  bool is_paused_ = false;
  bool has_backlog_ = false;
  std::size_t replicas_ = 0;
  Instant alone_since_{};
  Instant last_ping_{};
};

// min-replicas-to-write and min-replicas-max-lag. Either being 0 turns the rule off.
struct GoodReplicasRule {
  int replicas_min = 0;
  Duration lag_max = 10s;
};
// Replicas that are online and were heard of within `lag_max`.
int count_good_replicas(std::span<const ReplicaFeed* const> feeds, Instant now, Duration lag_max);
bool has_enough_good_replicas(const GoodReplicasRule& rule, int good_replicas);
// For WAIT and WAITAOF: replicas that applied (have on disk) everything up to `offset`.
int count_acks(std::span<const ReplicaFeed* const> feeds, std::int64_t offset);
int count_fsynced_acks(std::span<const ReplicaFeed* const> feeds, std::int64_t offset);

}  // namespace banyan::replication
