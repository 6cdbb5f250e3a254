#include "commands/dump_codec.h"

namespace banyan::commands {

using store::Entry;

std::string dump_value(const Entry& entry) {
  std::string payload;
  persist::begin_dump(payload, persist::rdb_type(entry));
  persist::append_value(payload, entry, persist::Compression::lzf);
  persist::end_dump(payload);
  return payload;
}

Result<Entry*> restore_value(Bytes key, Bytes payload, const persist::LoadOptions& options) {
  TRY(const persist::DumpedValue dumped, persist::parse_dump(payload));
  persist::RdbReader reader(dumped.payload);
  const auto entry = persist::load_value(reader, dumped.type, key, options);
  if (!entry) return std::unexpected(persist::bad_data_format());
  if (!reader.at_end()) {
    if (*entry != nullptr) Entry::destroy(*entry);
    return std::unexpected(persist::bad_data_format());
  }
  return *entry;
}

}  // namespace banyan::commands
