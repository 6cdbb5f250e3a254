// The handlers of the bitmap family; bitmap.cc has their table.
//
// Threads   See Call.
#pragma once

#include "commands/call.h"

namespace banyan::strings {

using commands::Call;

// bitmap_read.cc
Result<> bitcount(Call& call);
Result<> bitpos(Call& call);
Result<> getbit(Call& call);

// bitmap_write.cc
Result<> bitop(Call& call);
Result<> setbit(Call& call);

// bitfield.cc
Result<> bitfield(Call& call);
Result<> bitfield_ro(Call& call);

// The number of a bit that a string may have; "#3" means 3 * `width` where `width` is not 0.
// Error: "bit offset is not an integer or out of range".
Result<std::uint64_t> bit_offset(const Call& call, Bytes word, unsigned width = 0);

}  // namespace banyan::strings
