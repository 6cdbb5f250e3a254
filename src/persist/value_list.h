// Lists in RDB: written as what Redis 7.0 writes, read in every form that Redis ever wrote.
//
// Threads   See values.h.
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

inline constexpr RdbType kListType = RdbType::list_quicklist_2;

constexpr bool is_list(RdbType type) {
  return type == RdbType::list || type == RdbType::list_ziplist ||
         type == RdbType::list_quicklist || type == RdbType::list_quicklist_2;
}

// A piece of it; see value_progress.h.
bool append_list(std::string& out, const store::Entry& entry, Compression compression,
                 ValueProgress& progress);

// Null for a list without elements, which old versions could write.
Result<store::Entry*> load_list(RdbReader& reader, RdbType type, Bytes key,
                                const values::EncodingLimits& limits);

}  // namespace banyan::persist
