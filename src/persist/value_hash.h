// Hashes in RDB: their seven types.
//
// Threads   None; pure functions. Failure: see persist/values.h.
#pragma once

#include "base/result.h"
#include "persist/load_options.h"
#include "persist/rdb_append.h"
#include "persist/rdb_format.h"
#include "persist/rdb_reader.h"
#include "persist/value_progress.h"
#include "store/entry.h"

namespace banyan::persist {

RdbType hash_rdb_type(const store::Entry& entry);
// A piece of it; see value_progress.h.
bool append_hash(std::string& out, const store::Entry& entry, Compression compression,
                 ValueProgress& progress);
constexpr bool is_hash(RdbType type) {
  return type == RdbType::hash || type == RdbType::hash_zipmap || type == RdbType::hash_ziplist ||
         type == RdbType::hash_listpack ||
         (type >= RdbType::hash_metadata_pre_ga && type <= RdbType::hash_listpack_ex);
}
// Requires: is_hash(type).
Result<store::Entry*> load_hash(RdbReader& reader, RdbType type, Bytes key,
                                const LoadOptions& options);

}  // namespace banyan::persist
