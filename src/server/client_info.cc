#include <fmt/format.h>

#include "server/worker.h"

namespace banyan::server {

std::string describe_client(const Connection& connection, Instant now) {
  const ClientSession& s = connection.session();
  const auto seconds = [&](Instant since) {
    return std::chrono::duration_cast<std::chrono::seconds>(now - since).count();
  };
  return fmt::format(
      "id={} addr={} laddr={} name={} age={} idle={} flags=N db={} cmd={} user={} resp={} "
      "lib-name={} lib-ver={}",
      s.id, connection.peer().to_string(), connection.local().to_string(), s.name,
      seconds(s.created), seconds(s.last_used), s.database,
      s.last_command.empty() ? "NULL" : s.last_command, s.user, static_cast<int>(s.protocol),
      s.library_name, s.library_version);
}

}  // namespace banyan::server
