// Authentication: who a client says it is, and whether that is believed.
//
// Vocabulary   The only user so far is `default`, whose password is the setting requirepass; while
//              that is empty, any password will do. A *stranger* is a client that must authenticate
//              and has not.
// Threads      The client's worker, inside the gate.
// Failure      authenticate() changes nothing of the session when it refuses, but counts; a
//              stranger that has been refused too often is closed after the reply.
#pragma once

#include "server/server.h"

namespace banyan::server {

inline constexpr Bytes kDefaultUser = "default";

bool user_exists(Bytes user);

// Takes the same time wherever the two differ.
bool is_same_secret(Bytes given, Bytes secret);

// AUTH, and AUTH in HELLO.
Result<> authenticate(Server& server, ClientSession& session, Bytes user, Bytes password);

// As a new connection starts.
void reset_authentication(Server& server, ClientSession& session, Instant now);

}  // namespace banyan::server
