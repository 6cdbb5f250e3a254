// ClientState: what the engine keeps of a client beyond its session, from the first command on that
// needs it: the transaction being gathered, watched keys, what it waits for, its subscriptions.
//
// Threads   Its worker's, but where a part says otherwise; others look under the exclusive gate.
#pragma once

#include <memory>
#include <optional>

#include "commands/session.h"
#include "engine/subscribers.h"
#include "engine/waiter.h"
#include "engine/watch_list.h"

namespace banyan::engine {

struct QueuedCommand {
  commands::Found found;
  OwnedWords words;
};

// Between MULTI and EXEC.
struct Transaction {
  bool open = false;
  bool broken = false;  // a command was refused: EXEC will be, too
  std::vector<QueuedCommand> commands;
  std::size_t memory_bytes = 0;
  // Flags that some command has, and that all have.
  commands::Flag any = commands::Flag::none;
  commands::Flag all = static_cast<commands::Flag>(~0U);
};

// The reply of an EXEC with commands that are answered later, elsewhere.
struct PartedReply {
  std::vector<std::string> pieces;                // before, between and behind the parts
  std::vector<std::optional<std::string>> parts;  // one less
  std::size_t missing = 0;
};

struct ClientState final : commands::SessionState {
  Transaction transaction;
  WatchList watches;
  std::shared_ptr<Waiter> waiter;
  PartedReply parted;
  Subscriptions subscriptions;
};

// Null while the session has none.
inline ClientState* find_state(const commands::Session& session) {
  return static_cast<ClientState*>(session.state.get());
}
inline ClientState& state_of(commands::Session& session) {
  if (session.state == nullptr) session.state = std::make_unique<ClientState>();
  return static_cast<ClientState&>(*session.state);
}

}  // namespace banyan::engine
