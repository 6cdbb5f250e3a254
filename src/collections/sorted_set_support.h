// What the handlers of sorted sets have in common.
//
// Threads   See Call.
#pragma once

#include "commands/call.h"
#include "values/sorted_set.h"

namespace banyan::collections {

using commands::Call;

// Two bounds, as the words of ZRANGEBYSCORE and its like give them: "(1.5", "-inf"; "[a", "(b",
// "-", "+".
struct ScoreRange {
  values::ScoreBound low, high;
};
struct LexRange {
  values::LexBound low, high;
};
Result<ScoreRange> parse_score_range(Bytes low, Bytes high);  // "ERR min or max is not a float"
Result<LexRange> parse_lex_range(Bytes low, Bytes high);

// "ERR value is out of range, must be positive"
Result<std::int64_t> positive_int_arg(const Call& call, std::size_t i);

// Null when the key is missing.
Result<const store::Entry*> find_sorted_set(Call& call, std::size_t key = 0);

// After members were erased: an empty set goes too. The event of the erasing was raised already.
void erase_if_empty(Call& call, const store::Key& key, const commands::Database::Place& place);

// Makes `members` the sorted set at `target`, whatever was there, and replies how many. Without
// members, the key is deleted.
void store_members(Call& call, const store::Key& target, encodings::MemberGatherer& members,
                   Bytes event);

// Members of a reply with or without scores: flat in RESP2, pairs in RESP3.
class MemberReply {
 public:
  MemberReply(resp::ReplyWriter& reply, bool with_scores)
      : reply_(reply),
        with_scores_(with_scores),
        in_pairs_(with_scores && reply.protocol() == resp::Protocol::resp3) {}

  void begin(std::size_t count) { reply_.array(with_scores_ && !in_pairs_ ? count * 2 : count); }
  void add(Bytes member, double score) {
    if (in_pairs_) reply_.array(2);
    reply_.bulk(member);
    if (with_scores_) reply_.real(score);
  }
  // The same with the score as write_double() gives it. Requires: with scores.
  void add_text(Bytes member, Bytes score) {
    if (in_pairs_) reply_.array(2);
    reply_.bulk(member);
    reply_.real_text(score);
  }

 private:
  resp::ReplyWriter& reply_;
  bool with_scores_;
  bool in_pairs_;
};

}  // namespace banyan::collections
