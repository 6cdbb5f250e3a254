// SortedSet: a sorted set in an entry, over its encodings: a listpack while it is small, a
// MemberTree ("skiplist") beyond the limits.
//
// Vocabulary   The *order* is that of (score, bytes); a member's rank counts from 0. A *bound* is a
//              place between members: right before, or right behind, all that equal it.
// Invariants   Never holds NaN. A big set does not become small again by itself.
// Threads      Whoever holds the lock of the entry's partition.
// Failure      Allocation failure terminates.
#pragma once

#include <algorithm>
#include <optional>

#include "encodings/member_gatherer.h"
#include "encodings/score_listpack.h"
#include "values/body.h"
#include "values/encoding_limits.h"

namespace banyan::values {

struct ScoreBound {
  double score = 0;
  bool behind = false;
};
// Only of use where all scores are equal.
struct LexBound {
  enum class Kind : std::uint8_t { lowest, text, highest } kind = Kind::lowest;
  Bytes text = {};
  bool behind = false;
};
// Ranks first, first + 1 ... first + count - 1.
struct RankRange {
  std::size_t first = 0;
  std::size_t count = 0;
};
enum class Direction : std::uint8_t { up, down };

// Reading.
class SortedSetView {
 public:
  explicit SortedSetView(const Body& body) : body_(&body) {}

  std::size_t size() const { return is_tree() ? tree().size() : pack().size() / 2; }
  std::optional<double> score(Bytes member) const;
  struct Ranked {
    std::size_t rank;
    double score;
  };
  std::optional<Ranked> rank(Bytes member) const;

  // How many members come before the bound.
  std::size_t rank_of(const ScoreBound& bound) const;
  RankRange range(const ScoreBound& low, const ScoreBound& high) const {
    return between(rank_of(low), rank_of(high));
  }
  // Where scores differ, a range is what Redis makes of it: the members in a row that fit, from the
  // first or (going down) from the last on. In a large set, what a binary search finds.
  RankRange range(const LexBound& low, const LexBound& high, Direction direction) const;

  // Calls visit(Bytes member, double score) for the members of `range`, which must exist, in that
  // direction. The bytes are valid during the call.
  template <class Visit>
  void visit(const RankRange& range, Direction direction, const Visit& visit) const;
  // The same with visit(Bytes member, Bytes score), the score as write_double() writes it; or with
  // visit(Bytes member).
  template <class Visit>
  void visit_texts(const RankRange& range, Direction direction, const Visit& visit) const;
  template <class Visit>
  void visit_members(const RankRange& range, Direction direction, const Visit& visit) const;
  // Going up, until visit() answers false.
  template <class Visit>
  void visit_while(RankRange range, const Visit& visit) const;
  template <class Visit>
  void visit_all(const Visit& v) const {
    visit({0, size()}, Direction::up, v);
  }
  // See MemberIndex::scan(); a small set is visited at once.
  template <class Visit>
  std::uint64_t scan(std::uint64_t cursor, const Visit& visit) const;

  bool is_tree() const { return body_->encoding() == Encoding::skiplist; }
  const encodings::MemberTree& tree() const { return *body_->as<encodings::MemberTree>(); }
  encodings::ListpackView pack() const { return encodings::ListpackView(body_->pointer()); }

 protected:
  // visit_tree(const Member&) or visit_pack(Bytes member, const ListpackValue& score) for each.
  template <class VisitTree, class VisitPack>
  void visit_pairs(const RankRange& range, Direction direction, const VisitTree& visit_tree,
                   const VisitPack& visit_pack) const;

  static RankRange between(std::size_t first, std::size_t end) {
    return first < end ? RankRange{first, end - first} : RankRange{};
  }

  const Body* body_;
};

class SortedSet : public SortedSetView {
 public:
  explicit SortedSet(Body& body) : SortedSetView(body) {}

  static void create(Body& body);
  static void destroy(Body body);
  static void copy(Body from, Body& to);
  static std::size_t memory_bytes(Body body, std::size_t samples = kAllBlocks);
  static std::size_t free_effort(Body body);

  // Chooses the encoding for about `count` members to come, the first of `member_bytes`.
  void expect(std::size_t count, std::size_t member_bytes, const EncodingLimits& limits);

  struct AddOptions {
    bool increment = false;
    bool only_new = false;
    bool only_existing = false;
    bool only_greater = false;
    bool only_less = false;
  };
  struct Added {
    enum class What : std::uint8_t { nothing, refused, added, updated, not_a_number } what;
    double score;  // the member's new one, unless refused
  };
  // `score` is not NaN. `nothing`: the member has that score already.
  Added add(Bytes member, double score, const AddOptions& options, const EncodingLimits& limits);
  void put(Bytes member, double score, const EncodingLimits& limits) {
    add(member, score, {}, limits);
  }
  bool erase(Bytes member);
  // The members must exist.
  void erase(const RankRange& range);
  // Becomes a set of what was gathered, in the encoding that number and sizes ask for. The set must
  // be empty; the gatherer is of no further use.
  void assign(encodings::MemberGatherer& members, const EncodingLimits& limits);

 private:
  encodings::MemberTree& tree() { return *body().as<encodings::MemberTree>(); }
  Body& body() { return *const_cast<Body*>(body_); }
  void set_pack(const encodings::Listpack& pack) { body().set(Encoding::listpack, pack.data()); }
  void become_tree(const EncodingLimits& limits);
  Added add_to_tree(Bytes member, double score, const AddOptions& options);
  bool fits_pack(Bytes member, const EncodingLimits& limits) const;
};

template <class VisitTree, class VisitPack>
void SortedSetView::visit_pairs(const RankRange& range, Direction direction,
                                const VisitTree& visit_tree, const VisitPack& visit_pack) const {
  if (range.count == 0) return;
  const std::size_t last = range.first + range.count - 1;
  if (is_tree()) {
    if (direction == Direction::up)
      return tree().order().visit_up(range.first, range.count, visit_tree);
    return tree().order().visit_down(last, range.count, visit_tree);
  }
  const encodings::ListpackView list = pack();
  const bool up = direction == Direction::up;
  auto at = list.at(static_cast<std::int64_t>(up ? range.first : last) * 2);
  for (std::size_t left = range.count;;) {
    encodings::ListpackValue member, score;
    const auto next = list.read(list.read(at, member), score);
    IntegerText room;
    visit_pack(member.as_text(room), score);
    if (--left == 0) return;
    at = up ? next : list.before(list.before(at));
  }
}

template <class Visit>
void SortedSetView::visit(const RankRange& range, Direction direction, const Visit& visit) const {
  visit_pairs(
      range, direction, [&](const encodings::Member& m) { visit(m.text(), m.score()); },
      [&](Bytes member, const encodings::ListpackValue& score) {
        visit(member, score.is_integer ? static_cast<double>(score.integer)
                                       : encodings::score_listpack::score_of(score));
      });
}

template <class Visit>
void SortedSetView::visit_texts(const RankRange& range, Direction direction,
                                const Visit& visit) const {
  encodings::score_listpack::ScoreText room;
  visit_pairs(
      range, direction,
      [&](const encodings::Member& m) {
        visit(m.text(), Bytes(room, write_double(room, m.score())));
      },
      [&](Bytes member, const encodings::ListpackValue& score) {
        visit(member, encodings::score_listpack::text_of_score(score, room));
      });
}

template <class Visit>
void SortedSetView::visit_members(const RankRange& range, Direction direction,
                                  const Visit& visit) const {
  visit_pairs(
      range, direction, [&](const encodings::Member& m) { visit(m.text()); },
      [&](Bytes member, const encodings::ListpackValue&) { visit(member); });
}

template <class Visit>
void SortedSetView::visit_while(RankRange range, const Visit& v) const {
  // In pieces: what stops early does not pay for the rest.
  constexpr std::size_t kPiece = 128;
  for (bool more = true; more && range.count > 0;) {
    const RankRange piece{range.first, std::min(range.count, kPiece)};
    visit(piece, Direction::up, [&](Bytes m, double score) { more = more && v(m, score); });
    range = {range.first + piece.count, range.count - piece.count};
  }
}

template <class Visit>
std::uint64_t SortedSetView::scan(std::uint64_t cursor, const Visit& visit) const {
  if (is_tree())
    return tree().scan(cursor, [&](const encodings::Member& m) { visit(m.text(), m.score()); });
  visit_all(visit);
  return 0;
}

}  // namespace banyan::values
