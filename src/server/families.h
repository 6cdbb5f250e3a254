// The families of commands that need the server, one function each.
#pragma once

#include <span>

#include "commands/spec.h"

namespace banyan::server {

std::span<const commands::Family> server_families();

commands::Family client_commands();
commands::Family connection_commands();
commands::Family persistence_commands();
commands::Family replication_commands();

}  // namespace banyan::server
