// What makes a changed setting take effect: the hooks of config::Config, and what the server does
// with settings that it hands on.
//
// Threads   Hooks run alone on the node, on the main loop's thread (config_commands.cc sees to it).
#pragma once

#include "commands/context.h"
#include "config/settings.h"

namespace banyan::server {

class Server;

void add_settings_hooks(Server& server);

// How keys' access clocks count, after maxmemory-policy and lfu-*.
void apply_eviction_policy(const config::Memory& memory, commands::Context& context);

}  // namespace banyan::server
