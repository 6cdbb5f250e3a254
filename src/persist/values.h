// The values of keys as RDB holds them: the payload that follows a key's name, in a file, in a full
// synchronisation and in DUMP.
//
// How types come in   Each has a persist/value_<type>.{h,cc}; values.cc lists them.
// Threads             None; the caller owns the entry, or holds its partition's lock.
// Failure             load_value(): corrupt (or need_more) with what is wrong and where; nothing is
//                     allocated for a length that was only claimed.
#pragma once

#include <string>

#include "base/result.h"
#include "persist/load_options.h"
#include "persist/rdb_append.h"
#include "persist/rdb_format.h"
#include "persist/rdb_reader.h"
#include "persist/value_progress.h"
#include "store/entry.h"

namespace banyan::persist {

// What it is written as: a type that Redis 7.0 can read, unless the value needs a newer one.
RdbType rdb_type(const store::Entry& entry);
// All of the value.
void append_value(std::string& out, const store::Entry& entry, Compression compression);
// A piece of it, from where `progress` is. True when it was the last.
bool append_value(std::string& out, const store::Entry& entry, Compression compression,
                  ValueProgress& progress);

// An entry without expiry. Null: nothing of the value is left (all its fields have expired).
Result<store::Entry*> load_value(RdbReader& reader, RdbType type, Bytes key,
                                 const LoadOptions& options);

}  // namespace banyan::persist
