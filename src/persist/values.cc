#include "persist/values.h"

#include <fmt/format.h>

#include "base/check.h"
#include "persist/value_hash.h"
#include "persist/value_list.h"
#include "persist/value_set.h"
#include "persist/value_sorted_set.h"
#include "persist/value_stream.h"
#include "values/stream.h"

namespace banyan::persist {

using store::Entry;

namespace {

bool append_text(std::string& out, const Entry& entry, Compression compression,
                 ValueProgress& progress) {
  if (entry.is_integer()) {
    progress.spend(sizeof entry.integer());
    append_int_string(out, entry.integer());
    return true;
  }
  IntegerText room;
  const Bytes text = entry.text(room);
  progress.spend(text.size());
  append_string(out, text, compression);
  return true;
}

Result<Entry*> load_text(RdbReader& reader, Bytes key) {
  std::string scratch;
  TRY(const Bytes text, reader.string(scratch));
  return Entry::make(key, store::StringValue::of(text));
}

Result<Entry*> load_stream_entry(RdbReader& reader, RdbType type, Bytes key) {
  TRY(values::StreamValue stream, load_stream(reader, type));
  Entry* entry = Entry::make_collection(key, values::Type::stream);
  values::Stream::of(entry->body()) = std::move(stream);
  return entry;
}

}  // namespace

RdbType rdb_type(const Entry& entry) {
  switch (entry.type()) {
    case values::Type::string:
      return RdbType::string;
    case values::Type::list:
      return kListType;
    case values::Type::set:
      return set_rdb_type(entry);
    case values::Type::sorted_set:
      return sorted_set_rdb_type(entry);
    case values::Type::hash:
      return hash_rdb_type(entry);
    case values::Type::stream:
      return kStreamTypeWritten;
  }
  return RdbType::string;
}

void append_value(std::string& out, const Entry& entry, Compression compression) {
  ValueProgress progress;
  CHECK(append_value(out, entry, compression, progress));
}

bool append_value(std::string& out, const Entry& entry, Compression compression,
                  ValueProgress& progress) {
  switch (entry.type()) {
    case values::Type::string:
      return append_text(out, entry, compression, progress);
    case values::Type::list:
      return append_list(out, entry, compression, progress);
    case values::Type::set:
      return append_set(out, entry, compression, progress);
    case values::Type::sorted_set:
      return append_sorted_set(out, entry, compression, progress);
    case values::Type::hash:
      return append_hash(out, entry, compression, progress);
    case values::Type::stream:
      return append_stream(out, values::Stream::of(entry.body()), compression, progress);
  }
  return true;
}

Result<Entry*> load_value(RdbReader& reader, RdbType type, Bytes key, const LoadOptions& options) {
  if (type == RdbType::string) return load_text(reader, key);
  if (is_list(type)) return load_list(reader, type, key, options.limits);
  if (type == RdbType::set || type == RdbType::set_intset || type == RdbType::set_listpack)
    return load_set(reader, type, key, options.limits);
  if (is_sorted_set(type)) return load_sorted_set(reader, type, key, options.limits);
  if (is_hash(type)) return load_hash(reader, type, key, options);
  if (is_stream(type)) return load_stream_entry(reader, type, key);
  return fail(Errc::corrupt, fmt::format("value type {} is not supported", static_cast<int>(type)));
}

}  // namespace banyan::persist
