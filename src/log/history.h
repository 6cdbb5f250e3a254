// History: which stream a node's data belongs to. (Who may continue from it: replication/psync.h.)
//
// Vocabulary   The *id* names the history the node is in; the *previous id* names the one it was in
//              until its last promotion. Up to a point the two histories are the same bytes, so a
//              replica of the old primary can continue with the new one.
//              previous_valid_up_to is Redis's second_replid_offset: the largest ByteNumber that
//              may be asked for under the previous id; -1 = there is no previous id. After a
//              promotion at offset 50 it is 51: a replica with the same 50 bytes asks for byte 51;
//              who asks for 52 claims a byte 51 that only the old primary ever had.
// Invariants   previous_id.is_none() exactly when previous_valid_up_to is -1.
// Threads      None; a value.
#pragma once

#include "log/offset.h"

namespace banyan::log {

struct History {
  ReplicationId id{};
  ReplicationId previous_id{};
  ByteNumber previous_valid_up_to{-1};

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

}  // namespace banyan::log
