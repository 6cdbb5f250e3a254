// Values as DUMP payloads, and back: the value part is what an RDB file holds.
//
// Threads   Pure functions.
#pragma once

#include <string>

#include "base/result.h"
#include "persist/dump.h"
#include "persist/values.h"

namespace banyan::generic {

std::string dump_value(const store::Entry& entry);

// An entry without expiry that holds what `payload` says. "ERR DUMP payload version or checksum are
// wrong", "ERR Bad data format".
Result<store::Entry*> restore_value(Bytes key, Bytes payload, const persist::LoadOptions& options);

}  // namespace banyan::generic
