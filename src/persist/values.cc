#include "persist/values.h"

#include <fmt/format.h>

#include "persist/value_stream.h"
#include "store/stream.h"

namespace banyan::persist {

using store::Entry;

namespace {

void append_text(std::string& out, const Entry& entry, Compression compression) {
  if (entry.is_integer()) return append_int_string(out, entry.integer());
  store::IntegerText room;
  append_string(out, entry.text(room), compression);
}

Result<Entry*> load_stream_entry(RdbReader& reader, RdbType type, Bytes key) {
  TRY(store::StreamValue stream, load_stream(reader, type));
  Entry* entry = Entry::make_collection(key, store::Type::stream);
  store::Stream::of(entry->body()) = std::move(stream);
  return entry;
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
      break;
    case store::Type::stream:
      return kStreamTypeWritten;
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
      return append_text(out, entry, compression);
    case store::Type::stream:
      return append_stream(out, store::Stream::of(entry.body()), compression);
  }
}

Result<Entry*> load_value(RdbReader& reader, RdbType type, Bytes key, const LoadOptions& options) {
  (void)options;
  if (type == RdbType::string) return load_text(reader, key);
  if (is_stream(type)) return load_stream_entry(reader, type, key);
  return fail(Errc::corrupt, fmt::format("value type {} is not supported", static_cast<int>(type)));
}

}  // namespace banyan::persist
