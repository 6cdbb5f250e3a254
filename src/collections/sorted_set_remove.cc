// ZREM and the removal of ranges.
#include "base/size.h"
#include "collections/sorted_set_handlers.h"
#include "collections/sorted_set_support.h"

namespace banyan::collections {

using namespace commands;

namespace {

using values::RankRange;
using values::SortedSet;
using values::SortedSetView;

// `removed` members are gone.
void report(Call& call, const Database::Place& place, std::size_t removed, Bytes event) {
  if (removed > 0) {
    call.effects().changed(removed - 1);
    call.db.changed(call.key(), EventKind::sorted_set, event);
    erase_if_empty(call, call.key(), place);
  }
  call.reply.integer(static_cast<std::int64_t>(removed));
}

// Removes what range_in(set) says.
template <class RangeIn>
Result<> remove_range(Call& call, const RangeIn& range_in) {
  TRY(const Database::Place place, call.db.place(call.key(), values::Type::sorted_set));
  RankRange range;
  if (place) range = range_in(SortedSetView(place.entry()->body()));
  if (range.count > 0) SortedSet(call.db.writable(place)->body()).erase(range);
  report(call, place, range.count, call.spec.name);
  return {};
}

}  // namespace

Result<> zrem(Call& call) {
  TRY(const Database::Place place, call.db.place(call.key(), values::Type::sorted_set));
  std::size_t removed = 0;
  if (place) {
    SortedSet set(call.db.writable(place)->body());
    for (std::size_t i = 2; i < call.size(); ++i) removed += set.erase(call.arg(i)) ? 1U : 0U;
  }
  report(call, place, removed, "zrem");
  return {};
}

Result<> zremrangebyrank(Call& call) {
  TRY(const std::int64_t start, call.int_arg(2));
  TRY(const std::int64_t stop, call.int_arg(3));
  return remove_range(call, [&](const SortedSetView& set) {
    const Range range = clamp_range(start, stop, set.size());
    return RankRange{range.first, range.count};
  });
}

Result<> zremrangebyscore(Call& call) {
  TRY(const ScoreRange range, parse_score_range(call.arg(2), call.arg(3)));
  return remove_range(call,
                      [&](const SortedSetView& set) { return set.range(range.low, range.high); });
}

Result<> zremrangebylex(Call& call) {
  TRY(const LexRange range, parse_lex_range(call.arg(2), call.arg(3)));
  return remove_range(call, [&](const SortedSetView& set) {
    return set.range(range.low, range.high, values::Direction::up);
  });
}

}  // namespace banyan::collections
