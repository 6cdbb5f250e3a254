#include "log/history.h"

#include <fmt/format.h>

#include <algorithm>

namespace banyan::log {

Decision History::can_continue(Bytes asked_id, ByteNumber asked, const Window& window) const {
  Decision decision{.asked = asked};
  const bool is_previous = !previous_id.is_none() && previous_id.matches(asked_id);

  if (!id.matches(asked_id)) {
    if (asked_id.starts_with('?')) {
      decision.kind = Decision::Kind::requested;
      return decision;
    }
    if (!is_previous) {
      decision.kind = Decision::Kind::id_mismatch;
      return decision;
    }
    if (asked > previous_valid_up_to) {
      decision.kind = Decision::Kind::beyond_previous_id;
      decision.limit = previous_valid_up_to;
      return decision;
    }
  }

  if (!window.active || asked < byte_after(window.first) || asked > byte_after(window.next)) {
    decision.kind = Decision::Kind::lack_of_backlog;
    decision.is_ahead = asked > byte_after(window.next);
    return decision;
  }
  decision.kind = Decision::Kind::partial;
  decision.from = offset_before(asked);
  decision.bytes_to_send = window.next - decision.from;
  return decision;
}

void History::promote(const ReplicationId& new_id, Offset at) {
  previous_id = id;
  previous_valid_up_to = byte_after(at);
  id = new_id;
}

bool History::follow(const ReplicationId& new_id, Offset at) {
  if (new_id == id) return false;
  promote(new_id, at);
  return true;
}

void History::adopt(const ReplicationId& new_id) { *this = History{.id = new_id}; }

namespace {

std::string printable(Bytes text) {
  std::string out(text.substr(0, ReplicationId::kDigits));
  std::replace_if(
      out.begin(), out.end(), [](char c) { return c < ' ' || c > '~'; }, '?');
  return out;
}

}  // namespace

std::string describe(const Decision& decision, const History& history, Bytes asked_id,
                     Bytes replica_name) {
  const std::int64_t asked = decision.asked.number();
  switch (decision.kind) {
    case Decision::Kind::partial:
      return fmt::format(
          "Partial resynchronization request from {} accepted. Sending {} bytes of backlog "
          "starting from offset {}.",
          replica_name, decision.bytes_to_send, asked);
    case Decision::Kind::requested:
      return fmt::format("Full resync requested by replica {}", replica_name);
    case Decision::Kind::id_mismatch:
      return fmt::format(
          "Partial resynchronization not accepted: Replication ID mismatch (Replica asked for "
          "'{}', my replication IDs are '{}' and '{}')",
          printable(asked_id), history.id.text(), history.previous_id.text());
    case Decision::Kind::beyond_previous_id:
      return fmt::format(
          "Partial resynchronization not accepted: Requested offset for second ID was {}, but I "
          "can reply up to {}",
          asked, decision.limit.number());
    case Decision::Kind::lack_of_backlog:
      break;
  }
  std::string text = fmt::format(
      "Unable to partial resync with replica {} for lack of backlog (Replica request was: {}).",
      replica_name, asked);
  if (decision.is_ahead)
    text += fmt::format(
        "\nWarning: replica {} tried to PSYNC with an offset that is greater than the master "
        "replication offset.",
        replica_name);
  return text;
}

}  // namespace banyan::log
