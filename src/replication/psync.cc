#include "replication/psync.h"

#include <fmt/format.h>

#include "base/number.h"

namespace banyan::replication {

Result<PsyncRequest> parse_psync(const std::vector<std::string>& words) {
  if (words.size() != 2 && words.size() != 3) return fail(Errc::syntax);
  const auto first_wanted = parse_int(words[1]);
  if (!first_wanted) return fail(Errc::not_an_integer);
  PsyncRequest request{words[0], *first_wanted, words.size() == 3};
  if (request.is_failover && !equals_ignoring_case(words[2], "failover")) return fail(Errc::syntax);
  return request;
}

Verdict judge(const PsyncRequest& request, LogWindow window) {
  const bool is_first = equals_ignoring_case(request.replid, window.replid);
  const bool is_second =
      window.second_next >= 0 && equals_ignoring_case(request.replid, window.second_replid);
  Continuation answer = Continuation::yes;
  if (request.replid.starts_with('?')) {
    answer = Continuation::full_wanted;
  } else if (!is_first && !is_second) {
    answer = Continuation::unknown_id;
  } else if (!is_first && request.first_wanted > window.second_next) {
    answer = Continuation::second_id_passed;
  } else if (!window.has_backlog || request.first_wanted < window.first ||
             request.first_wanted > window.next) {
    answer = Continuation::not_held;
  }
  return {answer, std::move(window)};
}

Result<> check_failover(const PsyncRequest& request, bool is_primary, Bytes own_replid) {
  if (!request.is_failover) return {};
  if (is_primary) return fail("PSYNC FAILOVER can't be sent to a master.");
  if (!equals_ignoring_case(request.replid, own_replid))
    return fail("PSYNC FAILOVER replid must match my replid.");
  return {};
}

std::string explain(const Verdict& verdict, const PsyncRequest& request, Bytes replica_name) {
  const LogWindow& window = verdict.window;
  switch (verdict.answer) {
    case Continuation::yes:
      return {};
    case Continuation::full_wanted:
      return fmt::format("Full resync requested by replica {}", replica_name);
    case Continuation::unknown_id:
      return fmt::format(
          "Partial resynchronization not accepted: Replication ID mismatch (Replica asked for "
          "'{}', my replication IDs are '{}' and '{}')",
          printable(request.replid), window.replid, window.second_replid);
    case Continuation::second_id_passed:
      return fmt::format(
          "Partial resynchronization not accepted: Requested offset for second ID was {}, but I "
          "can reply up to {}",
          request.first_wanted, window.second_next);
    case Continuation::not_held:
      return fmt::format(
          "Unable to partial resync with replica {} for lack of backlog (Replica request was: {}).",
          replica_name, request.first_wanted);
  }
  return {};
}

}  // namespace banyan::replication
