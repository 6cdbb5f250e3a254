// What is pending in a consumer group: looked at and acknowledged.
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
using values::StreamPending;
using values::StreamValue;
using values::Type;

Result<const StreamGroup*> find_group(Call& call) {
  TRY(const store::Entry* entry, call.db.find(call.key(), Type::stream));
  const StreamGroup* group =
      entry == nullptr ? nullptr : Stream::of(entry->body()).find_group(call.arg(2));
  if (group == nullptr) return no_such_group(call.key().text, call.arg(2));
  return group;
}

void reply_summary(Call& call, const StreamGroup& group) {
  const auto& pending = group.pending();
  call.reply.array(4);
  call.reply.integer(static_cast<std::int64_t>(pending.size()));
  if (pending.empty()) {
    call.reply.null();
    call.reply.null();
    call.reply.null_array();
    return;
  }
  reply_id(call, pending.front().id);
  reply_id(call, pending.back().id);
  const auto array = call.reply.begin_array();
  std::size_t count = 0;
  for (const auto& [name, consumer] : group.consumers()) {
    if (consumer->pending.empty()) continue;
    call.reply.array(2);
    call.reply.bulk(name);
    call.reply.bulk_int(static_cast<std::int64_t>(consumer->pending.size()));
    ++count;
  }
  call.reply.end_array(array, count);
}

struct PendingQuery {
  std::int64_t idle_ms_min = 0;
  StreamId from, to;
  std::uint64_t count = 0;
  std::optional<Bytes> consumer = {};
};

Result<PendingQuery> parse_query(const Call& call) {
  PendingQuery query;
  std::size_t at = 3;
  if (call.is(3, "IDLE")) {
    TRY(query.idle_ms_min, call.int_arg(4));
    if (call.size() < 8) return fail(Errc::syntax);
    at = 5;
  }
  TRY(const std::int64_t count, call.int_arg(at + 2));
  query.count = count < 0 ? 0 : static_cast<std::uint64_t>(count);
  TRY(query.from, range_from_arg(call, at));
  TRY(query.to, range_to_arg(call, at + 1));
  if (at + 3 < call.size()) query.consumer = call.arg(at + 3);
  return query;
}

void reply_pending(Call& call, const StreamPending& pending) {
  call.reply.array(4);
  reply_id(call, pending.id);
  call.reply.bulk(pending.consumer->name);
  call.reply.integer(std::max<std::int64_t>(idle_ms(call, pending.delivered), 0));
  call.reply.integer(static_cast<std::int64_t>(pending.deliveries));
}

// Walks over `list`, the group's pending entries or the IDs of one consumer's.
template <class T>
void reply_matching(Call& call, const StreamGroup& group, const values::OrderedById<T>& list,
                    const PendingQuery& query) {
  const auto array = call.reply.begin_array();
  std::size_t count = 0;
  for (auto at = list.lower_bound(query.from); count < query.count && !list.is_end(at);
       at = list.next(at)) {
    const StreamId id = values::id_of(list.at(at));
    if (id > query.to) break;
    const StreamPending* pending = group.pending().find(id);
    if (query.idle_ms_min != 0 && idle_ms(call, pending->delivered) < query.idle_ms_min) continue;
    reply_pending(call, *pending);
    ++count;
  }
  call.reply.end_array(array, count);
}

}  // namespace

Result<> xpending(Call& call) {
  if (call.size() == 3) {
    TRY(const StreamGroup* group, find_group(call));
    reply_summary(call, *group);
    return {};
  }
  if (call.size() < 6 || call.size() > 9) return fail(Errc::syntax);
  TRY(const PendingQuery query, parse_query(call));
  TRY(const StreamGroup* group, find_group(call));
  if (!query.consumer) {
    reply_matching(call, *group, group->pending(), query);
  } else if (const StreamConsumer* consumer = group->find_consumer(*query.consumer)) {
    reply_matching(call, *group, consumer->pending, query);
  } else {
    call.reply.array(0);
  }
  return {};
}

Result<> xack(Call& call) {
  TRY(const Database::Place place, call.db.place(call.key(), Type::stream));
  if (!place || !Stream::of(place.entry()->body()).find_group(call.arg(2))) {
    call.reply.integer(0);
    return {};
  }
  TRY(const std::vector<StreamId> ids, stream_id_args(call, 3));
  StreamGroup& group = *Stream::of(call.db.writable(place)->body()).find_group(call.arg(2));
  std::uint64_t acknowledged = 0;
  for (const StreamId id : ids)
    if (group.acknowledge(id)) ++acknowledged;
  call.effects().changed(acknowledged);
  call.reply.integer(static_cast<std::int64_t>(acknowledged));
  return {};
}

}  // namespace banyan::streams
