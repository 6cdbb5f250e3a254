// ZUNION, ZINTER, ZDIFF, the same with STORE, and ZINTERCARD.
#include <algorithm>
#include <cmath>
#include <vector>

#include "collections/sorted_set_handlers.h"
#include "collections/sorted_set_source.h"
#include "collections/sorted_set_support.h"

namespace banyan::collections {

using namespace commands;

namespace {

using encodings::Member;
using encodings::MemberGatherer;
using store::Entry;

enum class Operation : std::uint8_t { unite, intersect, subtract };
enum class Aggregate : std::uint8_t { sum, min, max };
using Sources = std::vector<SortedSetSource>;

struct Job {
  Operation operation;
  bool is_store = false;
  bool is_count = false;  // ZINTERCARD
  Sources sources = {};
  Aggregate aggregate = Aggregate::sum;
  bool with_scores = false;
  std::uint64_t limit = 0;  // 0: none
};

Result<Aggregate> parse_aggregate(Bytes word) {
  if (equals_ignoring_case(word, "sum")) return Aggregate::sum;
  if (equals_ignoring_case(word, "min")) return Aggregate::min;
  if (equals_ignoring_case(word, "max")) return Aggregate::max;
  return fail(Errc::syntax);
}

Result<> find_sources(Call& call, std::size_t numkeys, Job& job) {
  TRY(const std::int64_t count, call.int_arg(numkeys));
  if (count < 1)
    return fail("at least 1 input key is needed for '" + std::string(call.spec.name) + "' command");
  if (static_cast<std::uint64_t>(count) > call.size() - numkeys - 1) return fail(Errc::syntax);
  const std::size_t first = job.is_store ? 1 : 0;
  for (std::size_t i = 0; i < static_cast<std::size_t>(count); ++i) {
    const Entry* entry = call.db.find(call.key(first + i));
    if (entry != nullptr && entry->type() != values::Type::sorted_set &&
        entry->type() != values::Type::set)
      return fail(Errc::wrong_type);
    job.sources.emplace_back(entry);
  }
  return {};
}

Result<> parse_options(const Call& call, std::size_t first, Job& job) {
  const bool has_scores = job.operation != Operation::subtract && !job.is_count;
  for (std::size_t i = first; i < call.size(); ++i) {
    const std::size_t left = call.size() - i;
    if (has_scores && left > job.sources.size() && call.is(i, "weights")) {
      for (SortedSetSource& source : job.sources) {
        const auto weight = parse_double(call.arg(++i));
        if (!weight) return fail("weight value is not a float");
        source.weight = *weight;
      }
    } else if (has_scores && left >= 2 && call.is(i, "aggregate")) {
      TRY(job.aggregate, parse_aggregate(call.arg(++i)));
    } else if (!job.is_store && !job.is_count && call.is(i, "withscores")) {
      job.with_scores = true;
    } else if (job.is_count && left >= 2 && call.is(i, "limit")) {
      const auto limit = parse_int(call.arg(++i));
      if (!limit || *limit < 0) return fail("LIMIT can't be negative");
      job.limit = static_cast<std::uint64_t>(*limit);
    } else {
      return fail(Errc::syntax);
    }
  }
  return {};
}

double weighted(double score, double weight) {
  const double result = score * weight;
  return std::isnan(result) ? 0 : result;
}

double aggregated(double score, double other, Aggregate how) {
  switch (how) {
    case Aggregate::min:
      return other < score ? other : score;
    case Aggregate::max:
      return other > score ? other : score;
    case Aggregate::sum:
      break;
  }
  const double sum = score + other;
  return std::isnan(sum) ? 0 : sum;  // inf and -inf
}

void unite(const Job& job, MemberGatherer& result) {
  for (const SortedSetSource& source : job.sources) {
    source.visit([&](Bytes text, double score) {
      score = weighted(score, source.weight);
      const std::uint64_t hash = result.hash(text);
      if (Member* member = result.find(text, hash)) {
        member->set_score(aggregated(member->score(), score, job.aggregate));
      } else {
        result.add(text, hash, score);
      }
      return true;
    });
  }
}

// Calls found(text, score) for every common member, until it answers false. The smallest source
// comes first.
template <class Found>
void intersect(const Job& job, const Found& found) {
  job.sources[0].visit([&](Bytes text, double score) {
    score = weighted(score, job.sources[0].weight);
    for (std::size_t i = 1; i < job.sources.size(); ++i) {
      const auto other = job.sources[i].score(text);
      if (!other) return true;
      score = aggregated(score, *other * job.sources[i].weight, job.aggregate);
    }
    return found(text, score);
  });
}

// Members of the first source looked up in the others, the largest first.
void subtract_by_lookups(Job& job, MemberGatherer& result) {
  std::stable_sort(job.sources.begin() + 1, job.sources.end(),
                   [](const auto& a, const auto& b) { return a.size() > b.size(); });
  job.sources[0].visit([&](Bytes text, double score) {
    const bool elsewhere = std::any_of(job.sources.begin() + 1, job.sources.end(),
                                       [&](const auto& s) { return s.score(text).has_value(); });
    if (!elsewhere) result.add(text, result.hash(text), score);
    return true;
  });
}

void subtract_by_removals(const Job& job, MemberGatherer& result) {
  job.sources[0].visit([&](Bytes text, double score) {
    result.add(text, result.hash(text), score);
    return true;
  });
  for (std::size_t i = 1; i < job.sources.size(); ++i) {
    job.sources[i].visit([&](Bytes text, double) {
      if (Member* member = result.find(text, result.hash(text))) result.drop(member);
      return result.size() > 0;
    });
  }
}

// Whichever touches fewer members; lookups stop early, so they count half.
void subtract(Job& job, MemberGatherer& result) {
  std::size_t lookups = 0;
  std::size_t removals = 0;
  for (std::size_t i = 0; i < job.sources.size(); ++i) {
    if (i > 0 && job.sources[i].entry() == job.sources[0].entry()) return;
    lookups += job.sources[0].size();
    removals += job.sources[i].size();
  }
  if (lookups / 2 <= removals) {
    subtract_by_lookups(job, result);
  } else {
    subtract_by_removals(job, result);
  }
}

void compute(Job& job, MemberGatherer& result) {
  if (job.operation == Operation::unite) {
    unite(job, result);
  } else if (job.operation == Operation::intersect) {
    intersect(job, [&](Bytes text, double score) {
      result.add(text, result.hash(text), score);
      return true;
    });
  } else if (job.sources[0].size() > 0) {
    subtract(job, result);
  }
}

std::uint64_t count_common(const Job& job) {
  std::uint64_t count = 0;
  intersect(job, [&](Bytes, double) {
    ++count;
    return count != job.limit;
  });
  return count;
}

Bytes event_of(Operation operation) {
  switch (operation) {
    case Operation::unite:
      return "zunionstore";
    case Operation::intersect:
      return "zinterstore";
    case Operation::subtract:
      break;
  }
  return "zdiffstore";
}

Result<> combine(Call& call, Job job) {
  const std::size_t numkeys = job.is_store ? 2 : 1;
  TRY_DO(find_sources(call, numkeys, job));
  TRY_DO(parse_options(call, numkeys + 1 + job.sources.size(), job));
  if (job.operation != Operation::subtract)
    std::stable_sort(job.sources.begin(), job.sources.end(),
                     [](const auto& a, const auto& b) { return a.size() < b.size(); });
  if (job.is_count) {
    call.reply.integer(static_cast<std::int64_t>(count_common(job)));
    return {};
  }
  MemberGatherer result(call.db.context().limits.table_secret);
  compute(job, result);
  if (job.is_store) {
    store_members(call, call.key(0), result, event_of(job.operation));
    return {};
  }
  const auto sorted = result.sort();
  MemberReply reply(call.reply, job.with_scores);
  reply.begin(sorted.size());
  for (const Member* member : sorted) reply.add(member->text(), member->score());
  return {};
}

}  // namespace

Result<> zunion(Call& call) { return combine(call, {.operation = Operation::unite}); }
Result<> zinter(Call& call) { return combine(call, {.operation = Operation::intersect}); }
Result<> zdiff(Call& call) { return combine(call, {.operation = Operation::subtract}); }
Result<> zunionstore(Call& call) {
  return combine(call, {.operation = Operation::unite, .is_store = true});
}
Result<> zinterstore(Call& call) {
  return combine(call, {.operation = Operation::intersect, .is_store = true});
}
Result<> zdiffstore(Call& call) {
  return combine(call, {.operation = Operation::subtract, .is_store = true});
}
Result<> zintercard(Call& call) {
  return combine(call, {.operation = Operation::intersect, .is_count = true});
}

}  // namespace banyan::collections
