#include "replication/replica_feed.h"

#include <fmt/format.h>

#include <algorithm>

namespace banyan::replication {

using namespace feed;
using State = ReplicaFeed::State;

namespace {
void say(Level level, std::string text, Actions& out) {
  out.emplace_back(Log{level, std::move(text)});
}
}  // namespace

const char* to_string(State state) {
  switch (state) {
    case State::handshake:
      return "handshake";
    case State::wait_snapshot_start:
      return "wait_snapshot_start";
    case State::wait_snapshot_end:
      return "wait_snapshot_end";
    case State::send_bulk:
      return "send_bulk";
    case State::rdb_transmitted:
      return "rdb_transmitted";
    case State::online:
      return "online";
    case State::gone:
      return "gone";
  }
  return "unknown";
}

const char* info_name(State state) {
  switch (state) {
    case State::wait_snapshot_start:
    case State::wait_snapshot_end:
      return "wait_bgsave";
    case State::send_bulk:
      return "send_bulk";
    case State::rdb_transmitted:
    case State::online:
      return "online";
    case State::handshake:
    case State::gone:
      return "";
  }
  return "";
}

std::string ReplicaFeed::name() const {
  return profile_.listening_port != 0 ? format_address(ip(), profile_.listening_port)
                                      : ip() + ":<unknown-replica-port>";
}

void ReplicaFeed::on(const Event& event, Instant now, Actions& out) {
  if (state_ == State::gone) return;  // what a connection that we cut still had to say
  std::visit([&](const auto& e) { handle(e, now, out); }, event);
}

void ReplicaFeed::tick(Instant now, Duration timeout, Actions& out) {
  const bool is_stuck = stuck_since_ && now - *stuck_since_ > timeout;
  switch (state_) {
    case State::handshake:
    case State::gone:
      return;
    case State::wait_snapshot_end:
      if (target_ == SnapshotTarget::socket) {
        // One replica that takes nothing would hold up the walk for all.
        if (is_stuck) break;
        return;
      }
      [[fallthrough]];
    case State::wait_snapshot_start:
      if (now - keep_alive_time_ < kKeepAlivePeriod) return;
      keep_alive_time_ = now;
      out.emplace_back(SendNewline{});
      return;
    case State::send_bulk:
      if (is_stuck) break;
      return;
    case State::rdb_transmitted:
    case State::online:
      if (is_pre_psync_ || now - ack_time_ <= timeout) return;
      say(Level::warning, "Disconnecting timedout replica (streaming sync): " + name(), out);
      return drop("timed out", out);
  }
  say(Level::warning, "Disconnecting timedout replica (full sync): " + name(), out);
  drop("timed out", out);
}

void ReplicaFeed::drop(std::string reason, Actions& out) {
  state_ = State::gone;
  out.emplace_back(Disconnect{std::move(reason)});
}

// ---- REPLCONF.

void ReplicaFeed::handle(const ReplConf& event, Instant now, Actions& out) {
  // After PSYNC, wishes are settled: one that turned from rdb-only to following in mid-snapshot
  // would find that nobody kept the stream for it. And a reply would be read as a part of what
  // follows.
  const bool may_reply = state_ == State::handshake;
  ReplicaProfile later_words = profile_;
  auto outcome = apply_replconf(event.words, may_reply ? profile_ : later_words);
  if (!outcome && may_reply) {
    out.emplace_back(SendLine{"-" + outcome.error().reply_line()});
    return;
  }
  if (!outcome) {
    say(Level::warning,
        fmt::format("Replica {} sent a bad REPLCONF: {}", name(), outcome.error().describe()), out);
    return drop("bad REPLCONF", out);
  }
  switch (outcome->kind) {
    case ReplConfOutcome::Kind::ok:
      if (may_reply) out.emplace_back(SendLine{"+OK"});
      return;
    case ReplConfOutcome::Kind::ack:
      return on_ack(outcome->ack, event.log_offset, now, out);
    case ReplConfOutcome::Kind::get_ack:
      out.emplace_back(PassAckRequest{});
      return;
    case ReplConfOutcome::Kind::nothing:
      return;
  }
}

void ReplicaFeed::on_ack(const Ack& ack, std::int64_t log_offset, Instant now, Actions& out) {
  if (state_ == State::handshake) return;  // not (yet) a replica
  ack_time_ = now;
  if (state_ == State::rdb_transmitted) start_stream(now, out);
  if (state_ != State::online) return;
  // Nobody can have applied what was not written yet: to believe it would let WAIT lie.
  if (ack.offset > log_offset) {
    say(Level::warning,
        fmt::format("Replica {} acknowledged offset {}, but the log ends at {}", name(), ack.offset,
                    log_offset),
        out);
    return drop("impossible acknowledgement", out);
  }
  const std::int64_t fsynced = std::min(ack.fsynced.value_or(0), ack.offset);
  const bool is_first = !std::exchange(has_acked_, true);
  if (ack.offset <= acked_ && fsynced <= fsynced_ && !is_first) return;
  acked_ = std::max(acked_, ack.offset);
  fsynced_ = std::max(fsynced_, fsynced);
  out.emplace_back(AcksMoved{});
}

void ReplicaFeed::handle(const Newline&, Instant now, Actions&) { ack_time_ = now; }

// ---- PSYNC and SYNC.

bool ReplicaFeed::refuse(Refusal refusal, Actions& out) const {
  if (refusal == Refusal::not_connected_to_primary) {
    out.emplace_back(SendLine{"-NOMASTERLINK Can't SYNC while not connected with my master"});
  } else if (refusal == Refusal::failing_over) {
    out.emplace_back(SendLine{"-NOMASTERLINK Can't SYNC while failing over"});
  } else if (profile_.wishes.is_filtered() && !profile_.capa_eof) {
    // A filtered snapshot must never become the dump file, so it goes through a socket only.
    out.emplace_back(SendLine{"-ERR Filtered replica requires EOF capability"});
  } else {
    return false;
  }
  return true;
}

void ReplicaFeed::handle(const Psync& event, Instant now, Actions& out) {
  if (state_ != State::handshake) return;  // a replica already: a reply would corrupt its stream
  if (refuse(event.refusal, out)) return;
  say(Level::notice, fmt::format("Replica {} asks for synchronization", name()), out);
  if (event.verdict.answer == Continuation::yes) return continue_stream(event, now, out);
  say(Level::notice, explain(event.verdict, event.request, name()), out);
  if (event.verdict.answer == Continuation::not_held &&
      event.request.first_wanted > event.verdict.window.next) {
    say(Level::warning,
        fmt::format("Warning: replica {} tried to PSYNC with an offset that is greater than the "
                    "master replication offset.",
                    name()),
        out);
  }
  if (event.verdict.answer != Continuation::full_wanted)
    out.emplace_back(Count{Counter::sync_partial_err});
  want_snapshot(now, out);
}

void ReplicaFeed::handle(const Sync& event, Instant now, Actions& out) {
  if (state_ != State::handshake) return;
  if (refuse(event.refusal, out)) return;
  say(Level::notice, fmt::format("Replica {} asks for synchronization", name()), out);
  is_pre_psync_ = true;
  want_snapshot(now, out);
}

void ReplicaFeed::continue_stream(const Psync& event, Instant now, Actions& out) {
  const LogWindow& window = event.verdict.window;
  stream_from_ = event.request.first_wanted;
  out.emplace_back(HoldStream{stream_from_});
  out.emplace_back(SendLine{profile_.capa_psync2 ? "+CONTINUE " + window.replid : "+CONTINUE"});
  say(Level::notice,
      fmt::format("Partial resynchronization request from {} accepted. Sending {} bytes of backlog "
                  "starting from offset {}.",
                  name(), window.next - stream_from_, stream_from_),
      out);
  out.emplace_back(Count{Counter::sync_partial_ok});
  start_stream(now, out);
}

void ReplicaFeed::want_snapshot(Instant now, Actions& out) {
  state_ = State::wait_snapshot_start;
  keep_alive_time_ = ack_time_ = now;
  out.emplace_back(Count{Counter::sync_full});
  out.emplace_back(RequestSnapshot{});
}

// ---- The snapshot.

void ReplicaFeed::handle(const SnapshotStarted& event, Instant now, Actions& out) {
  if (state_ != State::wait_snapshot_start) return;
  state_ = State::wait_snapshot_end;
  target_ = event.target;
  keep_alive_time_ = now;
  stream_from_ = event.cut.offset + 1;
  if (!profile_.rdb_only) out.emplace_back(HoldStream{stream_from_});
  if (!is_pre_psync_) {
    out.emplace_back(
        SendLine{fmt::format("+FULLRESYNC {} {}", event.cut.replid, event.cut.offset)});
  }
  if (target_ == SnapshotTarget::socket) out.emplace_back(SendLine{"$EOF:" + event.mark});
}

void ReplicaFeed::handle(const SnapshotFileReady& event, Instant, Actions& out) {
  if (state_ != State::wait_snapshot_end || target_ != SnapshotTarget::file) return;
  state_ = State::send_bulk;
  out.emplace_back(SendLine{fmt::format("${}", event.bytes)});
  out.emplace_back(SendSnapshotFile{});
}

void ReplicaFeed::handle(const SnapshotBytesSent& event, Instant now, Actions&) {
  if (!event.is_stuck) {
    stuck_since_.reset();
  } else if (event.bytes > 0 || !stuck_since_) {
    stuck_since_ = now;
  }
}

void ReplicaFeed::handle(const SnapshotSent&, Instant now, Actions& out) {
  const bool is_socket = state_ == State::wait_snapshot_end && target_ == SnapshotTarget::socket;
  if (!is_socket && state_ != State::send_bulk) return;
  stuck_since_.reset();
  ack_time_ = now;  // it had no occasion to acknowledge
  if (is_socket) {
    say(Level::notice,
        fmt::format("Streamed RDB transfer with replica {} succeeded (socket). Waiting for "
                    "REPLCONF ACK from replica to enable streaming",
                    name()),
        out);
  }
  if (profile_.rdb_only) {
    say(Level::notice,
        fmt::format("RDB transfer completed, rdb only replica ({}) should be disconnected asap",
                    name()),
        out);
    return drop("rdb only replica has its snapshot", out);
  }
  say(Level::notice, fmt::format("Synchronization with replica {} succeeded", name()), out);
  // The end of a socket's payload is found by its mark. It is easier to find, for stock replicas
  // the only way, if nothing follows before the replica says that it found it. One that knows no
  // ACK cannot say so.
  if (is_socket && !is_pre_psync_) {
    state_ = State::rdb_transmitted;
  } else {
    start_stream(now, out);
  }
}

void ReplicaFeed::handle(const SnapshotFailed&, Instant, Actions& out) {
  if (state_ == State::wait_snapshot_start) {
    out.emplace_back(SendLine{"-ERR BGSAVE failed, replication can't continue"});
    return drop("no snapshot", out);
  }
  if (state_ != State::wait_snapshot_end && state_ != State::send_bulk) return;
  say(Level::warning, "SYNC failed. BGSAVE child returned an error", out);
  drop("no snapshot", out);
}

void ReplicaFeed::start_stream(Instant now, Actions& out) {
  state_ = State::online;
  ack_time_ = now;
  out.emplace_back(StartStream{stream_from_});
}

// That it is lost is said where all links end, those that we close too.
void ReplicaFeed::handle(const feed::Closed&, Instant, Actions&) { state_ = State::gone; }

}  // namespace banyan::replication
