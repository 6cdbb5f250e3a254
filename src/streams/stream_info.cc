// XINFO: what there is to know of a stream, its groups and their consumers.
#include "commands/help.h"
#include "streams/stream_args.h"
#include "streams/stream_handlers.h"
#include "streams/stream_idle.h"
#include "streams/stream_reply.h"

namespace banyan::streams {

using namespace commands;

namespace {

using values::Stream;
using values::StreamConsumer;
using values::StreamGroup;
using values::StreamReader;
using values::StreamValue;
using values::Type;

constexpr std::uint64_t kFullCountDefault = 10;

Result<const StreamValue*> find_stream(Call& call) {
  TRY(const store::Entry* entry, call.db.find(call.key(), Type::stream));
  if (entry == nullptr) return fail(Errc::no_such_key);
  return &Stream::of(entry->body());
}

void integer(Call& call, Bytes name, std::uint64_t value) {
  call.reply.bulk(name);
  call.reply.integer(static_cast<std::int64_t>(value));
}
void text(Call& call, Bytes name, Bytes value) {
  call.reply.bulk(name);
  call.reply.bulk(value);
}
void id(Call& call, Bytes name, StreamId value) {
  call.reply.bulk(name);
  reply_id(call, value);
}
void integer_or_null(Call& call, Bytes name, std::optional<std::int64_t> value) {
  call.reply.bulk(name);
  value ? call.reply.integer(*value) : call.reply.null();
}

std::optional<std::int64_t> entries_read(const StreamGroup& group) {
  if (group.entries_read == StreamGroup::kReadUnknown) return std::nullopt;
  return group.entries_read;
}

void reply_head(Call& call, const StreamValue& stream) {
  const std::size_t blocks = stream.blocks().size();
  integer(call, "length", stream.size());
  integer(call, "radix-tree-keys", blocks);
  integer(call, "radix-tree-nodes", blocks + 1);  // we have no such tree, but a root and leaves
  id(call, "last-generated-id", stream.last_id());
  id(call, "max-deleted-entry-id", stream.max_deleted_id());
  integer(call, "entries-added", stream.entries_added());
  id(call, "recorded-first-entry-id", stream.first_id());
}

void reply_edge(Call& call, Bytes name, const StreamValue& stream, bool last) {
  call.reply.bulk(name);
  StreamReader reader(stream, values::kStreamIdMin, values::kStreamIdMax, last);
  reader.next() ? reply_entry(call, reader.entry()) : call.reply.null();
}

// Calls `each` for the first `count_max` items of the list, 0: for all, as an array under `name`.
template <class T, class Each>
void reply_list(Call& call, Bytes name, const values::OrderedById<T>& list, std::uint64_t count_max,
                const Each& each) {
  call.reply.bulk(name);
  std::size_t left = list.size();
  if (count_max != 0) left = std::min<std::size_t>(left, count_max);
  call.reply.array(left);
  for (auto at = list.begin(); left > 0; at = list.next(at), --left) each(list.at(at));
}

void reply_full_consumer(Call& call, const StreamGroup& group, const StreamConsumer& consumer,
                         std::uint64_t count_max) {
  call.reply.map(5);
  text(call, "name", consumer.name);
  call.reply.bulk("seen-time");
  call.reply.integer(consumer.seen);
  call.reply.bulk("active-time");
  call.reply.integer(consumer.active);
  integer(call, "pel-count", consumer.pending.size());
  reply_list(call, "pending", consumer.pending, count_max, [&](StreamId pending_id) {
    const values::StreamPending* pending = group.pending().find(pending_id);
    call.reply.array(3);
    reply_id(call, pending_id);
    call.reply.integer(pending->delivered);
    call.reply.integer(static_cast<std::int64_t>(pending->deliveries));
  });
}

void reply_full_group(Call& call, const StreamValue& stream, Bytes name, const StreamGroup& group,
                      std::uint64_t count_max) {
  call.reply.map(7);
  text(call, "name", name);
  id(call, "last-delivered-id", group.last_id);
  integer_or_null(call, "entries-read", entries_read(group));
  integer_or_null(call, "lag", stream.lag(group));
  integer(call, "pel-count", group.pending().size());
  reply_list(call, "pending", group.pending(), count_max, [&](const values::StreamPending& each) {
    call.reply.array(4);
    reply_id(call, each.id);
    call.reply.bulk(each.consumer->name);
    call.reply.integer(each.delivered);
    call.reply.integer(static_cast<std::int64_t>(each.deliveries));
  });
  call.reply.bulk("consumers");
  call.reply.array(group.consumers().size());
  for (const auto& [consumer_name, consumer] : group.consumers())
    reply_full_consumer(call, group, *consumer, count_max);
}

void reply_full(Call& call, const StreamValue& stream, std::uint64_t count_max) {
  call.reply.map(9);
  reply_head(call, stream);
  call.reply.bulk("entries");
  StreamReader reader(stream, values::kStreamIdMin, values::kStreamIdMax);
  reply_entries(call, reader, count_max);
  call.reply.bulk("groups");
  call.reply.array(stream.groups().size());
  for (const auto& [name, group] : stream.groups())
    reply_full_group(call, stream, name, group, count_max);
}

// FULL, or FULL COUNT n: how many of everything; nullopt without FULL.
Result<std::optional<std::uint64_t>> full_option(const Call& call) {
  const std::size_t more = call.size() - 3;
  if (more == 0) return std::nullopt;
  if ((more != 1 && more != 3) || !call.is(3, "FULL") || (more == 3 && !call.is(4, "COUNT")))
    return wrong_subcommand(call, "XINFO");
  if (more == 1) return kFullCountDefault;
  TRY(const std::int64_t count, call.int_arg(5));
  return count < 0 ? kFullCountDefault : static_cast<std::uint64_t>(count);
}

}  // namespace

Result<> xinfo_stream(Call& call) {
  TRY(const StreamValue* stream, find_stream(call));
  TRY(const std::optional<std::uint64_t> full, full_option(call));
  if (full) {
    reply_full(call, *stream, *full);
    return {};
  }
  call.reply.map(10);
  reply_head(call, *stream);
  integer(call, "groups", stream->groups().size());
  reply_edge(call, "first-entry", *stream, false);
  reply_edge(call, "last-entry", *stream, true);
  return {};
}

Result<> xinfo_groups(Call& call) {
  TRY(const StreamValue* stream, find_stream(call));
  call.reply.array(stream->groups().size());
  for (const auto& [name, group] : stream->groups()) {
    call.reply.map(6);
    text(call, "name", name);
    integer(call, "consumers", group.consumers().size());
    integer(call, "pending", group.pending().size());
    id(call, "last-delivered-id", group.last_id);
    integer_or_null(call, "entries-read", entries_read(group));
    integer_or_null(call, "lag", stream->lag(group));
  }
  return {};
}

Result<> xinfo_consumers(Call& call) {
  TRY(const StreamValue* stream, find_stream(call));
  const StreamGroup* group = stream->find_group(call.arg(3));
  if (group == nullptr) return no_group_of_key(call.key().text, call.arg(3));
  call.reply.array(group->consumers().size());
  for (const auto& [name, consumer] : group->consumers()) {
    call.reply.map(4);
    text(call, "name", name);
    integer(call, "pending", consumer->pending.size());
    call.reply.bulk("idle");
    call.reply.integer(std::max<std::int64_t>(idle_ms(call, consumer->seen), 0));
    call.reply.bulk("inactive");
    call.reply.integer(consumer->active == -1 ? -1 : idle_ms(call, consumer->active));
  }
  return {};
}

Result<> xinfo_help(Call& call) {
  static constexpr std::string_view kLines[] = {
      "CONSUMERS <key> <groupname>",
      "    Show the consumers of <groupname>.",
      "GROUPS <key>",
      "    Show the consumer groups of the stream.",
      "STREAM <key> [FULL [COUNT <count>]",
      "    Show what there is to know of the stream.",
  };
  reply_help(call, kLines);
  return {};
}

}  // namespace banyan::streams
