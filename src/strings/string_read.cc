#include <algorithm>

#include "strings/string_handlers.h"

namespace banyan::strings {

using namespace commands;

namespace {

using store::Entry;

// Not clamp_range(): here an end that lies before the first byte means the first byte, unless both
// ends are negative and crossed.
Bytes slice(Bytes text, std::int64_t start, std::int64_t end) {
  const auto size = static_cast<std::int64_t>(text.size());
  if (size == 0 || (start < 0 && end < 0 && start > end)) return {};
  const auto from_front = [size](std::int64_t index) {
    return std::max<std::int64_t>(index < 0 ? index + size : index, 0);
  };
  start = from_front(start);
  end = std::min(from_front(end), size - 1);
  if (start > end) return {};
  return text.substr(static_cast<std::size_t>(start), static_cast<std::size_t>(end - start + 1));
}

}  // namespace

Result<> get(Call& call) {
  TRY(const Entry* entry, call.db.find_string(call.key()));
  if (entry == nullptr) {
    call.reply.null();
  } else {
    IntegerText room;
    call.reply.bulk(entry->text(room));
  }
  return {};
}

Result<> mget(Call& call) {
  call.reply.array(call.keys.size());
  for (const store::Key& key : call.keys) {
    const Entry* entry = call.db.find(key);
    if (entry == nullptr || entry->type() != values::Type::string) {
      call.reply.null();
    } else {
      IntegerText room;
      call.reply.bulk(entry->text(room));
    }
  }
  return {};
}

Result<> strlen_of(Call& call) {
  TRY(const Entry* entry, call.db.find_string(call.key()));
  call.reply.integer(entry == nullptr ? 0 : static_cast<std::int64_t>(entry->text_size()));
  return {};
}

Result<> getrange(Call& call) {
  TRY(const std::int64_t start, call.int_arg(2));
  TRY(const std::int64_t end, call.int_arg(3));
  TRY(const Entry* entry, call.db.find_string(call.key()));
  IntegerText room;
  call.reply.bulk(entry == nullptr ? Bytes() : slice(entry->text(room), start, end));
  return {};
}

}  // namespace banyan::strings
