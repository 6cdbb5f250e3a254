// Commands that look at a stream's entries, and how entries are answered.
#include "streams/stream_args.h"
#include "streams/stream_handlers.h"
#include "streams/stream_reply.h"

namespace banyan::streams {

using namespace commands;
using values::Stream;
using values::StreamEntry;
using values::StreamReader;
using values::StreamValue;
using values::Type;

void reply_entry(Call& call, StreamEntry& entry) {
  call.reply.array(2);
  reply_id(call, entry.id);
  call.reply.array(2 * entry.pairs);
  StreamEntry::Room room;
  for (std::uint64_t i = 0; i < entry.pairs; ++i) {
    const auto [field, value] = entry.next_pair(room);
    call.reply.bulk(field);
    call.reply.bulk(value);
  }
}

bool reply_entry_with_id(Call& call, const StreamValue& stream, StreamId id) {
  StreamReader reader(stream, id, id);
  if (!reader.next()) return false;
  reply_entry(call, reader.entry());
  return true;
}

void reply_entries(Call& call, StreamReader& reader, std::uint64_t count_max) {
  const auto array = call.reply.begin_array();
  std::size_t count = 0;
  while ((count_max == 0 || count < count_max) && reader.next()) {
    reply_entry(call, reader.entry());
    ++count;
  }
  call.reply.end_array(array, count);
}

namespace {

// How many entries at most: nullopt without COUNT. None are asked for by a negative one.
Result<std::optional<std::uint64_t>> count_option(const Call& call) {
  std::optional<std::uint64_t> count;
  for (std::size_t i = 4; i < call.size(); i += 2) {
    if (!call.is(i, "COUNT") || i + 1 == call.size()) return fail(Errc::syntax);
    TRY(const std::int64_t value, call.int_arg(i + 1));
    count = value < 0 ? 0 : static_cast<std::uint64_t>(value);
  }
  return count;
}

Result<> range(Call& call, bool reverse) {
  TRY(const StreamId from, range_from_arg(call, reverse ? 3 : 2));
  TRY(const StreamId to, range_to_arg(call, reverse ? 2 : 3));
  TRY(const std::optional<std::uint64_t> count, count_option(call));
  TRY(const store::Entry* entry, call.db.find(call.key(), Type::stream));
  if (entry == nullptr) {
    call.reply.array(0);
  } else if (count == 0) {
    call.reply.null_array();
  } else {
    StreamReader reader(Stream::of(entry->body()), from, to, reverse);
    reply_entries(call, reader, count.value_or(0));
  }
  return {};
}

}  // namespace

Result<> xlen(Call& call) {
  TRY(const store::Entry* entry, call.db.find(call.key(), Type::stream));
  const std::uint64_t size = entry == nullptr ? 0 : Stream::of(entry->body()).size();
  call.reply.integer(static_cast<std::int64_t>(size));
  return {};
}

Result<> xrange(Call& call) { return range(call, false); }
Result<> xrevrange(Call& call) { return range(call, true); }

}  // namespace banyan::streams
