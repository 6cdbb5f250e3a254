#include "commands/dump_codec.h"

#include "persist/rdb_append.h"
#include "persist/rdb_reader.h"

namespace banyan::commands {

using persist::RdbType;
using store::Entry;

std::string dump_value(const Entry& entry) {
  std::string payload;
  persist::begin_dump(payload, RdbType::string);
  if (entry.is_integer()) {
    persist::append_int_string(payload, entry.integer());
  } else {
    store::IntegerText room;
    persist::append_string(payload, entry.text(room), persist::Compression::lzf);
  }
  persist::end_dump(payload);
  return payload;
}

Result<Entry*> restore_value(Bytes key, Bytes payload) {
  TRY(const persist::DumpedValue dumped, persist::parse_dump(payload));
  if (dumped.type != RdbType::string) return std::unexpected(persist::bad_data_format());
  persist::RdbReader reader(dumped.payload);
  std::string scratch;
  const auto text = reader.string(scratch);
  if (!text || !reader.at_end()) return std::unexpected(persist::bad_data_format());
  return Entry::make(key, store::StringValue::of(*text));
}

}  // namespace banyan::commands
