// Streams as RDB holds them: their blocks as they are, then counters, groups, consumers and what is
// pending.
//
// Threads   None.
// Failure   load_stream(): corrupt, or need_more; every block, ID, name and reference is checked.
#pragma once

#include <string>

#include "base/result.h"
#include "persist/rdb_append.h"
#include "persist/rdb_format.h"
#include "persist/rdb_reader.h"
#include "persist/value_progress.h"
#include "values/stream_value.h"

namespace banyan::persist {

// The newest type that Redis 7.0 reads. It does not hold when a consumer was active: when it was
// last seen is taken for that.
inline constexpr RdbType kStreamTypeWritten = RdbType::stream_listpacks_2;

constexpr bool is_stream(RdbType type) {
  return type == RdbType::stream_listpacks || type == RdbType::stream_listpacks_2 ||
         type == RdbType::stream_listpacks_3;
}

// A piece of it; see value_progress.h.
bool append_stream(std::string& out, const values::StreamValue& stream, Compression compression,
                   ValueProgress& progress);

// Requires: is_stream(type).
Result<values::StreamValue> load_stream(RdbReader& reader, RdbType type);

}  // namespace banyan::persist
