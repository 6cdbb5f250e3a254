#include "commands/scan_options.h"

#include "base/number.h"

namespace banyan::commands {

Result<std::uint64_t> parse_cursor(Bytes text) {
  if (text.empty()) return 0;
  const auto cursor = parse_unsigned(text);
  if (!cursor) return fail("invalid cursor");
  return *cursor;
}

Result<ScanOptions> parse_scan_options(const Call& call, std::size_t first, bool with_type,
                                       bool of_hash) {
  ScanOptions options;
  for (std::size_t i = first; i < call.size(); i += 2) {
    if (of_hash && call.is(i, "novalues")) {
      options.no_values = true;
      --i;
      continue;
    }
    if (i + 1 == call.size()) return fail(Errc::syntax);
    if (call.is(i, "count")) {
      TRY(const std::int64_t count, call.int_arg(i + 1));
      if (count < 1) return fail(Errc::syntax);
      options.count = static_cast<std::uint64_t>(count);
    } else if (call.is(i, "match")) {
      options.pattern = call.arg(i + 1);
    } else if (with_type && call.is(i, "type")) {
      options.type = call.arg(i + 1);
    } else {
      return fail(Errc::syntax);
    }
  }
  return options;
}

}  // namespace banyan::commands
