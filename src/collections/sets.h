// What the files of the set commands share.
//
// Threads   None; the worker that runs the command.
#pragma once

#include "commands/call.h"
#include "values/set.h"

namespace banyan::collections {

using commands::Call;

inline void reply_member(resp::ReplyWriter& reply, const values::SetMember& member) {
  member.is_integer ? reply.bulk_int(member.integer) : reply.bulk(member.text);
}

// The set at a key, for reading; null when there is none.
Result<const values::Body*> find_set(Call& call, const store::Key& key);

// The whole set.
void reply_members(resp::ReplyWriter& reply, const values::Set& set);

// Erases a set from which the last member was taken, and says so.
void erase_emptied(Call& call, const store::Key& key, const commands::Database::Place& place);

}  // namespace banyan::collections
