#include "replication/replconf.h"

#include <fmt/format.h>

#include <algorithm>
#include <sstream>

#include "base/number.h"
#include "replication/types.h"

namespace banyan::replication {
namespace {

// As in INFO: a space, a comma or a control character would forge fields.
bool is_plain(Bytes text) {
  return std::all_of(text.begin(), text.end(),
                     [](char c) { return c > ' ' && c < 127 && c != ','; });
}

Result<> set_port(Bytes value, ReplicaProfile& profile) {
  const auto port = parse_int(value);
  if (!port || *port < 0 || *port > 65535) return fail(Errc::not_an_integer);
  profile.listening_port = static_cast<int>(*port);
  return {};
}

Result<> set_address(const std::string& value, ReplicaProfile& profile) {
  constexpr std::size_t kHostMax = 255;
  if (value.size() > kHostMax) {
    return fail(fmt::format(
        "REPLCONF ip-address provided by replica instance is too long: {} bytes", value.size()));
  }
  if (!is_plain(value)) return fail("REPLCONF ip-address is not an address");
  profile.ip_address = value;
  return {};
}

Result<> set_version(const std::string& value, ReplicaProfile& profile) {
  if (value.size() > 32 || !is_plain(value)) return fail("Unrecognized version format");
  profile.version = value;
  return {};
}

Result<> set_rdb_only(Bytes value, ReplicaProfile& profile) {
  if (value != "0" && value != "1") return fail("value is out of range, must be between 0 and 1");
  profile.rdb_only = value == "1";
  return {};
}

Result<> set_filter(const std::string& value, ReplicaProfile& profile) {
  profile.wishes = {.exclude_data = true, .exclude_functions = true};
  std::istringstream names(value);
  for (std::string name; names >> name;) {
    if (!equals_ignoring_case(name, "functions"))
      return fail("Unsupported rdb-filter-only option: " + printable(name));
    profile.wishes.exclude_functions = false;
  }
  return {};
}

void set_capa(Bytes value,
              ReplicaProfile& profile) {  // those we do not know are no concern of ours
  if (equals_ignoring_case(value, "eof")) profile.capa_eof = true;
  if (equals_ignoring_case(value, "psync2")) profile.capa_psync2 = true;
}

// `words` starts with "ack". What cannot be read is dropped without a word: a reply on this link
// would be read as part of the stream.
ReplConfOutcome read_ack(const std::vector<std::string>& words, std::size_t at) {
  ReplConfOutcome outcome{.kind = ReplConfOutcome::Kind::ack, .ack = {}};
  const auto offset = parse_offset(words[at + 1]);
  if (!offset) return {.kind = ReplConfOutcome::Kind::nothing, .ack = {}};
  outcome.ack.offset = *offset;
  if (words.size() > at + 3 && equals_ignoring_case(words[at + 2], "fack"))
    outcome.ack.fsynced = parse_offset(words[at + 3]);
  return outcome;
}

}  // namespace

Result<ReplConfOutcome> apply_replconf(const std::vector<std::string>& words,
                                       ReplicaProfile& profile) {
  if (words.size() % 2 != 0) return fail(Errc::syntax);
  for (std::size_t i = 0; i < words.size(); i += 2) {
    const std::string option = lower(words[i]);
    const std::string& value = words[i + 1];
    if (option == "ack") return read_ack(words, i);
    if (option == "getack") return ReplConfOutcome{ReplConfOutcome::Kind::get_ack, {}};
    if (option == "listening-port") {
      TRY_DO(set_port(value, profile));
    } else if (option == "ip-address") {
      TRY_DO(set_address(value, profile));
    } else if (option == "capa") {
      set_capa(value, profile);
    } else if (option == "version") {
      TRY_DO(set_version(value, profile));
    } else if (option == "rdb-only") {
      TRY_DO(set_rdb_only(value, profile));
    } else if (option == "rdb-filter-only") {
      TRY_DO(set_filter(value, profile));
    } else {
      return fail("Unrecognized REPLCONF option: " + printable(words[i]));
    }
  }
  return ReplConfOutcome{};
}

}  // namespace banyan::replication
