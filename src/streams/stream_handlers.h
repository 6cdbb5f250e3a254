// The handlers of the stream family; stream.cc has their table.
//
// Threads   See Call.
#pragma once

#include "commands/call.h"

namespace banyan::streams {

using commands::Call;

// stream_add.cc
Result<> xadd(Call& call);
Result<> xdel(Call& call);
Result<> xsetid(Call& call);
Result<> xtrim(Call& call);

// stream_range.cc
Result<> xlen(Call& call);
Result<> xrange(Call& call);
Result<> xrevrange(Call& call);

// stream_read.cc
Result<> xread(Call& call);
Result<> xreadgroup(Call& call);

// stream_group.cc
Result<> xgroup_create(Call& call);
Result<> xgroup_createconsumer(Call& call);
Result<> xgroup_delconsumer(Call& call);
Result<> xgroup_destroy(Call& call);
Result<> xgroup_help(Call& call);
Result<> xgroup_setid(Call& call);

// stream_pending.cc
Result<> xack(Call& call);
Result<> xpending(Call& call);

// stream_claim.cc
Result<> xautoclaim(Call& call);
Result<> xclaim(Call& call);

// stream_info.cc
Result<> xinfo_consumers(Call& call);
Result<> xinfo_groups(Call& call);
Result<> xinfo_help(Call& call);
Result<> xinfo_stream(Call& call);

}  // namespace banyan::streams
