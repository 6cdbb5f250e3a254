// Taking members from the ends: ZPOPMIN, ZPOPMAX, ZMPOP, and those that wait: BZPOPMIN, BZPOPMAX,
// BZMPOP.
#include <limits>

#include "collections/sorted_set_handlers.h"
#include "collections/sorted_set_support.h"

namespace banyan::collections {

using namespace commands;

namespace {

using values::Direction;
using values::RankRange;
using values::SortedSet;
using values::SortedSetView;

enum class End : std::uint8_t { min, max };

struct Source {
  const store::Key* key = nullptr;  // null: all are missing
  Database::Place place;
};

// The first of the keys that exists.
Result<Source> first_source(Call& call) {
  for (const store::Key& key : call.keys) {
    TRY(const Database::Place place, call.db.place(key, values::Type::sorted_set));
    if (place) return Source{&key, place};
  }
  return Source{};
}

std::size_t members_to_take(const Source& source, std::int64_t wanted) {
  const std::size_t size = SortedSetView(source.place.entry()->body()).size();
  return std::min(size, static_cast<std::size_t>(wanted));
}

// Replies the members, calling before_member() in front of each, and removes them. At least one.
template <class BeforeMember>
void take(Call& call, const Source& source, End end, std::size_t count,
          const BeforeMember& before_member) {
  SortedSet set(call.db.writable(source.place)->body());
  const bool is_min = end == End::min;
  const RankRange range{is_min ? 0 : set.size() - count, count};
  set.visit(range, is_min ? Direction::up : Direction::down, [&](Bytes member, double score) {
    before_member();
    call.reply.bulk(member);
    call.reply.real(score);
  });
  set.erase(range);
  call.effects().changed(count - 1);
  call.db.changed(*source.key, EventKind::sorted_set, is_min ? "zpopmin" : "zpopmax");
  erase_if_empty(call, *source.key, source.place);
}

Bytes plain_name(End end) { return end == End::min ? "ZPOPMIN" : "ZPOPMAX"; }

Result<> pop(Call& call, End end) {
  if (call.size() > 3) return fail(Errc::syntax);
  const bool counted = call.size() == 3;
  std::int64_t wanted = 1;
  if (counted) {
    TRY(wanted, positive_int_arg(call, 2));
  }
  TRY(const Source source, first_source(call));
  if (source.key == nullptr || wanted == 0) {
    call.reply.array(0);
    return {};
  }
  const std::size_t count = members_to_take(source, wanted);
  const bool in_pairs = counted && call.reply.protocol() == resp::Protocol::resp3;
  call.reply.array(in_pairs ? count : count * 2);
  take(call, source, end, count, [&] {
    if (in_pairs) call.reply.array(2);
  });
  return {};
}

Result<> blocking_pop(Call& call, End end) {
  TRY(const UnixMs deadline, call.timeout_arg(call.size() - 1));
  TRY(const Source source, first_source(call));
  if (source.key == nullptr) return call.wait_for_keys(deadline, TimeoutReply::null_array);
  call.reply.array(3);
  call.reply.bulk(source.key->text);
  take(call, source, end, 1, [] {});
  call.effects().instead({plain_name(end), source.key->text});
  return {};
}

struct MultiOptions {
  End end = End::min;
  std::int64_t count = 1;
};

Result<std::int64_t> at_least_one(const Call& call, std::size_t i, const char* text) {
  const auto value = parse_int(call.arg(i));
  if (!value || *value < 1) return fail(text);
  return *value;
}

// `numkeys` is the word with the number of keys.
Result<MultiOptions> parse_multi(const Call& call, std::size_t numkeys) {
  TRY(const std::int64_t keys, at_least_one(call, numkeys, "numkeys should be greater than 0"));
  MultiOptions options;
  if (static_cast<std::uint64_t>(keys) >= call.size() - numkeys - 1) return fail(Errc::syntax);
  std::size_t i = numkeys + static_cast<std::size_t>(keys) + 1;
  if (call.is(i, "max")) {
    options.end = End::max;
  } else if (!call.is(i, "min")) {
    return fail(Errc::syntax);
  }
  bool counted = false;
  for (++i; i < call.size(); ++i) {
    if (counted || !call.is(i, "count") || i + 1 == call.size()) return fail(Errc::syntax);
    TRY(options.count, at_least_one(call, ++i, "count should be greater than 0"));
    counted = true;
  }
  return options;
}

void reply_multi(Call& call, const Source& source, const MultiOptions& options) {
  const std::size_t count = members_to_take(source, options.count);
  call.reply.array(2);
  call.reply.bulk(source.key->text);
  call.reply.array(count);
  take(call, source, options.end, count, [&] { call.reply.array(2); });
  call.effects().instead({plain_name(options.end), source.key->text, std::to_string(count)});
}

}  // namespace

Result<> zpopmin(Call& call) { return pop(call, End::min); }
Result<> zpopmax(Call& call) { return pop(call, End::max); }
Result<> bzpopmin(Call& call) { return blocking_pop(call, End::min); }
Result<> bzpopmax(Call& call) { return blocking_pop(call, End::max); }

Result<> zmpop(Call& call) {
  TRY(const MultiOptions options, parse_multi(call, 1));
  TRY(const Source source, first_source(call));
  if (source.key == nullptr) {
    call.reply.null_array();
  } else {
    reply_multi(call, source, options);
  }
  return {};
}

Result<> bzmpop(Call& call) {
  TRY(const MultiOptions options, parse_multi(call, 2));
  TRY(const UnixMs deadline, call.timeout_arg(1));
  TRY(const Source source, first_source(call));
  if (source.key == nullptr) return call.wait_for_keys(deadline, TimeoutReply::null_array);
  reply_multi(call, source, options);
  return {};
}

}  // namespace banyan::collections
