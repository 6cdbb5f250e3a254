// What a replica says of itself with REPLCONF, and how its words are read.
//
// Invariants   Words are applied in order; at the first bad one the rest is ignored and the error
// is
//              the reply, as in Redis. What is stored is safe to print in INFO: no control
//              characters, no spaces, no commas.
// Threads      None.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/result.h"

namespace banyan::replication {

// What a snapshot for this replica must be. Replicas can share one only if their wishes are equal.
struct SnapshotWishes {
  bool exclude_data = false;
  bool exclude_functions = false;
  bool operator==(const SnapshotWishes&) const = default;
  bool is_filtered() const { return exclude_data || exclude_functions; }
};

struct ReplicaProfile {
  int listening_port = 0;
  std::string ip_address{};
  std::string version{};
  bool capa_eof = false;
  bool capa_psync2 = false;
  bool rdb_only = false;
  SnapshotWishes wishes;
};

struct Ack {
  std::int64_t offset = 0;
  std::optional<std::int64_t> fsynced;
};

struct ReplConfOutcome {
  enum class Kind : std::uint8_t { ok, ack, get_ack, nothing };
  Kind kind = Kind::ok;  // only `ok` is answered
  Ack ack;
};

// `words`: what follows REPLCONF.
Result<ReplConfOutcome> apply_replconf(const std::vector<std::string>& words,
                                       ReplicaProfile& profile);

}  // namespace banyan::replication
