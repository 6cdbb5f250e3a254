// How stream commands answer: IDs and entries.
//
// Threads   Pure functions.
#pragma once

#include "commands/call.h"
#include "store/stream.h"

namespace banyan::commands {

inline void reply_id(Call& call, store::StreamId id) {
  call.reply.bulk(store::StreamIdText(id).text());
}

// [id, [field, value, ...]]
void reply_entry(Call& call, store::StreamEntry& entry);
// The entry with that ID. False, and no reply, when it is not there.
bool reply_entry_with_id(Call& call, const store::StreamValue& stream, store::StreamId id);
// An array of those in the range, at most `count_max`; 0: no limit.
void reply_entries(Call& call, store::StreamReader& reader, std::uint64_t count_max);

}  // namespace banyan::commands
