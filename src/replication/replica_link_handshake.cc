// ReplicaLink's answers to what the primary says, line by line. The order of the commands is
// Redis's: primaries and tools that watch the wire know it.
#include <fmt/format.h>

#include "base/number.h"
#include "replication/replica_link.h"

namespace banyan::replication {

using namespace link;
using State = ReplicaLink::State;

namespace {
void say(Level level, std::string text, Actions& out) {
  out.emplace_back(Log{level, std::move(text)});
}
}  // namespace

void ReplicaLink::handle(const ReplyLine& event, Instant now, Actions& out) {
  const std::string& line = event.text;
  switch (state_) {
    case State::none:
    case State::connect:
    case State::connecting:
    case State::receiving_snapshot:
    case State::loading_snapshot:
    case State::streaming:
      return;  // not a line of this link's handshake
    case State::psync_sent:
    case State::awaiting_snapshot:
      last_io_ = now;
      if (line.empty()) return;  // a keep-alive: the primary is busy
      return state_ == State::psync_sent ? on_psync_reply(line, now, out)
                                         : on_snapshot_header(line, now, out);
    case State::ping_sent:
    case State::auth_sent:
    case State::port_sent:
    case State::ip_sent:
    case State::capa_sent:
    case State::version_sent:
      break;
  }
  if (line.empty()) return;  // does not count as life: it is no answer
  last_io_ = now;
  if (state_ == State::ping_sent) return on_ping_reply(line, now, out);
  if (line[0] == '-') {
    if (state_ == State::auth_sent) {
      say(Level::warning, "Unable to AUTH to MASTER: " + printable(line), out);
      return retry(now, out);
    }
    const char* what = state_ == State::port_sent   ? "listening-port"
                       : state_ == State::ip_sent   ? "ip-address"
                       : state_ == State::capa_sent ? "capa"
                                                    : "version";
    say(Level::notice,
        fmt::format("(Non critical) Master does not understand REPLCONF {}: {}", what,
                    printable(line)),
        out);
  }
  take_step(step_after(state_), out);
}

void ReplicaLink::handle(const LineTooLong&, Instant now, Actions& out) {
  if (!wants_lines()) return;
  say(Level::warning, "Failed to read response from the server: line too long", out);
  retry(now, out);
}

void ReplicaLink::on_ping_reply(const std::string& line, Instant now, Actions& out) {
  // Errors that only say "authenticate first" mean that the primary is alive.
  if (line[0] != '+' && !line.starts_with("-NOAUTH") && !line.starts_with("-NOPERM") &&
      !line.starts_with("-ERR operation not permitted")) {
    say(Level::warning, fmt::format("Error reply to PING from master: '{}'", printable(line)), out);
    return retry(now, out);
  }
  say(Level::notice, "Master replied to PING, replication can continue...", out);
  // All at once, to save round trips: the replies come in order.
  const State first = step_after(State::ping_sent);
  for (State step = first; step != State::psync_sent; step = step_after(step)) send_step(step, out);
  take_step(first, out);
}

State ReplicaLink::step_after(State step) const {
  switch (step) {
    case State::ping_sent:
      if (!session_.password.empty()) return State::auth_sent;
      [[fallthrough]];
    case State::auth_sent:
      return State::port_sent;
    case State::port_sent:
      if (!session_.announce_ip.empty()) return State::ip_sent;
      [[fallthrough]];
    case State::ip_sent:
      return State::capa_sent;
    case State::capa_sent:
      if (!session_.version.empty()) return State::version_sent;
      [[fallthrough]];
    case State::version_sent:
    case State::none:
    case State::connect:
    case State::connecting:
    case State::psync_sent:
    case State::awaiting_snapshot:
    case State::receiving_snapshot:
    case State::loading_snapshot:
    case State::streaming:
      break;
  }
  return State::psync_sent;
}

void ReplicaLink::send_step(State step, Actions& out) const {
  if (step == State::auth_sent) {
    SendCommand auth{{"AUTH"}};
    if (!session_.user.empty()) auth.words.push_back(session_.user);
    auth.words.push_back(session_.password);
    out.emplace_back(std::move(auth));
  } else if (step == State::port_sent) {
    out.emplace_back(
        SendCommand{{"REPLCONF", "listening-port", std::to_string(session_.listening_port)}});
  } else if (step == State::ip_sent) {
    out.emplace_back(SendCommand{{"REPLCONF", "ip-address", session_.announce_ip}});
  } else if (step == State::capa_sent) {
    out.emplace_back(SendCommand{{"REPLCONF", "capa", "eof", "capa", "psync2"}});
  } else if (step == State::version_sent) {
    out.emplace_back(SendCommand{{"REPLCONF", "version", session_.version}});
  }
}

// The replies to the earlier steps are in; PSYNC goes out when all are.
void ReplicaLink::take_step(State step, Actions& out) {
  state_ = step;
  if (step != State::psync_sent) return;
  if (!position_) {
    say(Level::notice, "Partial resynchronization not possible (no cached master)", out);
    out.emplace_back(SendCommand{{"PSYNC", "?", "-1"}});
    return;
  }
  const std::string first_wanted = std::to_string(position_->offset + 1);
  say(Level::notice,
      fmt::format("Trying a partial resynchronization (request {}:{}).", position_->replid,
                  first_wanted),
      out);
  out.emplace_back(SendCommand{{"PSYNC", position_->replid, first_wanted}});
}

void ReplicaLink::on_psync_reply(const std::string& line, Instant now, Actions& out) {
  if (line.starts_with("+FULLRESYNC")) return on_full_resync(line, now, out);
  if (line.starts_with("+CONTINUE")) return on_continue(line, now, out);
  if (line.starts_with("-NOMASTERLINK") || line.starts_with("-LOADING")) {
    say(Level::notice,
        "Master is currently unable to PSYNC but should be in the future: " + printable(line), out);
    return retry(now, out);
  }
  if (line.starts_with("-ERR")) {
    say(Level::notice,
        fmt::format("Master does not support PSYNC or is in error state (reply: {})",
                    printable(line)),
        out);
  } else {
    say(Level::warning, "Unexpected reply to PSYNC from master: " + printable(line), out);
  }
  say(Level::notice, "Retrying with SYNC...", out);
  incoming_.reset();
  state_ = State::awaiting_snapshot;
  out.emplace_back(SendCommand{{"SYNC"}});
}

void ReplicaLink::on_continue(const std::string& line, Instant now, Actions& out) {
  const Bytes rest = Bytes(line).substr(9);
  const Bytes replid = rest.empty() ? rest : rest.substr(1);
  // "Continue" is no answer to "? -1", and an id that is no id would poison what our replicas and
  // files say about our data.
  if (!position_ || (!rest.empty() && (rest[0] != ' ' || !is_replid(replid)))) {
    say(Level::warning, "Unexpected reply to PSYNC from master: " + printable(line), out);
    return retry(now, out);
  }
  say(Level::notice, "Successful partial resynchronization with master.", out);
  if (!replid.empty() && replid != position_->replid) {
    position_->replid = replid;
    say(Level::notice, "Master replication ID changed to " + position_->replid, out);
    out.emplace_back(AdoptId{position_->replid});
  }
  say(Level::notice, "MASTER <-> REPLICA sync: Master accepted a Partial Resynchronization.", out);
  begin_streaming(now, out);
}

void ReplicaLink::on_full_resync(const std::string& line, Instant now, Actions& out) {
  const Bytes rest = Bytes(line).substr(11);
  const Bytes replid = rest.empty() ? rest : rest.substr(1, kReplidSize);
  const bool has_shape =
      rest.size() > kReplidSize + 2 && rest[0] == ' ' && rest[kReplidSize + 1] == ' ';
  const auto offset = parse_offset(has_shape ? rest.substr(kReplidSize + 2) : Bytes());
  if (!offset || !is_replid(replid)) {
    say(Level::warning, "Master replied with wrong +FULLRESYNC syntax.", out);
    return retry(now, out);
  }
  incoming_ = Position{std::string(replid), *offset};
  state_ = State::awaiting_snapshot;
  say(Level::notice, fmt::format("Full resync from master: {}:{}", replid, incoming_->offset), out);
}

void ReplicaLink::on_snapshot_header(const std::string& line, Instant now, Actions& out) {
  if (line[0] == '$') {
    const Bytes text = Bytes(line).substr(1);
    if (text.starts_with("EOF:") && text.size() == 4 + kReplidSize)
      return begin_snapshot(0, std::string(text.substr(4)), out);
    if (const auto length = parse_offset(text)) return begin_snapshot(*length, {}, out);
    say(Level::warning, "Bad protocol from MASTER, not a snapshot length: " + printable(line), out);
  } else if (line[0] == '-') {
    say(Level::warning,
        "MASTER aborted replication with an error: " + printable(Bytes(line).substr(1)), out);
  } else {
    say(Level::warning,
        fmt::format("Bad protocol from MASTER, the first byte is not '$' (we received '{}'), are "
                    "you sure the host and port are right?",
                    printable(line)),
        out);
  }
  retry(now, out);
}

}  // namespace banyan::replication
