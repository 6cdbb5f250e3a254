// ZADD and ZINCRBY.
#include "collections/sorted_set_handlers.h"
#include "collections/sorted_set_support.h"

namespace banyan::collections {

using namespace commands;

namespace {

using store::Entry;
using values::SortedSet;
using What = SortedSet::Added::What;

struct AddWords {
  SortedSet::AddOptions options;
  bool count_changed = false;
  std::size_t first_score = 2;
};

Result<AddWords> parse_words(const Call& call, bool increment) {
  AddWords words;
  SortedSet::AddOptions& o = words.options;
  o.increment = increment;
  std::size_t& i = words.first_score;
  for (; i < call.size(); ++i) {
    const Bytes word = call.arg(i);
    // A score is longer, or begins with what no option does.
    if (word.empty() || word.size() > 4 || to_lower(word[0]) < 'c') break;
    if (call.is(i, "nx")) {
      o.only_new = true;
    } else if (call.is(i, "xx")) {
      o.only_existing = true;
    } else if (call.is(i, "ch")) {
      words.count_changed = true;
    } else if (call.is(i, "incr")) {
      o.increment = true;
    } else if (call.is(i, "gt")) {
      o.only_greater = true;
    } else if (call.is(i, "lt")) {
      o.only_less = true;
    } else {
      break;
    }
  }
  const std::size_t rest = call.size() - i;
  if (rest == 0 || rest % 2 != 0) return fail(Errc::syntax);
  if (o.only_new && o.only_existing)
    return fail("XX and NX options at the same time are not compatible");
  if ((o.only_greater && o.only_new) || (o.only_less && o.only_new) ||
      (o.only_greater && o.only_less))
    return fail("GT, LT, and/or NX options at the same time are not compatible");
  if (o.increment && rest > 2) return fail("INCR option supports a single increment-element pair");
  return words;
}

Result<double> score_arg(const Call& call, std::size_t i) {
  const auto score = parse_double(call.arg(i));
  if (!score) return fail(Errc::not_a_float);
  return *score;
}

struct Totals {
  std::uint64_t added = 0;
  std::uint64_t updated = 0;
  std::optional<double> score = std::nullopt;  // of the last one that was not refused
};

// All or nothing: no score may be wrong once the first member is added. The first score.
Result<double> check_pairs(const Call& call, std::size_t first_score) {
  double first = 0;
  for (std::size_t i = first_score; i < call.size(); i += 2) {
    TRY(const double score, score_arg(call, i));
    if (i == first_score) first = score;
    if (call.arg(i + 1).size() > encodings::Member::kBytesMax) return fail("member is too long");
  }
  return first;
}

// What check_pairs() found right.
Result<Totals> add_all(Call& call, SortedSet& set, const AddWords& words, double score) {
  const values::EncodingLimits& limits = call.db.context().limits;
  Totals totals;
  for (std::size_t i = words.first_score; i < call.size(); i += 2) {
    if (i != words.first_score) {
      TRY(score, score_arg(call, i));
    }
    const auto added = set.add(call.arg(i + 1), score, words.options, limits);
    if (added.what == What::not_a_number) return fail("resulting score is not a number (NaN)");
    if (added.what == What::added) ++totals.added;
    if (added.what == What::updated) ++totals.updated;
    if (added.what != What::refused) totals.score = added.score;
  }
  return totals;
}

void reply_totals(Call& call, const AddWords& words, const Totals& totals) {
  if (words.options.increment) {
    totals.score ? call.reply.real(*totals.score) : call.reply.null();
  } else {
    const std::uint64_t count = totals.added + (words.count_changed ? totals.updated : 0);
    call.reply.integer(static_cast<std::int64_t>(count));
  }
}

Result<> add(Call& call, const AddWords& words) {
  TRY(const double first_score, check_pairs(call, words.first_score));
  if (words.options.only_existing) {
    TRY(const Database::Place place, call.db.place(call.key(), values::Type::sorted_set));
    if (!place) {
      reply_totals(call, words, {});
      return {};
    }
  }
  TRY(Entry * entry, call.db.open(call.key(), values::Type::sorted_set));
  SortedSet set(entry->body());
  const std::size_t count = (call.size() - words.first_score) / 2;
  set.expect(count, call.arg(words.first_score + 1).size(), call.db.context().limits);
  TRY(const Totals totals, add_all(call, set, words, first_score));
  if (const std::uint64_t changes = totals.added + totals.updated; changes > 0) {
    call.effects().changed(changes - 1);
    call.db.changed(call.key(), EventKind::sorted_set, words.options.increment ? "zincr" : "zadd");
  }
  reply_totals(call, words, totals);
  return {};
}

}  // namespace

Result<> zadd(Call& call) {
  TRY(const AddWords words, parse_words(call, false));
  return add(call, words);
}

Result<> zincrby(Call& call) {
  TRY(const AddWords words, parse_words(call, true));
  return add(call, words);
}

}  // namespace banyan::collections
