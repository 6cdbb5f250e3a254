// The payload of DUMP and RESTORE: a type, a value as in RDB, and a footer of two bytes of version
// and eight of checksum.
//
// Threads   None; pure functions.
// Failure   parse_dump() answers with the two errors that RESTORE has; both have code Errc::err.
#pragma once

#include <string>

#include "base/bytes.h"
#include "base/result.h"
#include "persist/rdb_format.h"

namespace banyan::persist {

struct DumpedValue {
  RdbType type = RdbType::string;
  Bytes payload;  // to be taken apart with RdbReader; whole, but its inside is not checked
};

// Starts a payload in the empty `out`: append the value as in RDB, then end_dump().
void begin_dump(std::string& out, RdbType type);
void end_dump(std::string& out, int version = kRdbVersionWritten);

// "ERR DUMP payload version or checksum are wrong", or "ERR Bad data format" when what lies inside
// is not exactly one value. Who decodes the payload and cannot answers with bad_data_format().
Result<DumpedValue> parse_dump(Bytes dump, bool verify_checksum = true);
Error bad_data_format();

}  // namespace banyan::persist
