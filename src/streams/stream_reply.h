// How stream commands answer: IDs and entries.
//
// Threads   Pure functions.
#pragma once

#include "commands/call.h"
#include "values/stream.h"

namespace banyan::streams {

using commands::Call;

inline void reply_id(Call& call, values::StreamId id) {
  call.reply.bulk(values::StreamIdText(id).text());
}

// [id, [field, value, ...]]
void reply_entry(Call& call, values::StreamEntry& entry);
// The entry with that ID. False, and no reply, when it is not there.
bool reply_entry_with_id(Call& call, const values::StreamValue& stream, values::StreamId id);
// An array of those in the range, at most `count_max`; 0: no limit.
void reply_entries(Call& call, values::StreamReader& reader, std::uint64_t count_max);

}  // namespace banyan::streams
