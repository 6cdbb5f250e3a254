// SnapshotPlan: decides when a primary takes a snapshot for its waiting replicas, for whom, and
// whether through a file or straight into their sockets.
//
//   idle --replicas wait, delay over--> running --finished--> idle
//   running --failed--> backing_off --pause over--> idle
//
// Vocabulary   A *group* are replicas that share one snapshot; their wishes are equal.
// Invariants   At most one snapshot runs. Every waiting replica is in the next group or a later
// one.
//              After n failures in a row the next start waits 2^(n-1) s, at most kPauseMax: a
//              disk that is full or a network that is too slow never becomes a busy loop.
// Threads      None. Owned by one thread.
// Failure      None of its own.
//
// The driver   carries out StartSnapshot (a cut in the log, SnapshotStarted to each feed) and
//              reports SnapshotFinished exactly once for it, also after CancelSnapshot.
#pragma once

#include <cstdint>
#include <optional>
#include <variant>
#include <vector>

#include "base/time.h"
#include "replication/replconf.h"
#include "replication/replica_feed.h"
#include "replication/types.h"

namespace banyan::replication {

using ReplicaId = std::uint64_t;

namespace plan {
// ---- Events.
struct ReplicaWaiting {
  ReplicaId id = 0;
  bool capa_eof = false;
  bool rdb_only = false;
  SnapshotWishes wishes;
};
struct ReplicaGone {
  ReplicaId id = 0;
};
struct SnapshotFinished {
  bool ok = false;
};
// Another walk (BGSAVE, AOF rewrite) began or ended: ours waits.
struct OtherWalk {
  bool is_running = false;
};
using Event = std::variant<ReplicaWaiting, ReplicaGone, SnapshotFinished, OtherWalk>;

// ---- Actions.
struct StartSnapshot {
  SnapshotTarget target = SnapshotTarget::file;
  SnapshotWishes wishes;
  std::vector<ReplicaId> replicas;
};
struct JoinSnapshot {  // SnapshotStarted to this feed too, with the cut of the running snapshot
  ReplicaId id = 0;
};
struct CancelSnapshot {};  // nobody is left to take it
using Action = std::variant<Log, StartSnapshot, JoinSnapshot, CancelSnapshot>;
using Actions = std::vector<Action>;
}  // namespace plan

class SnapshotPlan {
 public:
  enum class State : std::uint8_t { idle, running, backing_off };
  struct Settings {
    bool diskless = true;
    Duration diskless_delay = 5s;
    int diskless_replicas_max = 0;  // start without delay when so many wait; 0: no such number
    bool wants_file = true;         // also when no replica waits for it any more
  };
  static constexpr Duration kPauseMax = 60s;

  explicit SnapshotPlan(Settings settings) : settings_(settings) {}

  void on(const plan::Event& event, Instant now, plan::Actions& out);
  void tick(Instant now, plan::Actions& out);
  void set_settings(Settings settings) { settings_ = settings; }

  State state() const { return state_; }
  std::size_t waiting() const { return waiting_.size(); }
  const std::vector<ReplicaId>& running_for() const { return members_; }

 private:
  struct Waiting {
    plan::ReplicaWaiting replica;
    Instant since;
  };

  void handle(const plan::ReplicaWaiting& event, Instant now, plan::Actions& out);
  void handle(const plan::ReplicaGone& event, Instant now, plan::Actions& out);
  void handle(const plan::SnapshotFinished& event, Instant now, plan::Actions& out);
  void handle(const plan::OtherWalk& event, Instant now, plan::Actions& out);

  bool can_join(const plan::ReplicaWaiting& replica) const;
  SnapshotTarget next_target() const;
  bool is_delayed(Instant now) const;
  void start(plan::Actions& out);

  Settings settings_;
  State state_ = State::idle;
  std::vector<Waiting> waiting_;  // in order of arrival
  std::vector<ReplicaId> members_;
  SnapshotTarget target_ = SnapshotTarget::file;
  SnapshotWishes wishes_;
  bool has_stream_held_ = false;  // a member makes the log keep what follows the cut
  bool other_walk_ = false;
  int failures_ = 0;
  Instant resume_at_{};
};

const char* to_string(SnapshotPlan::State state);

}  // namespace banyan::replication
