// Commands that look members up: ZCARD, ZCOUNT, ZLEXCOUNT, ZSCORE, ZMSCORE, ZRANK, ZREVRANK, ZSCAN.
#include <cstdio>

#include "collections/sorted_set_handlers.h"
#include "collections/sorted_set_support.h"
#include "commands/scan_options.h"

namespace banyan::collections {

using namespace commands;

namespace {

using store::Entry;
using values::SortedSetView;

void reply_score(Call& call, const std::optional<double>& score) {
  score ? call.reply.real(*score) : call.reply.null();
}

// Of the members in the range that range_in(set) tells.
template <class RangeIn>
Result<> count(Call& call, const RangeIn& range_in) {
  TRY(const Entry* entry, find_sorted_set(call));
  const std::size_t members = entry == nullptr ? 0 : range_in(SortedSetView(entry->body())).count;
  call.reply.integer(static_cast<std::int64_t>(members));
  return {};
}

Result<> rank(Call& call, values::Direction direction) {
  if (call.size() > 4)
    return fail("wrong number of arguments for '" + std::string(call.spec.name) + "' command");
  const bool with_score = call.size() == 4;
  if (with_score && !call.is(3, "withscore")) return fail(Errc::syntax);
  TRY(const Entry* entry, find_sorted_set(call));
  std::optional<SortedSetView::Ranked> found;
  if (entry != nullptr) found = SortedSetView(entry->body()).rank(call.arg(2));
  if (!found) {
    with_score ? call.reply.null_array() : call.reply.null();
    return {};
  }
  std::size_t rank = found->rank;
  if (direction == values::Direction::down) rank = SortedSetView(entry->body()).size() - 1 - rank;
  if (with_score) call.reply.array(2);
  call.reply.integer(static_cast<std::int64_t>(rank));
  if (with_score) call.reply.real(found->score);
  return {};
}

using ScoreText = char[48];

// As ZSCAN tells the scores of big sets: with 17 digits, unlike all other commands.
Bytes precise_text(double score, ScoreText& room) {
  const int size = std::snprintf(room, sizeof room, "%.17g", score);
  return {room, static_cast<std::size_t>(size)};
}

}  // namespace

Result<> zcard(Call& call) {
  TRY(const Entry* entry, find_sorted_set(call));
  const std::size_t size = entry == nullptr ? 0 : SortedSetView(entry->body()).size();
  call.reply.integer(static_cast<std::int64_t>(size));
  return {};
}

Result<> zcount(Call& call) {
  TRY(const ScoreRange range, parse_score_range(call.arg(2), call.arg(3)));
  return count(call, [&](const SortedSetView& set) { return set.range(range.low, range.high); });
}

Result<> zlexcount(Call& call) {
  TRY(const LexRange range, parse_lex_range(call.arg(2), call.arg(3)));
  return count(call, [&](const SortedSetView& set) {
    return set.range(range.low, range.high, values::Direction::up);
  });
}

Result<> zscore(Call& call) {
  TRY(const Entry* entry, find_sorted_set(call));
  std::optional<double> score;
  if (entry != nullptr) score = SortedSetView(entry->body()).score(call.arg(2));
  reply_score(call, score);
  return {};
}

Result<> zmscore(Call& call) {
  TRY(const Entry* entry, find_sorted_set(call));
  call.reply.array(call.size() - 2);
  for (std::size_t i = 2; i < call.size(); ++i) {
    std::optional<double> score;
    if (entry != nullptr) score = SortedSetView(entry->body()).score(call.arg(i));
    reply_score(call, score);
  }
  return {};
}

Result<> zrank(Call& call) { return rank(call, values::Direction::up); }
Result<> zrevrank(Call& call) { return rank(call, values::Direction::down); }

Result<> zscan(Call& call) {
  TRY(std::uint64_t cursor, parse_cursor(call.arg(2)));
  TRY(const Entry* entry, find_sorted_set(call));
  if (entry == nullptr) {
    call.reply.array(2);
    call.reply.bulk("0");
    call.reply.array(0);
    return {};
  }
  TRY(const ScanOptions options, parse_scan_options(call, 3, false));
  const SortedSetView set(entry->body());
  // The cursor comes before the members, but is known after them.
  resp::Output members;
  resp::ReplyWriter writer(members, call.reply.protocol());
  std::size_t seen = 0;
  std::size_t told = 0;
  const auto visit = [&](Bytes member, double score) {
    ++seen;
    if (!options.matches(member)) return;
    ScoreText room;
    writer.bulk(member);
    writer.bulk(set.is_tree() ? precise_text(score, room) : Bytes(room, write_double(room, score)));
    told += 2;
  };
  do {
    cursor = set.scan(cursor, visit);
  } while (cursor != 0 && seen < options.count);
  call.reply.array(2);
  call.reply.bulk(std::to_string(cursor));
  call.reply.array(told);
  call.reply.raw(members.text());
  return {};
}

}  // namespace banyan::collections
