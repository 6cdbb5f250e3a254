// Sorted sets in RDB: written as `zset_listpack` while small, as `zset_2` when large; read in these
// and the two older forms.
//
// Threads   None; the caller owns the entry, or holds its partition's lock.
// Failure   load_sorted_set(): corrupt (or need_more). Null for a sorted set without members, which
//           Redis never writes and skips.
#pragma once

#include <string>

#include "persist/rdb_append.h"
#include "persist/rdb_format.h"
#include "persist/rdb_reader.h"
#include "persist/value_progress.h"
#include "store/entry.h"
#include "values/encoding_limits.h"

namespace banyan::persist {

RdbType sorted_set_rdb_type(const store::Entry& entry);
// A piece of it; see value_progress.h.
bool append_sorted_set(std::string& out, const store::Entry& entry, Compression compression,
                       ValueProgress& progress);
bool is_sorted_set(RdbType type);
// Requires: is_sorted_set(type).
Result<store::Entry*> load_sorted_set(RdbReader& reader, RdbType type, Bytes key,
                                      const values::EncodingLimits& limits);

}  // namespace banyan::persist
