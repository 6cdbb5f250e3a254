// A client that waits for something which happens elsewhere than in its command's handler.
//
// Threads   Made in a handler; answered from any thread, once.
#pragma once

#include <functional>

#include "commands/call.h"
#include "node/worker.h"

namespace banyan::server {

struct HeldClient {
  node::Worker* worker = nullptr;
  std::uint64_t id = 0;
  std::size_t part = 0;  // of EXEC's reply, when the command is one of a transaction
};

using WriteReply = std::move_only_function<void(resp::ReplyWriter&)>;

// Holds the client of `call`: its handler then returns without a reply. An error for a session
// without a connection (a script, a stream): nothing there can wait. In a transaction the commands
// behind it run at once.
Result<HeldClient> hold_client(commands::Call& call);
// Writes the reply on the client's own worker and lets it go on; nothing if it has gone.
// `closes`: that is the end of the connection.
void answer(const HeldClient& client, WriteReply reply, bool closes = false);

}  // namespace banyan::server
