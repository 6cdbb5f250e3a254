#include "replication/snapshot_plan.h"

#include <algorithm>

namespace banyan::replication {

using namespace plan;
using State = SnapshotPlan::State;

namespace {
void say(std::string text, Actions& out) { out.emplace_back(Log{Level::notice, std::move(text)}); }
}  // namespace

const char* to_string(State state) {
  switch (state) {
    case State::idle:
      return "idle";
    case State::running:
      return "running";
    case State::backing_off:
      return "backing_off";
  }
  return "unknown";
}

void SnapshotPlan::on(const Event& event, Instant now, Actions& out) {
  std::visit([&](const auto& e) { handle(e, now, out); }, event);
}

void SnapshotPlan::tick(Instant now, Actions& out) {
  switch (state_) {
    case State::running:
      return;
    case State::backing_off:
      if (now < resume_at_) return;
      state_ = State::idle;
      [[fallthrough]];
    case State::idle:
      if (!waiting_.empty() && !other_walk_ && !is_delayed(now)) start(out);
      return;
  }
}

void SnapshotPlan::handle(const ReplicaWaiting& event, Instant now, Actions& out) {
  if (can_join(event)) {
    members_.push_back(event.id);
    if (!event.rdb_only) has_stream_held_ = true;
    say("Waiting for end of BGSAVE for SYNC", out);
    out.emplace_back(JoinSnapshot{event.id});
    return;
  }
  waiting_.push_back({event, now});
  if (state_ == State::running) {
    return say(target_ == SnapshotTarget::socket
                   ? "Current BGSAVE has socket target. Waiting for next BGSAVE for SYNC"
                   : "Can't attach the replica to the current BGSAVE. Waiting for next BGSAVE for "
                     "SYNC",
               out);
  }
  if (other_walk_) {
    return say(
        "No BGSAVE in progress, but another BG operation is active. BGSAVE for replication "
        "delayed",
        out);
  }
  if (is_delayed(now)) say("Delay next BGSAVE for diskless SYNC", out);
  tick(now, out);
}

// A file can still serve who comes late, if the log holds every byte since its cut: some member
// must be keeping them. The bytes of a socket's snapshot are gone once sent.
bool SnapshotPlan::can_join(const ReplicaWaiting& replica) const {
  return state_ == State::running && target_ == SnapshotTarget::file && replica.wishes == wishes_ &&
         !members_.empty() && (has_stream_held_ || replica.rdb_only);
}

void SnapshotPlan::handle(const ReplicaGone& event, Instant now, Actions& out) {
  std::erase_if(waiting_, [&](const Waiting& w) { return w.replica.id == event.id; });
  const bool was_member = std::erase(members_, event.id) > 0;
  if (was_member && members_.empty() && state_ == State::running) {
    has_stream_held_ = false;
    // A file may still be good for a restart; a walk into sockets is good for nobody. The words
    // are Redis's, as operators know them: there is no child.
    const bool is_socket = target_ == SnapshotTarget::socket;
    if (is_socket) say("Diskless rdb transfer, last replica dropped, killing fork child", out);
    if (is_socket || !settings_.wants_file) out.emplace_back(CancelSnapshot{});
  }
  tick(now, out);
}

void SnapshotPlan::handle(const SnapshotFinished& event, Instant now, Actions& out) {
  if (state_ != State::running) return;
  const bool was_abandoned = members_.empty();  // no fault of the snapshot's
  members_.clear();
  has_stream_held_ = false;
  if (event.ok || was_abandoned) {
    failures_ = 0;
    state_ = State::idle;
    return tick(now, out);
  }
  out.emplace_back(Log{Level::warning, "BGSAVE for replication failed"});
  constexpr int kDoublingsMax = 6;
  const Duration pause =
      std::min<Duration>(1s * (1 << std::min(failures_, kDoublingsMax)), kPauseMax);
  ++failures_;
  state_ = State::backing_off;
  resume_at_ = now + pause;
}

void SnapshotPlan::handle(const OtherWalk& event, Instant now, Actions& out) {
  other_walk_ = event.is_running;
  tick(now, out);
}

// Of the group that the longest waiting replica leads. Sockets, if every member can find the end
// of a payload of unknown length; a filtered one goes through sockets in any case (see
// ReplicaFeed, which refuses filtered replicas that cannot).
SnapshotTarget SnapshotPlan::next_target() const {
  const SnapshotWishes& wishes = waiting_.front().replica.wishes;
  if (!settings_.diskless && !wishes.is_filtered()) return SnapshotTarget::file;
  const bool all_find_the_end = std::all_of(
      waiting_.begin(), waiting_.end(),
      [&](const Waiting& w) { return w.replica.wishes != wishes || w.replica.capa_eof; });
  return all_find_the_end ? SnapshotTarget::socket : SnapshotTarget::file;
}

// Who misses the start of a snapshot into sockets waits for all of it: so we wait a little for
// company before it starts.
bool SnapshotPlan::is_delayed(Instant now) const {
  if (!settings_.diskless || next_target() == SnapshotTarget::file) return false;
  const Waiting& first = waiting_.front();
  const auto company = std::count_if(waiting_.begin(), waiting_.end(), [&](const Waiting& w) {
    return w.replica.wishes == first.replica.wishes;
  });
  if (settings_.diskless_replicas_max > 0 && company >= settings_.diskless_replicas_max)
    return false;
  return now - first.since < settings_.diskless_delay;
}

void SnapshotPlan::start(Actions& out) {
  target_ = next_target();
  wishes_ = waiting_.front().replica.wishes;
  std::erase_if(waiting_, [&](const Waiting& w) {
    if (w.replica.wishes != wishes_) return false;
    members_.push_back(w.replica.id);
    if (!w.replica.rdb_only) has_stream_held_ = true;
    return true;
  });
  state_ = State::running;
  say(target_ == SnapshotTarget::socket ? "Starting BGSAVE for SYNC with target: replicas sockets"
                                        : "Starting BGSAVE for SYNC with target: disk",
      out);
  out.emplace_back(StartSnapshot{target_, wishes_, members_});
}

}  // namespace banyan::replication
