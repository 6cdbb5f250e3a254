// Waiter: a client that waits for keys, with all that is needed to run its command again on any
// worker's thread.
//
// Vocabulary   Its *places* are where it stands in the queues of its keys (key_interest.h).
// Threads      `waiting` and `places`: under the locks of all its keys (`locks`). `timer`: its own
//              worker's. The rest does not change.
#pragma once

#include <list>
#include <memory>

#include "base/env.h"
#include "commands/registry.h"
#include "commands/session.h"
#include "commands/waiting.h"
#include "engine/owned_words.h"
#include "store/keyspace.h"

namespace banyan::engine {

struct KeyQueues;
struct Waiter;
using WaiterList = std::list<std::shared_ptr<Waiter>>;

struct Waiter {
  Waiter(const commands::Session& client, const commands::Found& command,
         std::span<const Bytes> request)
      : found(command), words(request) {
    session.id = client.id;
    session.kind = client.kind;
    session.database = client.database;
    session.protocol = client.protocol;
    session.authenticated = client.authenticated;
    session.no_touch = client.no_touch;
    session.peer = client.peer;
    session.name = client.name;
    session.user = client.user;
  }

  unsigned worker = 0;
  commands::Session session;  // as it was when it began to wait
  commands::Found found;
  OwnedWords words;
  std::vector<store::Key> keys;  // their texts are in `words`
  store::LockSet locks = 0;      // of all `keys`
  std::size_t awaited_keys = 0;  // the first so many of `keys`
  values::Type type = values::Type::string;
  bool also_when_gone = false;
  bool silent = false;       // CLIENT REPLY OFF: it wants no reply
  std::uint64_t ticket = 0;  // grows in the order in which clients began to wait

  bool waiting = true;
  struct Place {
    KeyQueues* queues;
    WaiterList::iterator at;
  };
  std::vector<Place> places;

  TimerId timer = TimerId::none;
};

}  // namespace banyan::engine
