#include <algorithm>
#include <limits>

#include "base/size.h"
#include "strings/string_handlers.h"

namespace banyan::strings {

using namespace commands;

namespace {

// The sum, if a string may be so long. What our primary did happened: its own limit counts, and it
// was kept.
Result<std::size_t> checked_length(const Call& call, std::size_t before, std::size_t more) {
  const auto max = call.session.kind == SessionKind::primary
                       ? std::size_t{std::numeric_limits<std::ptrdiff_t>::max()}
                       : call.string_bytes_max;
  const auto length = checked_add(before, more);
  if (!length || *length > max)
    return fail("string exceeds maximum allowed size (proto-max-bulk-len)");
  return *length;
}

}  // namespace

Result<> append(Call& call) {
  const Bytes tail = call.arg(2);
  TRY(const Database::Place place, call.db.string_place(call.key()));
  std::size_t length = tail.size();
  if (!place) {
    call.db.replace_string(call.key(), place, store::StringValue::of(tail));
  } else {
    const std::size_t before = place.entry()->text_size();
    TRY(length, checked_length(call, before, tail.size()));
    char* text = call.db.resize_string(call.key(), place, length);
    tail.copy(text + before, tail.size());
  }
  call.db.changed(call.key(), EventKind::string, "append");
  call.reply.integer(static_cast<std::int64_t>(length));
  return {};
}

Result<> setrange(Call& call) {
  TRY(const std::int64_t offset, call.int_arg(2));
  if (offset < 0) return fail("offset is out of range");
  const Bytes patch = call.arg(3);
  TRY(const Database::Place place, call.db.string_place(call.key()));
  std::size_t length = place ? place.entry()->text_size() : 0;
  if (!patch.empty()) {
    const auto first = static_cast<std::size_t>(offset);
    TRY(const std::size_t end, checked_length(call, first, patch.size()));
    length = std::max(length, end);
    char* text = call.db.resize_string(call.key(), place, length);
    patch.copy(text + first, patch.size());
    call.db.changed(call.key(), EventKind::string, "setrange");
  }
  call.reply.integer(static_cast<std::int64_t>(length));
  return {};
}

}  // namespace banyan::strings
