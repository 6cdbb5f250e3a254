// History: which stream a node's data belongs to, and who may continue from it (PSYNC's rules).
//
// Vocabulary   The *id* names the history the node is in; the *previous id* names the one it was in
//              until its last promotion. Up to a point the two histories are the same bytes, so a
//              replica of the old primary can continue with the new one.
//              previous_valid_up_to is Redis's second_replid_offset: the largest ByteNumber that
//              may be asked for under the previous id; -1 = there is no previous id.
// The rules    (the exact comparisons of Redis 7.2, where off-by-ones live)
//   promotion      at offset 50 the old id stays valid for requests up to byte 51: a replica with
//                  the same 50 bytes asks for 51. A request for 52 claims a byte 51 that only the
//                  old primary ever had.
//   window         with bytes [first, next) held, requests from byte first+1 (the oldest held) to
//                  byte next+1 (nothing to send, yet in step) continue. A log that has just become
//                  active holds nothing: it serves byte next+1 and no other.
//   "?"            asks for a full resync, as every first sync does.
// Invariants   previous_id.is_none() exactly when previous_valid_up_to is -1.
// Threads      None; a value.
#pragma once

#include <string>

#include "log/offset.h"

namespace banyan::log {

// The answer to PSYNC <id> <byte>, with what the log lines about it need.
struct Decision {
  enum class Kind : std::uint8_t {
    partial,             // +CONTINUE, then the bytes from `from`
    requested,           // a full resync, because the replica asked for one
    id_mismatch,         // a full resync: neither of our ids
    beyond_previous_id,  // a full resync: our previous id, but past `limit`, where histories part
    lack_of_backlog,     // a full resync: those bytes are gone, or never were (`is_ahead`)
  };
  Kind kind = Kind::requested;
  ByteNumber asked{-1};
  Offset from{};                   // partial: where its reader starts
  std::int64_t bytes_to_send = 0;  // partial: what the log holds from there
  ByteNumber limit{-1};            // beyond_previous_id
  bool is_ahead = false;           // lack_of_backlog: it asked for more than we ever wrote

  bool is_partial() const { return kind == Kind::partial; }
};

struct History {
  ReplicationId id{};
  ReplicationId previous_id{};
  ByteNumber previous_valid_up_to{-1};

  // `asked_id` and `asked` are as the replica sent them: any text, any number. Even a partial
  // answer can be overtaken by trimming: Reader::open() has the last word.
  Decision can_continue(Bytes asked_id, ByteNumber asked, const Window& window) const;

  // This node stops following and goes on by itself from `at`, under `new_id`.
  void promote(const ReplicationId& new_id, Offset at);

  // The primary answered +CONTINUE with `new_id`: it was promoted while we were away. Our own
  // replicas may continue under the old id as far as we have come. Without effect when `new_id`
  // is the id we have. True when the id changed: then our replicas must reconnect to learn it.
  bool follow(const ReplicationId& new_id, Offset at);

  // A full resync, or data that no other node shares: a history with no past.
  void adopt(const ReplicationId& new_id);

  friend bool operator==(const History&, const History&) = default;
};

// What to log about `decision`, in Redis's words; two lines (joined by '\n') when the replica is
// ahead of us. `asked_id` is cut to an id's length and stripped of what is not printable.
std::string describe(const Decision& decision, const History& history, Bytes asked_id,
                     Bytes replica_name);

}  // namespace banyan::log
