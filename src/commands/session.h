// Session: what the server knows of one client, apart from its socket. Proxies, scripts, links and
// the simulator have sessions without sockets.
//
// Threads   The worker that runs the client's commands. Other workers ask through its mailbox.
#pragma once

#include <cstdint>
#include <memory>
#include <string>

#include "base/time.h"
#include "resp/reply_writer.h"

namespace banyan::commands {

enum class SessionKind : std::uint8_t {
  normal,
  replica,   // a replica's link to us: after PSYNC or SYNC
  primary,   // our link to our primary: its commands are applied, never answered
  internal,  // loading, scripts: no client at all
};

// CLIENT REPLY.
enum class ReplyMode : std::uint8_t { on, off, skip_next, skipping };

// What the engine keeps of a session (engine/client_state.h).
struct SessionState {
  virtual ~SessionState() = default;
};

struct Session {
  std::uint64_t id = 0;
  SessionKind kind = SessionKind::normal;
  unsigned database = 0;
  resp::Protocol protocol = resp::Protocol::resp2;
  bool authenticated = false;  // or nobody asks for it
  ReplyMode reply_mode = ReplyMode::on;
  bool no_evict = false;
  bool no_touch = false;
  bool close_after_reply = false;
  bool close_asap = false;
  bool attack_suspected = false;  // it sent what a web browser would
  std::string peer = {};          // the client's address, as logs show it; empty for other kinds
  std::string name = {};
  std::string library_name = {};
  std::string library_version = {};
  std::string user = "default";
  std::string_view last_command = {};  // its spec's name
  Instant created{};
  Instant last_used{};
  // Null for those that never asked for a transaction, a subscription or the like: most.
  std::unique_ptr<SessionState> state = {};
  std::int64_t last_write_offset = 0;  // log offset behind this session's last write, for WAIT
};

}  // namespace banyan::commands
