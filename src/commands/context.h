// Context: what all commands of one worker share while they run.
//
// Threads   One per worker.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>

#include "base/rng.h"
#include "base/time.h"
#include "commands/effects.h"
#include "commands/waiting.h"
#include "store/interest.h"
#include "store/keyspace.h"
#include "values/encoding_limits.h"

namespace banyan::commands {

// What to do with a key whose time is over.
enum class ExpiryMode : std::uint8_t {
  remove,  // primary: delete it, and log that
  hide,    // replica, for its clients: act as if it were deleted, until the primary says so
  ignore,  // replica, applying its primary's stream: the primary decides
};

// Kinds of keyspace events, by the letters of notify-keyspace-events.
enum class EventKind : std::uint8_t {
  generic,
  string,
  list,
  set,
  hash,
  sorted_set,
  stream,
  expired,
  evicted,
  new_key,
  key_miss,  // no change: somebody looked for a key that is not there
};

// Hears of every change of a key, under the lock of its partition.
class ChangeObserver {
 public:
  virtual void on_change(unsigned database, Bytes key, EventKind kind, Bytes event) = 0;
  // All keys of `database` are about to be replaced by those of `by` (null: by nothing). Under the
  // exclusive gate.
  virtual void on_replace(unsigned /*database*/, const store::TableSet* /*by*/) {}

 protected:
  ~ChangeObserver() = default;
};

// Takes the effects so far into the log before the command is over: for commands that hold no locks
// but those which they take in passing.
class EffectLog {
 public:
  // The caller still holds the locks under which it changed something in `database`.
  virtual void log_now(unsigned database) = 0;

 protected:
  ~EffectLog() = default;
};

// Frees entries that are too large to be freed while others wait.
class Reclaimer {
 public:
  // Takes ownership. Any lock may be held.
  virtual void free_later(store::Entry* entry) = 0;

 protected:
  ~Reclaimer() = default;
};

struct KeyCounters {
  std::uint64_t hits = 0;
  std::uint64_t misses = 0;
  std::uint64_t expired = 0;
  std::uint64_t expired_fields = 0;  // of hashes
};

// A key that a client of a writable replica gave an expiry: no primary will say when it goes.
struct OwnKey {
  unsigned database;
  std::string key;
};

struct Context {
  store::Keyspace& keyspace;
  Rng rng;
  Effects effects = {};
  KeyCounters counters = {};
  UnixMs now = 0;  // of the batch being run
  ExpiryMode expiry = ExpiryMode::remove;
  bool touch = true;  // reading a key renews its access clock (CLIENT NO-TOUCH: not)
  bool lfu = false;   // the access clock counts uses instead of seconds
  std::uint32_t lfu_decay_minutes = 1;
  double lfu_log_factor = 10;
  // By expiry. A key whose expiry changed since is here more than once; the entry has the last
  // word.
  std::multimap<UnixMs, OwnKey> own_expiring = {};
  ChangeObserver* observer = nullptr;
  // Whether there is any need to tell the observer of a change.
  const store::Interest* interest = &store::kAlwaysInterested;
  bool tells_misses = false;  // the observer hears of keys that were looked for in vain, too
  EffectLog* effect_log = nullptr;
  bool may_wait = false;                 // the command being run may make its client wait
  std::optional<WaitRequest> wait = {};  // it does
  bool aftermath = false;                // the dispatcher has something to do behind the command
  values::EncodingLimits limits = {};
  Reclaimer* reclaimer = nullptr;
  // What the log calls the deletions that an expiry, and that other commands, bring about.
  Bytes expiry_deletion = "DEL";
  Bytes own_deletion = "DEL";
};

}  // namespace banyan::commands
