// The handlers of the HyperLogLog family; hyperloglog.cc has their table.
//
// Threads   See Call.
#pragma once

#include <string>

#include "commands/call.h"

namespace banyan::strings {

using commands::Call;

// hyperloglog.cc
Result<> pfadd(Call& call);
Result<> pfcount(Call& call);
Result<> pfmerge(Call& call);

// hyperloglog_debug.cc
Result<> pfdebug(Call& call);
Result<> pfselftest(Call& call);

// The text of a string that holds a HyperLogLog, as far as its header tells; it may be in `room`.
// Error: "WRONGTYPE Key is not a valid HyperLogLog string value."
Result<Bytes> hll_text(const store::Entry& entry, IntegerText& room);
// Makes `text` the value of the key, whose place may be empty; its expiry stays.
void put_hll(Call& call, const commands::Database::Place& place, const std::string& text);

}  // namespace banyan::strings
