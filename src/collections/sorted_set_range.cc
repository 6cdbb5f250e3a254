// ZRANGE and its older relatives, and ZRANGESTORE.
#include "base/size.h"
#include "collections/sorted_set_handlers.h"
#include "collections/sorted_set_support.h"

namespace banyan::collections {

using namespace commands;

namespace {

using store::Entry;
using values::Direction;
using values::RankRange;
using values::SortedSetView;

enum class By : std::uint8_t { rank, score, lex };

struct RangeOptions {
  std::size_t source = 1;  // the word of the sorted set's key; the range follows it
  bool is_store = false;
  std::optional<By> by = std::nullopt;  // empty: what the words say
  std::optional<Direction> direction = std::nullopt;
  bool with_scores = false;
  std::int64_t offset = 0;
  std::int64_t limit = -1;

  By kind() const { return by.value_or(By::rank); }
  bool is_down() const { return direction == Direction::down; }
};

Result<> parse_options(const Call& call, RangeOptions& o) {
  const bool any_kind = !o.by;
  const bool any_direction = !o.direction;
  for (std::size_t i = o.source + 3; i < call.size(); ++i) {
    if (!o.is_store && call.is(i, "withscores")) {
      o.with_scores = true;
    } else if (call.is(i, "limit") && i + 2 < call.size()) {
      TRY(o.offset, call.int_arg(i + 1));
      TRY(o.limit, call.int_arg(i + 2));
      i += 2;
    } else if (any_direction && !o.is_down() && call.is(i, "rev")) {
      o.direction = Direction::down;
    } else if (any_kind && !o.by && call.is(i, "bylex")) {
      o.by = By::lex;
    } else if (any_kind && !o.by && call.is(i, "byscore")) {
      o.by = By::score;
    } else {
      return fail(Errc::syntax);
    }
  }
  if (o.limit != -1 && o.kind() == By::rank)
    return fail(
        "syntax error, LIMIT is only supported in combination with either BYSCORE or BYLEX");
  if (o.with_scores && o.kind() == By::lex)
    return fail("syntax error, WITHSCORES not supported in combination with BYLEX");
  return {};
}

// A range as the words give it, to be applied to a set.
struct Wanted {
  std::int64_t start = 0;
  std::int64_t stop = 0;
  ScoreRange scores;
  LexRange texts;
};

Result<Wanted> parse_wanted(const Call& call, const RangeOptions& o) {
  Wanted wanted;
  std::size_t low = o.source + 1;
  std::size_t high = o.source + 2;
  if (o.kind() == By::rank) {
    TRY(wanted.start, call.int_arg(low));
    TRY(wanted.stop, call.int_arg(high));
    return wanted;
  }
  if (o.is_down()) std::swap(low, high);
  if (o.kind() == By::score) {
    TRY(wanted.scores, parse_score_range(call.arg(low), call.arg(high)));
  } else {
    TRY(wanted.texts, parse_lex_range(call.arg(low), call.arg(high)));
  }
  return wanted;
}

// What LIMIT leaves of a range.
RankRange limited(const RankRange& range, const RangeOptions& o) {
  if (o.offset < 0 || static_cast<std::uint64_t>(o.offset) >= range.count) return {};
  const auto offset = static_cast<std::size_t>(o.offset);
  std::size_t count = range.count - offset;
  if (o.limit >= 0) count = std::min<std::size_t>(count, static_cast<std::uint64_t>(o.limit));
  return {o.is_down() ? range.first + range.count - offset - count : range.first + offset, count};
}

RankRange resolve(const SortedSetView& set, const Wanted& wanted, const RangeOptions& o) {
  switch (o.kind()) {
    case By::rank: {
      const Range range = clamp_range(wanted.start, wanted.stop, set.size());
      if (!o.is_down() || range.count == 0) return {range.first, range.count};
      return {set.size() - range.first - range.count, range.count};
    }
    case By::score:
      return limited(set.range(wanted.scores.low, wanted.scores.high), o);
    case By::lex:
      return limited(set.range(wanted.texts.low, wanted.texts.high,
                               o.is_down() ? Direction::down : Direction::up),
                     o);
  }
  return {};
}

void reply_range(Call& call, const SortedSetView& set, const RankRange& range,
                 const RangeOptions& o) {
  MemberReply reply(call.reply, o.with_scores);
  reply.begin(range.count);
  const Direction direction = o.is_down() ? Direction::down : Direction::up;
  if (!o.with_scores)
    return set.visit_members(range, direction, [&](Bytes member) { call.reply.bulk(member); });
  set.visit_texts(range, direction,
                  [&](Bytes member, Bytes score) { reply.add_text(member, score); });
}

Result<> run_range(Call& call, RangeOptions options) {
  TRY_DO(parse_options(call, options));
  TRY(const Wanted wanted, parse_wanted(call, options));
  TRY(const Entry* entry, find_sorted_set(call, options.is_store ? 1 : 0));
  if (!options.is_store) {
    if (entry == nullptr) {
      call.reply.array(0);
      return {};
    }
    const SortedSetView set(entry->body());
    reply_range(call, set, resolve(set, wanted, options), options);
    return {};
  }
  encodings::MemberGatherer members(call.db.context().limits.table_secret);
  if (entry != nullptr) {
    const SortedSetView set(entry->body());
    const RankRange range = resolve(set, wanted, options);
    set.visit(range, Direction::up, [&](Bytes member, double score) {
      members.add(member, members.hash(member), score);
    });
  }
  store_members(call, call.key(0), members, "zrangestore");
  return {};
}

}  // namespace

Result<> zrange(Call& call) { return run_range(call, {}); }
Result<> zrangestore(Call& call) { return run_range(call, {.source = 2, .is_store = true}); }
Result<> zrevrange(Call& call) {
  return run_range(call, {.by = By::rank, .direction = Direction::down});
}
Result<> zrangebyscore(Call& call) {
  return run_range(call, {.by = By::score, .direction = Direction::up});
}
Result<> zrevrangebyscore(Call& call) {
  return run_range(call, {.by = By::score, .direction = Direction::down});
}
Result<> zrangebylex(Call& call) {
  return run_range(call, {.by = By::lex, .direction = Direction::up});
}
Result<> zrevrangebylex(Call& call) {
  return run_range(call, {.by = By::lex, .direction = Direction::down});
}

}  // namespace banyan::collections
