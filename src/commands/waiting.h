// Waiting: what a blocking command asks for when it finds nothing to take.
//
// Vocabulary   A *deadline* is a moment of the commands' clock. A key is *ready* when it holds the
//              type that the command's group is about (a list for BLPOP), or when its value of that
//              type has grown.
// Threads      Values.
#pragma once

#include <cstdint>
#include <limits>
#include <string>
#include <vector>

#include "base/bytes.h"
#include "base/result.h"
#include "base/time.h"

namespace banyan::commands {

inline constexpr UnixMs kWaitForever = 0;

// What the command answers at once where nothing can wait: in a transaction, in a script. (A client
// that has waited in vain gets a null array, whatever the command.)
enum class TimeoutReply : std::uint8_t { null, null_array };

struct WaitOptions {
  static constexpr std::size_t kAllKeys = std::numeric_limits<std::size_t>::max();
  std::size_t keys = kAllKeys;  // the first so many of Call::keys (BLMOVE: 1)
  // The command must hear also that a key is gone or holds another type (XREADGROUP).
  bool also_when_gone = false;
  // What is run again instead of the command as received, as many words; empty: that itself. For
  // what must not be asked anew (XREAD's "$": the end of the stream when the client began to wait).
  std::vector<std::string> words = {};
};

struct WaitRequest {
  UnixMs deadline = kWaitForever;
  WaitOptions options;
};

// Seconds, perhaps with a fraction; 0 means for ever.
Result<UnixMs> parse_timeout_seconds(Bytes text, UnixMs now);
Result<UnixMs> parse_timeout_ms(Bytes text, UnixMs now);

}  // namespace banyan::commands
