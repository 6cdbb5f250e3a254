// The options of SET and GETEX: conditions, and how long the key shall live.
//
// Vocabulary   A *lifetime* is one of EX, PX (relative), EXAT, PXAT (absolute), KEEPTTL, PERSIST.
// Threads      Pure functions.
#pragma once

#include <cstdint>
#include <optional>

#include "base/result.h"
#include "base/time.h"
#include "commands/call.h"

namespace banyan::strings {

using commands::Call;

enum class Lifetime : std::uint8_t { none, keep, persist, ex, px, exat, pxat };

struct SetOptions {
  bool nx = false;
  bool xx = false;
  bool get = false;
  std::optional<Bytes> if_equal = {};  // only if the key holds this string (Valkey's IFEQ)
  Lifetime lifetime = Lifetime::none;
  Bytes time = {};  // the word behind EX, PX, EXAT, PXAT

  bool has_condition() const { return nx || xx || if_equal.has_value(); }
  bool has_time() const { return lifetime >= Lifetime::ex; }
  bool is_relative() const { return lifetime == Lifetime::ex || lifetime == Lifetime::px; }
};

// In any order, repetitions allowed, the last time given wins. Errc::syntax for an unknown word, a
// missing time, and for options that exclude each other.
Result<SetOptions> parse_set_options(const Call& call);
Result<SetOptions> parse_getex_options(const Call& call);

// When the key will be over. Requires: options.has_time(). Errors: not an integer; not positive or
// too far away ("invalid expire time in 'set' command").
Result<UnixMs> expiry_of(const Call& call, const SetOptions& options);

}  // namespace banyan::strings
