#include "server/families.h"

#include <array>

namespace banyan::server {

std::span<const commands::Family> server_families() {
  static const std::array families = {
      client_commands(),      config_commands(),      connection_commands(), debug_commands(),
      flush_commands(),       info_commands(),        latency_commands(),    memory_commands(),
      persistence_commands(), replication_commands(), server_commands(),     slowlog_commands(),
  };
  return families;
}

}  // namespace banyan::server
