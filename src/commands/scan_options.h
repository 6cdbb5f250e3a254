// The words behind the cursor of SCAN, HSCAN, SSCAN, ZSCAN.
//
// Threads   Pure functions; the pattern is a view of the call's words.
#pragma once

#include "base/glob.h"
#include "commands/call.h"

namespace banyan::commands {

struct ScanOptions {
  std::uint64_t count = 10;
  Bytes pattern = "*";
  std::optional<Bytes> type = std::nullopt;
  bool no_values = false;

  bool matches(Bytes text) const { return pattern == "*" || glob_match(pattern, text); }
};

// "ERR invalid cursor"
Result<std::uint64_t> parse_cursor(Bytes text);
// Reads the words from number `first` on. TYPE is known only `with_type`, NOVALUES only `of_hash`.
Result<ScanOptions> parse_scan_options(const Call& call, std::size_t first, bool with_type,
                                       bool of_hash = false);

}  // namespace banyan::commands
