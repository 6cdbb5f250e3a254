// Call: one command being run: its words, its keys, the data, the reply.
//
// A handler  - reads words (`arg`), keys (`key`), and the time (`now`); never a clock;
//            - writes exactly one reply, or returns an Error and writes none (what it wrote is
//              taken back); or, when there is nothing to take yet, returns wait_for_keys() and
//              writes none: it is run again, from the beginning, when a key may have become ready;
//            - reports changes with db.changed(), and says through db's effects how to log them
//              when the words as received would not do;
//            - never locks: dispatch holds the locks of `keys`.
// Threads    The worker that runs it.
#pragma once

#include <optional>
#include <span>

#include "base/number.h"
#include "base/result.h"
#include "commands/database.h"
#include "commands/session.h"
#include "commands/spec.h"
#include "resp/reply_writer.h"

namespace banyan::commands {

class Registry;

// What lies beyond the data: implemented by the composition root, known to its own families.
class Node {
 protected:
  ~Node() = default;
};

class Call {
 public:
  std::span<const Bytes> words;      // words[0] is the command's name as received
  std::span<const store::Key> keys;  // in the order of the key specs, hashed
  const CommandSpec& spec;
  Session& session;
  Database db;
  resp::ReplyWriter& reply;
  const Registry& registry;
  Node* node = nullptr;  // null where data commands run without a server
  // Limits that handlers obey (proto-max-bulk-len for APPEND and SETRANGE).
  std::size_t string_bytes_max = 512UL * 1024 * 1024;

  std::size_t size() const { return words.size(); }
  Bytes arg(std::size_t i) const { return words[i]; }
  const store::Key& key(std::size_t i = 0) const { return keys[i]; }
  UnixMs now() const { return db.context().now; }
  Rng& rng() const { return db.context().rng; }
  Effects& effects() const { return db.context().effects; }

  // "ERR value is not an integer or out of range"
  Result<std::int64_t> int_arg(std::size_t i) const {
    const auto value = parse_int(arg(i));
    if (!value) return fail(Errc::not_an_integer);
    return *value;
  }
  // How long to wait, in seconds, as the moment when that is over.
  Result<UnixMs> timeout_arg(std::size_t i) const { return parse_timeout_seconds(arg(i), now()); }
  Result<UnixMs> timeout_ms_arg(std::size_t i) const { return parse_timeout_ms(arg(i), now()); }
  // The client waits for its keys; `otherwise` is the reply where it cannot. The command must have
  // changed nothing so far.
  Result<> wait_for_keys(UnixMs deadline, TimeoutReply otherwise, const WaitOptions& options = {});
  bool is(std::size_t i, Bytes token) const { return equals_ignoring_case(arg(i), token); }
};

}  // namespace banyan::commands
