#include "values/sorted_set.h"

#include <algorithm>
#include <cmath>

#include "encodings/allocation_class.h"

namespace banyan::values {

using encodings::Listpack;
using encodings::ListpackValue;
using encodings::ListpackView;
using encodings::Member;
using encodings::MemberGatherer;
using encodings::MemberTree;

namespace {

using What = SortedSet::Added::What;

// Is a member before the bound?
struct BeforeScore {
  ScoreBound bound;
  bool operator()(double score) const {
    return bound.behind ? score <= bound.score : score < bound.score;
  }
};
struct BeforeText {
  LexBound bound;
  bool operator()(Bytes text) const {
    if (bound.kind != LexBound::Kind::text) return bound.kind == LexBound::Kind::highest;
    return bound.behind ? text <= bound.text : text < bound.text;
  }
};

// What becomes of a member that is there, with its score and the one given.
SortedSet::Added judge(double held, double score, const SortedSet::AddOptions& options) {
  if (options.only_new) return {What::refused, held};
  if (options.increment) score += held;
  if (std::isnan(score)) return {What::not_a_number, held};
  if ((options.only_less && score >= held) || (options.only_greater && score <= held))
    return {What::refused, held};
  return {score == held ? What::nothing : What::updated, score};
}

ListpackView::Position find_member(ListpackView pack, Bytes member) {
  return pack.find(pack.first(), ListpackValue::of(member), 1);
}

}  // namespace

std::optional<double> SortedSetView::score(Bytes member) const {
  if (is_tree()) {
    const Member* found = tree().find(member);
    if (found == nullptr) return std::nullopt;
    return found->score();
  }
  const auto at = find_member(pack(), member);
  if (at == ListpackView::kNone) return std::nullopt;
  return encodings::score_listpack::score_of(pack().get(pack().after(at)));
}

std::optional<SortedSetView::Ranked> SortedSetView::rank(Bytes member) const {
  if (is_tree()) {
    const Member* found = tree().find(member);
    if (found == nullptr) return std::nullopt;
    return Ranked{tree().order().rank_of(found), found->score()};
  }
  const auto found = find_member(pack(), member);
  if (found == ListpackView::kNone) return std::nullopt;
  std::size_t elements = 0;
  for (auto at = pack().begin(); at != found; at = pack().after(at)) ++elements;
  return Ranked{elements / 2, encodings::score_listpack::score_of(pack().get(pack().after(found)))};
}

std::size_t SortedSetView::rank_of(const ScoreBound& bound) const {
  const BeforeScore before{bound};
  if (is_tree())
    return tree().order().rank_where([&](double score, const Member*) { return before(score); });
  return encodings::score_listpack::rank_where(pack(),
                                               [&](double score, Bytes) { return before(score); });
}

RankRange SortedSetView::range(const LexBound& low, const LexBound& high,
                               Direction direction) const {
  const BeforeText before_low{low};
  const BeforeText before_high{high};
  if (is_tree()) {
    const auto rank_where = [&](const BeforeText& before) {
      return tree().order().rank_where([&](double, const Member* m) { return before(m->text()); });
    };
    return between(rank_where(before_low), rank_where(before_high));
  }
  struct Fit {
    bool low, high;
  };
  std::vector<Fit> fits;
  fits.reserve(size());
  visit_all([&](Bytes text, double) { fits.push_back({!before_low(text), before_high(text)}); });
  if (fits.empty() || !fits.back().low || !fits.front().high) return {};
  std::size_t first = 0;
  std::size_t end = fits.size();
  if (direction == Direction::up) {
    while (!fits[first].low) ++first;  // the last one fits
    for (end = first; end < fits.size() && fits[end].high;) ++end;
  } else {
    while (!fits[end - 1].high) --end;  // the first one fits
    for (first = end; first > 0 && fits[first - 1].low;) --first;
  }
  return between(first, end);
}

void SortedSet::create(Body& body) { body.set(Encoding::listpack, Listpack::make().data()); }

void SortedSet::destroy(Body body) {
  if (body.encoding() == Encoding::skiplist) {
    delete body.as<MemberTree>();
  } else {
    Listpack(body.pointer()).destroy();
  }
}

void SortedSet::copy(Body from, Body& to) {
  if (from.encoding() == Encoding::skiplist) {
    to.set(Encoding::skiplist, from.as<MemberTree>()->copy());
  } else {
    to.set(Encoding::listpack, Listpack::copy_of(ListpackView(from.pointer()).bytes()).data());
  }
}

std::size_t SortedSet::memory_bytes(Body body, std::size_t) {
  if (body.encoding() == Encoding::skiplist) return body.as<MemberTree>()->memory_bytes();
  return encodings::allocation_class(ListpackView(body.pointer()).total_bytes());
}

std::size_t SortedSet::free_effort(Body body) {
  return body.encoding() == Encoding::skiplist ? body.as<MemberTree>()->size() : 1;
}

void SortedSet::become_tree(const EncodingLimits& limits) {
  MemberGatherer members(limits.table_secret);
  visit_all([&](Bytes text, double score) { members.add(text, members.hash(text), score); });
  Listpack(body_->pointer()).destroy();
  body().set(Encoding::skiplist, members.finish().release());
}

void SortedSet::expect(std::size_t count, std::size_t member_bytes, const EncodingLimits& limits) {
  if (is_tree()) return;
  const bool is_new = pack().empty();
  if (count > limits.zset_listpack_entries ||
      (is_new && member_bytes > limits.zset_listpack_value_bytes))
    become_tree(limits);
}

bool SortedSet::fits_pack(Bytes member, const EncodingLimits& limits) const {
  return size() < limits.zset_listpack_entries &&
         member.size() <= limits.zset_listpack_value_bytes && pack().fits(member.size());
}

SortedSet::Added SortedSet::add(Bytes member, double score, const AddOptions& options,
                                const EncodingLimits& limits) {
  if (is_tree()) return add_to_tree(member, score, options);
  Listpack list(body_->pointer());
  const auto at = find_member(list, member);
  if (at != ListpackView::kNone) {
    const double held = encodings::score_listpack::score_of(list.get(list.after(at)));
    const Added added = judge(held, score, options);
    if (added.what == What::updated) {
      list.erase(at, 2);
      encodings::score_listpack::insert(list, member, added.score);
      set_pack(list);
    }
    return added;
  }
  if (options.only_existing) return {What::refused, score};
  if (!fits_pack(member, limits)) {
    become_tree(limits);
    return add_to_tree(member, score, options);
  }
  encodings::score_listpack::insert(list, member, score);
  set_pack(list);
  return {What::added, score};
}

SortedSet::Added SortedSet::add_to_tree(Bytes member, double score, const AddOptions& options) {
  MemberTree& set = tree();
  const std::uint64_t hash = set.hash(member);
  if (Member* found = set.find(member, hash)) {
    const Added added = judge(found->score(), score, options);
    if (added.what == What::updated) set.set_score(found, added.score);
    return added;
  }
  if (options.only_existing) return {What::refused, score};
  set.add(member, hash, score);
  return {What::added, score};
}

bool SortedSet::erase(Bytes member) {
  if (is_tree()) {
    Member* found = tree().find(member, tree().hash(member));
    if (found != nullptr) tree().erase(found);
    return found != nullptr;
  }
  Listpack list(body_->pointer());
  const auto at = find_member(list, member);
  if (at == ListpackView::kNone) return false;
  list.erase(at, 2);
  set_pack(list);
  return true;
}

void SortedSet::erase(const RankRange& range) {
  if (range.count == 0) return;
  if (is_tree()) return tree().erase_ranks(range.first, range.count);
  Listpack list(body_->pointer());
  list.erase(list.at(static_cast<std::int64_t>(range.first) * 2), range.count * 2);
  set_pack(list);
}

void SortedSet::assign(MemberGatherer& members, const EncodingLimits& limits) {
  const std::span<Member* const> sorted = members.sort();
  std::size_t bytes = 0;
  std::size_t longest = 0;
  for (const Member* member : sorted) {
    bytes += member->text().size();
    longest = std::max(longest, member->text().size());
  }
  if (sorted.size() > limits.zset_listpack_entries || longest > limits.zset_listpack_value_bytes ||
      bytes > ListpackView::kGrowthBytesMax) {
    destroy(*body_);
    return body().set(Encoding::skiplist, members.finish().release());
  }
  Listpack list(body_->pointer());
  for (const Member* member : sorted) {
    list.append(ListpackValue::of(member->text()));
    list.append(encodings::score_listpack::ScoreValue(member->score()).value());
  }
  set_pack(list);
}

}  // namespace banyan::values
