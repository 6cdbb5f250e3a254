#include "replication/replica_link.h"

#include <fmt/format.h>

#include <algorithm>

namespace banyan::replication {

using namespace link;
using State = ReplicaLink::State;

namespace {
void say(Level level, std::string text, Actions& out) {
  out.emplace_back(Log{level, std::move(text)});
}

void say_loading(Actions& out) {
  say(Level::notice, "MASTER <-> REPLICA sync: Loading DB in memory", out);
}
}  // namespace

const char* to_string(State state) {
  switch (state) {
    case State::none:
      return "none";
    case State::connect:
      return "connect";
    case State::connecting:
      return "connecting";
    case State::ping_sent:
      return "ping_sent";
    case State::auth_sent:
      return "auth_sent";
    case State::port_sent:
      return "port_sent";
    case State::ip_sent:
      return "ip_sent";
    case State::capa_sent:
      return "capa_sent";
    case State::version_sent:
      return "version_sent";
    case State::psync_sent:
      return "psync_sent";
    case State::awaiting_snapshot:
      return "awaiting_snapshot";
    case State::receiving_snapshot:
      return "receiving_snapshot";
    case State::loading_snapshot:
      return "loading_snapshot";
    case State::streaming:
      return "streaming";
  }
  return "unknown";
}

const char* role_name(State state) {
  switch (state) {
    case State::none:
      return "none";
    case State::connect:
      return "connect";
    case State::connecting:
      return "connecting";
    case State::ping_sent:
    case State::auth_sent:
    case State::port_sent:
    case State::ip_sent:
    case State::capa_sent:
    case State::version_sent:
    case State::psync_sent:
      return "handshake";
    case State::awaiting_snapshot:
    case State::receiving_snapshot:
    case State::loading_snapshot:
      return "sync";
    case State::streaming:
      return "connected";
  }
  return "unknown";
}

bool ReplicaLink::wants_lines() const {
  switch (state_) {
    case State::ping_sent:
    case State::auth_sent:
    case State::port_sent:
    case State::ip_sent:
    case State::capa_sent:
    case State::version_sent:
    case State::psync_sent:
    case State::awaiting_snapshot:
      return true;
    case State::none:
    case State::connect:
    case State::connecting:
    case State::receiving_snapshot:
    case State::loading_snapshot:
    case State::streaming:
      return false;
  }
  return false;
}

bool ReplicaLink::has_snapshot() const {
  return state_ == State::receiving_snapshot || state_ == State::loading_snapshot;
}

void ReplicaLink::on(const Event& event, Instant now, Actions& out) {
  std::visit([&](const auto& e) { handle(e, now, out); }, event);
}

void ReplicaLink::tick(Instant now, Actions& out) {
  switch (state_) {
    case State::none:
      return;
    case State::connect:
      if (now >= next_attempt_) start_attempt(now, "Connecting to MASTER {}:{}", out);
      return;
    case State::connecting:
    case State::ping_sent:
    case State::auth_sent:
    case State::port_sent:
    case State::ip_sent:
    case State::capa_sent:
    case State::version_sent:
    case State::psync_sent:
      if (!is_silent(now)) return;
      say(Level::warning, "Timeout connecting to the MASTER...", out);
      return retry(now, out);
    case State::awaiting_snapshot:
    case State::receiving_snapshot:
      if (!is_silent(now)) return;
      say(Level::warning,
          "Timeout receiving bulk data from MASTER... If the problem persists try to set the "
          "'repl-timeout' parameter in redis.conf to a larger value.",
          out);
      return retry(now, out);
    case State::loading_snapshot:
      // Loading is local work that takes as long as it takes; the primary must not lose patience.
      if (!has_socket_ || now - last_ack_ < kAckPeriod) return;
      last_ack_ = now;
      out.emplace_back(SendNewline{});
      return;
    case State::streaming:
      if (is_silent(now)) {
        say(Level::warning, "MASTER timeout: no data nor PING received...", out);
        return retry(now, out);
      }
      if (now - last_ack_ >= kAckPeriod) send_ack(now, out);
      return;
  }
}

// ---- Roles.

void ReplicaLink::handle(const TopologyChanged& event, Instant now, Actions& out) {
  if (!event.primary) return become_primary(out);
  if (primary_ == event.primary) {
    return say(Level::notice,
               "REPLICAOF would result into synchronization with the master we are already "
               "connected with. No operation performed.",
               out);
  }
  if (state_ == State::none) {
    position_ = event.own;
    fsynced_.reset();
    down_since_ = now;
    if (position_) {
      say(Level::notice,
          "Before turning into a replica, using my own master parameters to synthesize a cached "
          "master: I may be able to synchronize with the new master with just a partial transfer.",
          out);
    }
  } else {
    leave(now, out);
  }
  primary_ = event.primary;
  start_attempt(now, "Connecting to MASTER {}:{}", out);
}

void ReplicaLink::become_primary(Actions& out) {
  if (state_ == State::none) return;
  leave(last_io_, out);
  if (position_) say(Level::notice, "Discarding previously cached master state.", out);
  out.emplace_back(BecomePrimary{position_});
  state_ = State::none;
  primary_.reset();
  position_.reset();
  fsynced_.reset();
  down_since_.reset();
}

// ---- Attempts.

void ReplicaLink::start_attempt(Instant now, Bytes headline, Actions& out) {
  session_ = settings_;
  state_ = State::connecting;
  has_socket_ = true;
  last_io_ = now;
  next_attempt_ = now + kRetryPause;
  say(Level::notice, fmt::format(fmt::runtime(headline), primary_->host, primary_->port), out);
  out.emplace_back(Connect{*primary_});
  say(Level::notice, "MASTER <-> REPLICA sync started", out);
}

// Gives up whatever is under way; the data and its position stay.
void ReplicaLink::leave(Instant now, Actions& out) {
  if (has_snapshot()) out.emplace_back(AbortSnapshot{snapshot_number_});
  if (has_socket_) out.emplace_back(Disconnect{});
  has_socket_ = false;
  if (state_ == State::streaming) {
    say(Level::notice, "Connection with master lost.", out);
    if (position_) say(Level::notice, "Caching the disconnected master state.", out);
    down_since_ = now;
  }
  state_ = State::connect;
}

// At once when the last attempt is old enough (waiting could cost us the primary's backlog), else
// when tick() finds that it is.
void ReplicaLink::retry(Instant now, Actions& out) {
  const bool was_streaming = state_ == State::streaming;
  leave(now, out);
  if (now < next_attempt_) return;
  start_attempt(
      now,
      was_streaming ? "Reconnecting to MASTER {}:{}" : "Reconnecting to MASTER {}:{} after failure",
      out);
}

void ReplicaLink::handle(const Connected&, Instant now, Actions& out) {
  if (state_ != State::connecting) return;  // of a link we gave up
  last_io_ = now;
  say(Level::notice, "Non blocking connect for SYNC fired the event.", out);
  state_ = State::ping_sent;
  out.emplace_back(SendCommand{{"PING"}});
}

void ReplicaLink::handle(const ConnectFailed& event, Instant now, Actions& out) {
  if (state_ != State::connecting) return;
  has_socket_ = false;
  say(Level::warning, "Error condition on socket for SYNC: " + printable(event.error), out);
  retry(now, out);
}

void ReplicaLink::handle(const Closed& event, Instant now, Actions& out) {
  if (!has_socket_) return;  // of a link we gave up
  has_socket_ = false;
  const std::string why = event.error.empty() ? "connection lost" : printable(event.error);
  switch (state_) {
    case State::none:
    case State::connect:
      return;
    case State::connecting:
      say(Level::warning, "Error condition on socket for SYNC: " + why, out);
      break;
    case State::ping_sent:
    case State::auth_sent:
    case State::port_sent:
    case State::ip_sent:
    case State::capa_sent:
    case State::version_sent:
      say(Level::warning, "Failed to read response from the server: " + why, out);
      say(Level::warning, "Master did not respond to command during SYNC handshake", out);
      break;
    case State::psync_sent:
      say(Level::warning, "Failed to read response from the server: " + why, out);
      say(Level::warning, "Master did not reply to PSYNC, will try later", out);
      break;
    case State::awaiting_snapshot:
      say(Level::warning, "I/O error reading bulk count from MASTER: " + why, out);
      break;
    case State::receiving_snapshot:
      say(Level::warning, "I/O error trying to sync with MASTER: " + why, out);
      break;
    case State::loading_snapshot:
      // The snapshot is complete: finish it, then continue from its position. To start over would
      // make a slow loader and an impatient primary transfer it for ever.
      return say(Level::notice, "MASTER <-> REPLICA sync: link lost while loading: " + why, out);
    case State::streaming:
      break;
  }
  retry(now, out);
}

// ---- Snapshots.

void ReplicaLink::begin_snapshot(std::int64_t length, std::string mark, Actions& out) {
  const char* where = session_.load_from_socket ? "to parser" : "to disk";
  say(Level::notice,
      mark.empty()
          ? fmt::format("MASTER <-> REPLICA sync: receiving {} bytes from master {}", length, where)
          : fmt::format("MASTER <-> REPLICA sync: receiving streamed RDB from master with EOF {}",
                        where),
      out);
  // From a socket it is loaded as it comes.
  if (session_.load_from_socket) say_loading(out);
  ++snapshot_number_;
  snapshot_length_ = mark.empty() ? length : -1;
  snapshot_received_ = 0;
  state_ = State::receiving_snapshot;
  out.emplace_back(BeginSnapshot{snapshot_number_, incoming_, length, std::move(mark)});
}

void ReplicaLink::handle(const SnapshotProgress& event, Instant now, Actions&) {
  if (state_ != State::receiving_snapshot) return;
  snapshot_received_ += event.bytes;
  last_io_ = now;
}

void ReplicaLink::handle(const SnapshotReceived& event, Instant now, Actions& out) {
  if (state_ != State::receiving_snapshot || event.number != snapshot_number_) return;
  state_ = State::loading_snapshot;
  last_io_ = last_ack_ = now;
  if (!session_.load_from_socket) say_loading(out);
  out.emplace_back(LoadSnapshot{snapshot_number_});
}

void ReplicaLink::handle(const SnapshotFailed& event, Instant now, Actions& out) {
  if (!has_snapshot() || event.number != snapshot_number_) return;
  say(Level::warning, "MASTER <-> REPLICA sync: snapshot not stored: " + printable(event.error),
      out);
  retry(now, out);
}

void ReplicaLink::handle(const OldDataDropped&, Instant now, Actions& out) {
  if (state_ == State::none) return;
  position_.reset();
  say(Level::notice, "MASTER <-> REPLICA sync: Flushing old data", out);
  // The stream continues data that is no longer there.
  if (state_ == State::streaming) retry(now, out);
}

void ReplicaLink::handle(const SnapshotLoaded& event, Instant now, Actions& out) {
  if (state_ != State::loading_snapshot || event.number != snapshot_number_) return;
  if (!event.error.empty()) {
    say(Level::warning,
        fmt::format("Failed trying to load the MASTER synchronization DB from {}: {}",
                    session_.load_from_socket ? "socket" : "disk", printable(event.error)),
        out);
    return retry(now, out);
  }
  if (position_) say(Level::notice, "Discarding previously cached master state.", out);
  position_ = incoming_;
  fsynced_.reset();  // it counted bytes of the other history
  out.emplace_back(AdoptSnapshot{position_});
  say(Level::notice, "MASTER <-> REPLICA sync: Finished with success", out);
  if (has_socket_) return begin_streaming(now, out);
  state_ = State::connect;
  retry(now, out);
}

// ---- The stream.

void ReplicaLink::begin_streaming(Instant now, Actions& out) {
  state_ = State::streaming;
  last_io_ = now;
  down_since_.reset();
  out.emplace_back(ResumeStream{position_});
  send_ack(now, out);  // after a diskless transfer, the primary waits for it
}

// Only what took effect is acknowledged, never what was merely received: a replica that is promoted
// must have what it claimed. A primary without offsets (SYNC) expects no acknowledgement.
void ReplicaLink::send_ack(Instant now, Actions& out) {
  last_ack_ = now;
  if (!position_) return;
  SendAck ack{position_->offset, fsynced_};
  if (ack.fsynced) ack.fsynced = std::min(*ack.fsynced, ack.offset);
  out.emplace_back(ack);
}

void ReplicaLink::handle(const StreamBytes&, Instant now, Actions&) {
  if (state_ == State::streaming) last_io_ = now;
}

void ReplicaLink::handle(const StreamApplied& event, Instant now, Actions& out) {
  if (!position_ || event.offset <= position_->offset) return;
  position_->offset = event.offset;
  // Late news about the data is still true. But if PSYNC already asked for less, the primary would
  // send again what took effect.
  if (state_ == State::psync_sent) retry(now, out);
}

void ReplicaLink::handle(const StreamFsynced& event, Instant, Actions&) {
  if (state_ == State::streaming) fsynced_ = std::max(fsynced_.value_or(0), event.offset);
}

void ReplicaLink::handle(const AckRequested&, Instant now, Actions& out) {
  if (state_ == State::streaming) send_ack(now, out);
}

}  // namespace banyan::replication
