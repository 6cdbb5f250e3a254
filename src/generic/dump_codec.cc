#include "generic/dump_codec.h"

namespace banyan::generic {

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
  // Only the fields of a hash can all be gone by now; what else is empty was never made by DUMP.
  const bool may_be_empty = dumped.type == persist::RdbType::hash_metadata ||
                            dumped.type == persist::RdbType::hash_listpack_ex;
  if (*entry == nullptr && !may_be_empty) return std::unexpected(persist::bad_data_format());
  if (!reader.at_end()) {
    if (*entry != nullptr) Entry::destroy(*entry);
    return std::unexpected(persist::bad_data_format());
  }
  return *entry;
}

}  // namespace banyan::generic
