// A small sorted set as a listpack: member, score, member, score ..., in the order of (score,
// member). How scores are written there, and how pairs are found.
//
// Vocabulary   A pair's *position* is that of its member.
// Invariants   An integral score is an integer there, any other its text, as in Redis.
// Threads      Pure functions.
#pragma once

#include <optional>

#include "encodings/listpack.h"

namespace banyan::encodings::score_listpack {

using Position = ListpackView::Position;

// NaN for what is no number: only in bytes that nobody has checked yet.
double score_of(const ListpackValue& value);

// The score as write_double() writes it; perhaps into `room`.
using ScoreText = char[kDoubleTextMax];
Bytes text_of_score(const ListpackValue& value, ScoreText& room);

// A score as the listpack holds it; refers to itself.
class ScoreValue {
 public:
  explicit ScoreValue(double score);
  ScoreValue(const ScoreValue&) = delete;
  ScoreValue& operator=(const ScoreValue&) = delete;
  const ListpackValue& value() const { return value_; }

 private:
  char text_[kDoubleTextMax];
  ListpackValue value_;
};

// Reads the pair at `at`, returns the position of the next, or end().
inline Position read_pair(ListpackView pack, Position at, ListpackValue& member, double& score) {
  ListpackValue value;
  at = pack.read(pack.read(at, member), value);
  score = value.is_integer ? static_cast<double>(value.integer) : score_of(value);
  return at;
}

// How many pairs come before the first for which before(score, text of the member) is false.
template <class Before>
std::size_t rank_where(ListpackView pack, const Before& before) {
  std::size_t rank = 0;
  ListpackValue member;
  double score = 0;
  for (Position at = pack.begin(); at != pack.end(); ++rank) {
    at = read_pair(pack, at, member, score);
    IntegerText room;
    if (!before(score, member.as_text(room))) return rank;
  }
  return rank;
}

// The member must not be there.
void insert(Listpack& pack, Bytes member, double score);

}  // namespace banyan::encodings::score_listpack
