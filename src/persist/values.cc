#include "persist/values.h"

#include <fmt/format.h>

namespace banyan::persist {

using store::Entry;

namespace {

void append_text(std::string& out, const Entry& entry, Compression compression) {
  if (entry.is_integer()) return append_int_string(out, entry.integer());
  store::IntegerText room;
  append_string(out, entry.text(room), compression);
}

Result<Entry*> load_text(RdbReader& reader, Bytes key) {
  std::string scratch;
  TRY(const Bytes text, reader.string(scratch));
  return Entry::make(key, store::StringValue::of(text));
}

}  // namespace

RdbType rdb_type(const Entry& entry) {
  switch (entry.type()) {
    case store::Type::string:
    case store::Type::list:
    case store::Type::set:
    case store::Type::sorted_set:
    case store::Type::hash:
    case store::Type::stream:
      break;
  }
  return RdbType::string;
}

void append_value(std::string& out, const Entry& entry, Compression compression) {
  switch (entry.type()) {
    case store::Type::string:
    case store::Type::list:
    case store::Type::set:
    case store::Type::sorted_set:
    case store::Type::hash:
    case store::Type::stream:
      return append_text(out, entry, compression);
  }
}

Result<Entry*> load_value(RdbReader& reader, RdbType type, Bytes key, const LoadOptions& options) {
  (void)options;
  if (type == RdbType::string) return load_text(reader, key);
  return fail(Errc::corrupt, fmt::format("value type {} is not supported", static_cast<int>(type)));
}

}  // namespace banyan::persist
