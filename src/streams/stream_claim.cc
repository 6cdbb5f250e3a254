// XCLAIM and XAUTOCLAIM: pending entries change hands.
#include <limits>

#include "streams/stream_args.h"
#include "streams/stream_handlers.h"
#include "streams/stream_idle.h"
#include "streams/stream_log.h"
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

struct Claim {
  std::int64_t idle_ms_min = 0;
  std::optional<UnixMs> delivered;  // what to set it to, if not now
  std::optional<std::uint64_t> deliveries;
  bool force = false;
  bool just_id = false;
  StreamId last_id;
};

Result<std::int64_t> int_or(const Call& call, std::size_t i, std::string_view error) {
  const auto value = parse_int(call.arg(i));
  if (!value) return fail(std::string(error));
  return *value;
}

Result<std::int64_t> idle_arg(const Call& call, std::string_view error) {
  TRY(const std::int64_t idle, int_or(call, 4, error));
  return std::max<std::int64_t>(idle, 0);
}

// The option with a value at word `i`.
Result<> parse_claim_value(const Call& call, std::size_t i, Claim& claim) {
  if (call.is(i, "IDLE")) {
    TRY(const std::int64_t idle, int_or(call, i + 1, "Invalid IDLE option argument for XCLAIM"));
    UnixMs delivered = -1;
    if (__builtin_sub_overflow(call.now(), idle, &delivered)) delivered = -1;
    claim.delivered = delivered;
  } else if (call.is(i, "TIME")) {
    TRY(claim.delivered, int_or(call, i + 1, "Invalid TIME option argument for XCLAIM"));
  } else if (call.is(i, "RETRYCOUNT")) {
    TRY(const std::int64_t count,
        int_or(call, i + 1, "Invalid RETRYCOUNT option argument for XCLAIM"));
    claim.deliveries.reset();
    if (count >= 0) claim.deliveries = static_cast<std::uint64_t>(count);
  } else {
    TRY(claim.last_id, stream_id_arg(call, i + 1));
  }
  return {};
}

// The options from word `i` on.
Result<> parse_claim_options(const Call& call, std::size_t i, Claim& claim) {
  for (; i < call.size(); ++i) {
    const bool has_value = call.is(i, "IDLE") || call.is(i, "TIME") || call.is(i, "RETRYCOUNT") ||
                           call.is(i, "LASTID");
    if (call.is(i, "FORCE")) {
      claim.force = true;
    } else if (call.is(i, "JUSTID")) {
      claim.just_id = true;
    } else if (has_value && i + 1 < call.size()) {
      TRY_DO(parse_claim_value(call, i++, claim));
    } else {
      return fail("Unrecognized XCLAIM option '" + std::string(call.arg(i)) + "'");
    }
  }
  // A time that cannot be is no reason to fail: clients reckon from clocks of their own.
  if (claim.delivered && (*claim.delivered < 0 || *claim.delivered > call.now()))
    claim.delivered.reset();
  return {};
}

// IDs up to the first word that is none.
std::vector<StreamId> leading_ids(const Call& call) {
  std::vector<StreamId> ids;
  for (std::size_t i = 5; i < call.size(); ++i) {
    const auto id = stream_id_arg(call, i);
    if (!id) break;
    ids.push_back(*id);
  }
  return ids;
}

// The group of the key, to be changed, and all that claiming from it needs.
struct Claiming {
  const StreamValue& stream;
  GroupName name;
  StreamGroup& group;
};

Result<Claiming> open_group(Call& call, const Database::Place& place) {
  if (!place || !Stream::of(place.entry()->body()).find_group(call.arg(2)))
    return no_such_group(call.key().text, call.arg(2));
  StreamValue& stream = Stream::of(call.db.writable(place)->body());
  return Claiming{stream, {call.key(), call.arg(2)}, *stream.find_group(call.arg(2))};
}

void give(Call& call, const Claiming& from, const Claim& claim, StreamId id,
          StreamConsumer& consumer) {
  StreamPending& pending = from.group.assign(id, consumer);
  pending.delivered = claim.delivered.value_or(call.now());
  if (claim.deliveries)
    pending.deliveries = *claim.deliveries;
  else if (!claim.just_id)
    ++pending.deliveries;
  consumer.active = call.now();
  log_claim(call, from.name, from.group, pending);
}

// The entry is gone from the stream: nobody has to acknowledge it any more.
void drop(Call& call, const Claiming& from, const StreamPending& pending) {
  log_claim(call, from.name, from.group, pending);
  from.group.acknowledge(pending.id);
}

void reply_claimed(Call& call, const StreamValue& stream, const std::vector<StreamId>& ids,
                   bool just_id) {
  call.reply.array(ids.size());
  for (const StreamId id : ids)
    just_id ? reply_id(call, id) : void(reply_entry_with_id(call, stream, id));
}

// True when the entry now belongs to `consumer`.
bool claim_one(Call& call, const Claiming& from, const Claim& claim, StreamId id,
               StreamConsumer& consumer) {
  StreamPending* pending = from.group.find_pending(id);
  if (!from.stream.contains(id)) {
    if (pending != nullptr) drop(call, from, *pending);
    return false;
  }
  if (pending == nullptr) {
    if (!claim.force) return false;
    from.group.assign(id, consumer).deliveries = 1;
  } else if (claim.idle_ms_min != 0 && idle_ms(call, pending->delivered) < claim.idle_ms_min) {
    return false;
  }
  give(call, from, claim, id, consumer);
  return true;
}

}  // namespace

Result<> xclaim(Call& call) {
  TRY(const Database::Place place, call.db.place(call.key(), Type::stream));
  TRY(const Claiming from, open_group(call, place));
  Claim claim;
  TRY(claim.idle_ms_min, idle_arg(call, "Invalid min-idle-time argument for XCLAIM"));
  std::vector<StreamId> ids = leading_ids(call);
  TRY_DO(parse_claim_options(call, 5 + ids.size(), claim));

  call.effects().nothing();  // but for what is logged below
  const bool is_ahead = claim.last_id > from.group.last_id;
  if (is_ahead) from.group.last_id = claim.last_id;
  StreamConsumer& consumer = seen_consumer(call, from.name, from.group, call.arg(3));
  const std::uint64_t dirty = call.effects().dirty();
  std::erase_if(ids, [&](StreamId id) { return !claim_one(call, from, claim, id, consumer); });
  // A claim says it in passing.
  if (is_ahead && call.effects().dirty() == dirty) log_group_id(call, from.name, from.group);
  reply_claimed(call, from.stream, ids, claim.just_id);
  return {};
}

namespace {

constexpr std::int64_t kAttemptsPerEntry = 10;

struct AutoClaim {
  Claim claim;
  StreamId start;
  std::int64_t count = 100;
};

Result<AutoClaim> parse_xautoclaim(const Call& call) {
  constexpr std::int64_t count_max = std::numeric_limits<std::int64_t>::max() / 16;
  AutoClaim options;
  TRY(options.claim.idle_ms_min, idle_arg(call, "Invalid min-idle-time argument for XAUTOCLAIM"));
  TRY(options.start, range_from_arg(call, 5));
  for (std::size_t i = 6; i < call.size(); ++i) {
    if (call.is(i, "COUNT") && i + 1 < call.size()) {
      TRY(options.count, int_or(call, ++i, "COUNT must be > 0"));
      if (options.count < 1 || options.count > count_max) return fail("COUNT must be > 0");
    } else if (call.is(i, "JUSTID")) {
      options.claim.just_id = true;
    } else {
      return fail(Errc::syntax);
    }
  }
  return options;
}

struct AutoClaimed {
  std::vector<StreamId> claimed, deleted;
  StreamId next;  // 0-0: the end was reached
};

AutoClaimed claim_idle(Call& call, const Claiming& from, const AutoClaim& options,
                       StreamConsumer& consumer) {
  AutoClaimed result;
  const auto& pending = from.group.pending();
  auto at = pending.lower_bound(options.start);
  for (std::int64_t attempts = options.count * kAttemptsPerEntry, left = options.count;
       attempts > 0 && left > 0 && !pending.is_end(at); --attempts) {
    const StreamPending& each = pending.at(at);
    const StreamId id = each.id;
    if (!from.stream.contains(id)) {
      drop(call, from, each);
      result.deleted.push_back(id);
      --left;
      at = pending.lower_bound(id);
      continue;
    }
    if (options.claim.idle_ms_min == 0 ||
        idle_ms(call, each.delivered) >= options.claim.idle_ms_min) {
      give(call, from, options.claim, id, consumer);
      result.claimed.push_back(id);
      --left;
    }
    at = pending.next(at);
  }
  if (!pending.is_end(at)) result.next = pending.at(at).id;
  return result;
}

}  // namespace

Result<> xautoclaim(Call& call) {
  TRY(const AutoClaim options, parse_xautoclaim(call));
  TRY(const Database::Place place, call.db.place(call.key(), Type::stream));
  TRY(const Claiming from, open_group(call, place));

  call.effects().nothing();  // but for what is logged below
  StreamConsumer& consumer = seen_consumer(call, from.name, from.group, call.arg(3));
  const AutoClaimed result = claim_idle(call, from, options, consumer);
  call.reply.array(3);
  reply_id(call, result.next);
  reply_claimed(call, from.stream, result.claimed, options.claim.just_id);
  call.reply.array(result.deleted.size());
  for (const StreamId id : result.deleted) reply_id(call, id);
  return {};
}

}  // namespace banyan::streams
