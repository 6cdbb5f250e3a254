#include "persist/values.h"

#include <fmt/format.h>

#include "persist/value_set.h"
#include "persist/value_sorted_set.h"

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
    case store::Type::set:
      return set_rdb_type(entry);
    case store::Type::sorted_set:
      return sorted_set_rdb_type(entry);
    case store::Type::string:
    case store::Type::list:
    case store::Type::hash:
    case store::Type::stream:
      break;
  }
  return RdbType::string;
}

void append_value(std::string& out, const Entry& entry, Compression compression) {
  switch (entry.type()) {
    case store::Type::set:
      return append_set(out, entry, compression);
    case store::Type::sorted_set:
      return append_sorted_set(out, entry, compression);
    case store::Type::string:
    case store::Type::list:
    case store::Type::hash:
    case store::Type::stream:
      return append_text(out, entry, compression);
  }
}

Result<Entry*> load_value(RdbReader& reader, RdbType type, Bytes key, const LoadOptions& options) {
  if (type == RdbType::string) return load_text(reader, key);
  if (type == RdbType::set || type == RdbType::set_intset || type == RdbType::set_listpack)
    return load_set(reader, type, key, options.limits);
  if (is_sorted_set(type)) return load_sorted_set(reader, type, key, options.limits);
  return fail(Errc::corrupt, fmt::format("value type {} is not supported", static_cast<int>(type)));
}

}  // namespace banyan::persist
