// How what consumer groups do is logged: as commands that bring a replica's group to the same
// state, whatever consumer asked for what and when.
//
// Threads   Pure functions on a call's effects.
#pragma once

#include "commands/call.h"
#include "values/stream.h"

namespace banyan::streams {

using commands::Call;

// A group of a key, with the names that the log needs.
struct GroupName {
  const store::Key& key;
  Bytes group;
};

// The consumer, made (and logged, with its event) when there is none; it was seen now.
values::StreamConsumer& seen_consumer(Call& call, const GroupName& name, values::StreamGroup& group,
                                      Bytes consumer);

// XCLAIM of one entry with its state as it is: or without, when the entry is gone from the stream:
// then it is no longer pending.
void log_claim(Call& call, const GroupName& name, const values::StreamGroup& group,
               const values::StreamPending& pending);

// XGROUP SETID: what was delivered last, and how many entries were read.
void log_group_id(Call& call, const GroupName& name, const values::StreamGroup& group);

}  // namespace banyan::streams
