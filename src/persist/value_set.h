// Sets in RDB: written as `set` (one string per member) or `set_intset`, since Redis 7.0 knows no
// `set_listpack`; read in all three forms.
//
// Threads   None; the caller owns the entry, or holds its partition's lock.
// Failure   load_set(): corrupt (or need_more). Null for a set without members, which Redis never
//           writes and skips.
#pragma once

#include <string>

#include "base/result.h"
#include "persist/rdb_append.h"
#include "persist/rdb_format.h"
#include "persist/rdb_reader.h"
#include "persist/value_progress.h"
#include "store/entry.h"
#include "values/encoding_limits.h"

namespace banyan::persist {

RdbType set_rdb_type(const store::Entry& entry);
// A piece of it; see value_progress.h.
bool append_set(std::string& out, const store::Entry& entry, Compression compression,
                ValueProgress& progress);
// Requires: `type` is one of the three.
Result<store::Entry*> load_set(RdbReader& reader, RdbType type, Bytes key,
                               const values::EncodingLimits& limits);

}  // namespace banyan::persist
