#include "collections/sorted_set_support.h"

#include <cmath>
#include <cstdlib>

namespace banyan::collections {

using namespace commands;
using store::Entry;
using values::LexBound;
using values::SortedSet;

namespace {

// As Redis reads a bound: blanks in front, no text at all, and what is too large are fine here.
std::optional<double> parse_bound_score(Bytes text) {
  if (const auto score = parse_double(text)) return score;
  const std::string copy(text);
  char* end = nullptr;
  const double score = std::strtod(copy.c_str(), &end);
  if (*end != '\0' || std::isnan(score)) return std::nullopt;
  return score;
}

struct ParsedScore {
  double score;
  bool exclusive;
};

std::optional<ParsedScore> parse_score_item(Bytes text) {
  const bool exclusive = text.starts_with('(');
  const auto score = parse_bound_score(exclusive ? text.substr(1) : text);
  if (!score) return std::nullopt;
  return ParsedScore{*score, exclusive};
}

struct ParsedText {
  LexBound bound;
  bool exclusive;
};

std::optional<ParsedText> parse_lex_item(Bytes text) {
  using Kind = LexBound::Kind;
  if (text == "-") return ParsedText{{Kind::lowest}, true};
  if (text == "+") return ParsedText{{Kind::highest}, true};
  if (text.starts_with('(')) return ParsedText{{Kind::text, text.substr(1)}, true};
  if (text.starts_with('[')) return ParsedText{{Kind::text, text.substr(1)}, false};
  return std::nullopt;
}

}  // namespace

Result<ScoreRange> parse_score_range(Bytes low, Bytes high) {
  const auto from = parse_score_item(low);
  const auto to = from ? parse_score_item(high) : std::nullopt;
  if (!to) return fail("min or max is not a float");
  return ScoreRange{{from->score, from->exclusive}, {to->score, !to->exclusive}};
}

Result<LexRange> parse_lex_range(Bytes low, Bytes high) {
  const auto from = parse_lex_item(low);
  const auto to = from ? parse_lex_item(high) : std::nullopt;
  if (!to) return fail("min or max not valid string range item");
  LexRange range{from->bound, to->bound};
  range.low.behind = from->exclusive;
  range.high.behind = !to->exclusive;
  return range;
}

Result<std::int64_t> positive_int_arg(const Call& call, std::size_t i) {
  const auto value = parse_int(call.arg(i));
  if (!value || *value < 0) return fail("value is out of range, must be positive");
  return *value;
}

Result<const Entry*> find_sorted_set(Call& call, std::size_t key) {
  return call.db.find(call.key(key), values::Type::sorted_set);
}

void erase_if_empty(Call& call, const store::Key& key, const Database::Place& place) {
  if (values::SortedSetView(place.entry()->body()).size() > 0) return;
  call.db.erase(place);
  call.db.notify(key, EventKind::generic, "del");
}

void store_members(Call& call, const store::Key& target, encodings::MemberGatherer& members,
                   Bytes event) {
  call.reply.integer(static_cast<std::int64_t>(members.size()));
  if (members.size() == 0) {
    if (call.db.erase(target)) call.db.changed(target, EventKind::generic, "del");
    return;
  }
  Entry* entry = Entry::make_collection(target.text, values::Type::sorted_set);
  SortedSet(entry->body()).assign(members, call.db.context().limits);
  call.db.put(target, entry);
  call.db.changed(target, EventKind::sorted_set, event);
}

}  // namespace banyan::collections
