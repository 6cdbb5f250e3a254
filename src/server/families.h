// The families of commands that need the server, one function each.
#pragma once

#include <span>

#include "commands/spec.h"

namespace banyan::server {

std::span<const commands::Family> server_families();

commands::Family client_commands();
commands::Family config_commands();
commands::Family connection_commands();
commands::Family debug_commands();
commands::Family flush_commands();
commands::Family info_commands();
commands::Family latency_commands();
commands::Family memory_commands();
commands::Family persistence_commands();
commands::Family replication_commands();
commands::Family server_commands();
commands::Family slowlog_commands();

}  // namespace banyan::server
