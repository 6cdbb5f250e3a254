// The question PSYNC asks, and whether a primary may answer "continue".
//
// Vocabulary   The *window* is what the log can say about itself: its two ids, and the numbers of
//              the oldest byte it holds and of the next one it will get. The second id is the name
//              the same bytes had before we were promoted; it is valid up to `second_next`, the
//              number the next byte had when the name changed.
// Invariants   judge() says `yes` only if the asking replica's bytes are a prefix of ours and every
//              byte it lacks is held. Everything else is a full synchronisation.
// Threads      None; pure functions.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/result.h"
#include "replication/types.h"

namespace banyan::replication {

struct PsyncRequest {
  std::string replid;  // "?" asks for a full synchronisation
  std::int64_t first_wanted = -1;
  bool is_failover = false;  // the sender hands its role to us
};

// From the words after PSYNC. The error is the reply.
Result<PsyncRequest> parse_psync(const std::vector<std::string>& words);

struct LogWindow {
  std::string replid, second_replid;
  std::int64_t second_next = -1;  // -1: there is no second id
  std::int64_t first = 1, next = 1;
  bool has_backlog = true;
};

enum class Continuation : std::uint8_t { yes, full_wanted, unknown_id, second_id_passed, not_held };

struct Verdict {
  Continuation answer = Continuation::full_wanted;
  LogWindow window;  // as it was when the question was answered
};

Verdict judge(const PsyncRequest& request, LogWindow window);
// A request with FAILOVER asks us, a replica, to become a primary first. The error is the reply.
Result<> check_failover(const PsyncRequest& request, bool is_primary, Bytes own_replid);
// Why not, in Redis's words; empty for `yes`.
std::string explain(const Verdict& verdict, const PsyncRequest& request, Bytes replica_name);

}  // namespace banyan::replication
