#include "server/families.h"

#include <array>

namespace banyan::server {

std::span<const commands::Family> server_families() {
  static const std::array families = {
      client_commands(),
      connection_commands(),
      persistence_commands(),
      replication_commands(),
  };
  return families;
}

}  // namespace banyan::server
