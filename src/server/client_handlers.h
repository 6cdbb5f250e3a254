// The handlers of the CLIENT subcommands, and what they share with the other connection commands.
//
// Threads   The client's worker; those that look at other clients run alone on the node.
#pragma once

#include "commands/call.h"
#include "server/server.h"

namespace banyan::server {

inline Server& server_of(const commands::Call& call) { return static_cast<Server&>(*call.node); }

// The client that sent a command. An error for a session without a socket: a link to a primary, a
// file being loaded.
Result<ClientSession*> client_of(commands::Call& call);

// What a subcommand says that takes fewer words than its arity allows.
std::unexpected<Error> too_many_arguments(const commands::Call& call);

// Whether a client may have this name.
Result<> check_client_name(Bytes name);

Result<> client_info(commands::Call& call);
Result<> client_kill(commands::Call& call);
Result<> client_list(commands::Call& call);
Result<> client_pause(commands::Call& call);
Result<> client_unblock(commands::Call& call);
Result<> client_unpause(commands::Call& call);

}  // namespace banyan::server
