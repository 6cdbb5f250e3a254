// Commands that put entries into streams and take them out.
#include "streams/stream_args.h"
#include "streams/stream_handlers.h"
#include "streams/stream_reply.h"

namespace banyan::streams {

using namespace commands;

namespace {

using values::Stream;
using values::StreamIdText;
using values::StreamTrim;
using values::StreamValue;
using values::Type;

// The ID that XADD's entry gets.
Result<StreamId> new_id(const Call& call, const StreamAddOptions& options, StreamId last) {
  if (last == values::kStreamIdMax)
    return fail("The stream has exhausted the last possible ID, unable to add more items");
  // It is not the highest, so there is a next one.
  if (!options.has_id)
    return StreamValue::next_id(last, static_cast<std::uint64_t>(call.now())).value();
  StreamId id = options.id;
  if (!options.has_seq && id.ms == last.ms) {
    const auto next = last.next();
    if (next->ms == id.ms) id = *next;
  }
  if (id <= last)
    return fail("The ID specified in XADD is equal or smaller than the target stream top item");
  return id;
}

Result<> check_size(std::span<const Bytes> words) {
  std::size_t bytes = 0;  // the words are in memory: their sizes' sum fits
  for (const Bytes word : words) bytes += word.size();
  if (bytes > values::kStreamEntryBytesMax) return fail("Elements are too large to be stored");
  return {};
}

// What a replica needs for trimming as far as we did.
std::string threshold_of(const StreamValue& stream, const StreamTrim& trim) {
  if (trim.by == StreamTrim::By::length) return std::to_string(stream.size());
  return std::string(StreamIdText(stream.front_id()).text());
}

void trim_after_add(Call& call, StreamValue& stream, const StreamAddOptions& options) {
  if (stream.trim(options.trim) > 0) call.db.notify(call.key(), EventKind::stream, "xtrim");
}

void log_add(Call& call, const StreamValue& stream, const StreamAddOptions& options, Bytes id) {
  if (!call.effects().wanted() || (options.has_id && options.has_seq && !options.trim.approximate))
    return;
  std::string threshold;
  if (options.trim.approximate) threshold = threshold_of(stream, options.trim);
  call.effects().instead(exact_words(call, options, threshold, id));
}

}  // namespace

Result<> xadd(Call& call) {
  TRY(const StreamAddOptions options, parse_xadd(call));
  const std::span<const Bytes> pairs = call.words.subspan(options.id_word + 1);
  if (options.has_id && options.has_seq && options.id.is_zero())
    return fail("The ID specified in XADD must be greater than 0-0");
  TRY(const Database::Place place, call.db.place(call.key(), Type::stream));
  if (!place && !options.may_create) {
    call.reply.null();
    return {};
  }
  const StreamId last = place ? Stream::of(place.entry()->body()).last_id() : StreamId{};
  TRY(const StreamId id, new_id(call, options, last));
  TRY_DO(check_size(pairs));

  store::Entry* entry = nullptr;
  if (place) {
    entry = call.db.writable(place);
  } else {
    TRY(entry, call.db.open(call.key(), Type::stream));
  }
  StreamValue& stream = Stream::of(entry->body());
  stream.append(id, pairs, call.db.context().limits);
  const StreamIdText text(id);
  call.reply.bulk(text.text());
  call.db.changed(call.key(), EventKind::stream, "xadd");
  if (options.trim.by != StreamTrim::By::nothing) trim_after_add(call, stream, options);
  log_add(call, stream, options, text.text());
  return {};
}

Result<> xdel(Call& call) {
  TRY(const Database::Place place, call.db.place(call.key(), Type::stream));
  if (!place) {
    call.reply.integer(0);
    return {};
  }
  TRY(const std::vector<StreamId> ids, stream_id_args(call, 2));
  const std::uint64_t erased = Stream::of(call.db.writable(place)->body()).erase(ids);
  if (erased > 0) {
    call.db.changed(call.key(), EventKind::stream, "xdel");
    call.effects().changed(erased - 1);
  }
  call.reply.integer(static_cast<std::int64_t>(erased));
  return {};
}

Result<> xtrim(Call& call) {
  TRY(const StreamAddOptions options, parse_xtrim(call));
  TRY(const Database::Place place, call.db.place(call.key(), Type::stream));
  if (!place) {
    call.reply.integer(0);
    return {};
  }
  StreamValue& stream = Stream::of(call.db.writable(place)->body());
  const std::uint64_t dropped = stream.trim(options.trim);
  if (dropped > 0) {
    call.db.changed(call.key(), EventKind::stream, "xtrim");
    call.effects().changed(dropped - 1);
    if (options.trim.approximate)
      call.effects().instead(exact_words(call, options, threshold_of(stream, options.trim), {}));
  }
  call.reply.integer(static_cast<std::int64_t>(dropped));
  return {};
}

namespace {

struct SetIdOptions {
  std::optional<std::uint64_t> entries_added;
  StreamId max_deleted_id;
};

Result<SetIdOptions> parse_xsetid(const Call& call, StreamId id) {
  SetIdOptions options;
  for (std::size_t i = 3; i < call.size(); i += 2) {
    if (i + 1 == call.size()) return fail(Errc::syntax);
    if (call.is(i, "ENTRIESADDED")) {
      TRY(const std::int64_t added, call.int_arg(i + 1));
      if (added < 0) return fail("entries_added must be positive");
      options.entries_added = static_cast<std::uint64_t>(added);
    } else if (call.is(i, "MAXDELETEDID")) {
      TRY(options.max_deleted_id, stream_id_arg(call, i + 1));
      if (id < options.max_deleted_id)
        return fail("The ID specified in XSETID is smaller than the provided max_deleted_entry_id");
    } else {
      return fail(Errc::syntax);
    }
  }
  return options;
}

Result<> check_set_id(const StreamValue& stream, StreamId id, const SetIdOptions& options) {
  if (id < stream.max_deleted_id())
    return fail("The ID specified in XSETID is smaller than current max_deleted_entry_id");
  if (stream.size() == 0) return {};
  if (id < stream.last_live_id())
    return fail("The ID specified in XSETID is smaller than the target stream top item");
  if (options.entries_added && *options.entries_added < stream.size())
    return fail("The entries_added specified in XSETID is smaller than the target stream length");
  return {};
}

}  // namespace

Result<> xsetid(Call& call) {
  TRY(const StreamId id, stream_id_arg(call, 2));
  TRY(const SetIdOptions options, parse_xsetid(call, id));
  TRY(const Database::Place place, call.db.place(call.key(), Type::stream));
  if (!place) return fail(Errc::no_such_key);
  TRY_DO(check_set_id(Stream::of(place.entry()->body()), id, options));
  StreamValue& stream = Stream::of(call.db.writable(place)->body());
  StreamValue::Counters counters = stream.counters();
  counters.last_id = id;
  if (options.entries_added) counters.entries_added = *options.entries_added;
  if (!options.max_deleted_id.is_zero()) counters.max_deleted_id = options.max_deleted_id;
  stream.set_counters(counters);
  call.db.changed(call.key(), EventKind::stream, "xsetid");
  call.reply.ok();
  return {};
}

}  // namespace banyan::streams
