// The subcommands of DEBUG that are about data and about the protocol; debug_commands.cc lists all.
#pragma once

#include "commands/call.h"

namespace banyan::server {

// Also an entry whose time is over: nothing that DEBUG looks at changes by that. Null: no such key.
const store::Entry* find_raw(commands::Call& call, Bytes text);

// These run alone on the node, since no key spec says what to lock.
Result<> debug_digest(commands::Call& call);
Result<> debug_digest_value(commands::Call& call);
Result<> debug_key_table(commands::Call& call);
Result<> debug_listpack(commands::Call& call);
Result<> debug_list_threshold(commands::Call& call);
Result<> debug_object(commands::Call& call);
Result<> debug_populate(commands::Call& call);
Result<> debug_table_statistics(commands::Call& call);

// These hold the client, and answer it from the main worker.
Result<> debug_reload(commands::Call& call);
Result<> debug_change_id(commands::Call& call);

Result<> debug_protocol(commands::Call& call);

}  // namespace banyan::server
