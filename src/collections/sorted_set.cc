// The commands of the sorted set family, as data.
#include "collections/families.h"
#include "collections/sorted_set_handlers.h"

namespace banyan::collections {

using namespace commands;

namespace {

constexpr Flag kGrow = Flag::write | Flag::deny_oom;
constexpr KeyFlag kReads = KeyFlag::ro | KeyFlag::access;
constexpr KeyFlag kOverwrites = KeyFlag::ow | KeyFlag::update;
constexpr KeyFlag kPops = KeyFlag::rw | KeyFlag::access | KeyFlag::erase;

// The number of keys at `index`, then the keys.
constexpr KeySpec counted_keys(std::int16_t index, KeyFlag flags) {
  return {.flags = flags,
          .begin = KeySpec::Begin::index,
          .index = index,
          .find = KeySpec::Find::count,
          .count_at = 0,
          .first_at = 1};
}
constexpr KeySpec kBeforeTimeout = {
    .flags = kPops, .begin = KeySpec::Begin::index, .index = 1, .last = -2};

using Handler = Result<> (*)(Call&);

constexpr CommandSpec pops(std::string_view name, std::string_view summary, Handler run) {
  return {.name = name,
          .summary = summary,
          .complexity = "O(log(N)*M) for M members taken.",
          .since = "5.0.0",
          .group = Group::sorted_set,
          .arity = at_least(2),
          .flags = Flag::write | Flag::fast,
          .keys = {key_at(1, kPops)},
          .syntax = "key [count]",
          .run = run};
}

constexpr CommandSpec pops_or_waits(std::string_view name, std::string_view summary, Handler run) {
  return {.name = name,
          .summary = summary,
          .complexity = "O(log(N))",
          .since = "5.0.0",
          .group = Group::sorted_set,
          .arity = at_least(3),
          .flags = Flag::write | Flag::fast | Flag::blocking,
          .keys = {kBeforeTimeout},
          .syntax = "key [key ...] timeout:double",
          .run = run};
}

constexpr CommandSpec tells_rank(std::string_view name, std::string_view summary, Handler run) {
  return {.name = name,
          .summary = summary,
          .complexity = "O(log(N))",
          .since = "2.0.0",
          .group = Group::sorted_set,
          .arity = at_least(3),
          .flags = Flag::readonly | Flag::fast,
          .keys = {key_at(1, kReads)},
          .members = {2},
          .syntax = "key member [WITHSCORE]",
          .run = run};
}

constexpr CommandSpec counts(std::string_view name, std::string_view since,
                             std::string_view summary, std::string_view syntax, Handler run) {
  return {.name = name,
          .summary = summary,
          .complexity = "O(log(N))",
          .since = since,
          .group = Group::sorted_set,
          .arity = exactly(4),
          .flags = Flag::readonly | Flag::fast,
          .keys = {key_at(1, kReads)},
          .syntax = syntax,
          .run = run};
}

constexpr CommandSpec removes_range(std::string_view name, std::string_view since,
                                    std::string_view summary, std::string_view syntax,
                                    Handler run) {
  return {.name = name,
          .summary = summary,
          .complexity = "O(log(N)+M) for M members removed.",
          .since = since,
          .group = Group::sorted_set,
          .arity = exactly(4),
          .flags = Flag::write,
          .keys = {key_at(1, KeyFlag::rw | KeyFlag::erase)},
          .syntax = syntax,
          .run = run};
}

// The former forms of ZRANGE.
struct Range {
  std::string_view name, since, summary, syntax;
};
constexpr CommandSpec reads_range(const Range& range, std::string_view replaced_by, Handler run) {
  return {.name = range.name,
          .summary = range.summary,
          .complexity = "O(log(N)+M) for M members told.",
          .since = range.since,
          .group = Group::sorted_set,
          .arity = at_least(4),
          .flags = Flag::readonly,
          .keys = {key_at(1, kReads)},
          .syntax = range.syntax,
          .deprecated_since = "6.2.0",
          .replaced_by = replaced_by,
          .run = run};
}

constexpr CommandSpec kTable[] = {
    {.name = "bzmpop",
     .summary = "Takes members from an end of the first sorted set that has any, or waits for one.",
     .complexity = "O(K) + O(M*log(N)) for K keys and M members taken.",
     .since = "7.0.0",
     .group = Group::sorted_set,
     .arity = at_least(5),
     .flags = Flag::write | Flag::blocking,
     .keys = {counted_keys(2, kPops)},
     .syntax = "timeout:double numkeys key [key ...] <MIN | MAX> [COUNT count]",
     .run = bzmpop},
    pops_or_waits("bzpopmax",
                  "Takes the member with the highest score from the first sorted set that has any, "
                  "or waits for one.",
                  bzpopmax),
    pops_or_waits(
        "bzpopmin",
        "Takes the member with the lowest score from the first sorted set that has any, or "
        "waits for one.",
        bzpopmin),
    {.name = "zadd",
     .summary = "Adds members to a sorted set, or gives them other scores.",
     .complexity = "O(log(N)) for each member.",
     .since = "1.2.0",
     .group = Group::sorted_set,
     .arity = at_least(4),
     .flags = kGrow | Flag::fast,
     .keys = {key_at(1, KeyFlag::rw | KeyFlag::update)},
     .members = {-1, -2},
     .syntax =
         "key [condition: NX | XX] [comparison: GT | LT] [CH] [INCR] <data: score member> ...",
     .run = zadd},
    {.name = "zcard",
     .summary = "Tells how many members a sorted set has.",
     .complexity = "O(1)",
     .since = "1.2.0",
     .group = Group::sorted_set,
     .arity = exactly(2),
     .flags = Flag::readonly | Flag::fast,
     .keys = {key_at(1, KeyFlag::ro)},
     .syntax = "key",
     .run = zcard},
    counts("zcount", "2.0.0", "Tells how many members have a score within a range.",
           "key min:double max:double", zcount),
    {.name = "zdiff",
     .summary = "Tells the members of the first sorted set that are in none of the others.",
     .complexity =
         "O(L + (N-K)*log(N)) at worst, for L members in all, N in the first and K in the result.",
     .since = "6.2.0",
     .group = Group::sorted_set,
     .arity = at_least(3),
     .flags = Flag::readonly | Flag::shares_keys,
     .keys = {counted_keys(1, kReads)},
     .syntax = "numkeys key [key ...] [WITHSCORES]",
     .run = zdiff},
    {.name = "zdiffstore",
     .summary = "Stores the members of the first sorted set that are in none of the others.",
     .complexity =
         "O(L + (N-K)*log(N)) at worst, for L members in all, N in the first and K in the result.",
     .since = "6.2.0",
     .group = Group::sorted_set,
     .arity = at_least(4),
     .flags = kGrow,
     .keys = {key_at(1, kOverwrites), counted_keys(2, kReads)},
     .syntax = "destination:key numkeys key [key ...]",
     .run = zdiffstore},
    {.name = "zincrby",
     .summary = "Adds to the score of a member; one that is missing is added.",
     .complexity = "O(log(N))",
     .since = "1.2.0",
     .group = Group::sorted_set,
     .arity = exactly(4),
     .flags = kGrow | Flag::fast,
     .keys = {key_at(1, KeyFlag::rw | KeyFlag::access | KeyFlag::update)},
     .members = {3},
     .syntax = "key increment member",
     .run = zincrby},
    {.name = "zinter",
     .summary = "Tells the members that all the sorted sets have.",
     .complexity = "O(N*K + M*log(M)) for K sets, N members in the smallest and M in the result.",
     .since = "6.2.0",
     .group = Group::sorted_set,
     .arity = at_least(3),
     .flags = Flag::readonly | Flag::shares_keys,
     .keys = {counted_keys(1, kReads)},
     .syntax = "numkeys key [key ...] [WEIGHTS weight [weight ...]] [AGGREGATE <SUM | MIN | MAX>] "
               "[WITHSCORES]",
     .run = zinter},
    {.name = "zintercard",
     .summary = "Tells how many members all the sorted sets have.",
     .complexity = "O(N*K) for K sets and N members in the smallest.",
     .since = "7.0.0",
     .group = Group::sorted_set,
     .arity = at_least(3),
     .flags = Flag::readonly | Flag::shares_keys,
     .keys = {counted_keys(1, kReads)},
     .syntax = "numkeys key [key ...] [LIMIT limit]",
     .run = zintercard},
    {.name = "zinterstore",
     .summary = "Stores the members that all the sorted sets have.",
     .complexity = "O(N*K + M*log(M)) for K sets, N members in the smallest and M in the result.",
     .since = "2.0.0",
     .group = Group::sorted_set,
     .arity = at_least(4),
     .flags = kGrow,
     .keys = {key_at(1, kOverwrites), counted_keys(2, kReads)},
     .syntax = "destination:key numkeys key [key ...] [WEIGHTS weight [weight ...]] [AGGREGATE "
               "<SUM | MIN | MAX>]",
     .run = zinterstore},
    counts("zlexcount", "2.8.9", "Tells how many members are within a range of texts.",
           "key min:string max:string", zlexcount),
    {.name = "zmpop",
     .summary = "Takes members from an end of the first sorted set that has any.",
     .complexity = "O(K) + O(M*log(N)) for K keys and M members taken.",
     .since = "7.0.0",
     .group = Group::sorted_set,
     .arity = at_least(4),
     .flags = Flag::write,
     .keys = {counted_keys(1, kPops)},
     .syntax = "numkeys key [key ...] <MIN | MAX> [COUNT count]",
     .run = zmpop},
    {.name = "zmscore",
     .summary = "Tells the scores of some members.",
     .complexity = "O(N) for N members.",
     .since = "6.2.0",
     .group = Group::sorted_set,
     .arity = at_least(3),
     .flags = Flag::readonly | Flag::fast,
     .keys = {key_at(1, kReads)},
     .members = {2},
     .syntax = "key member [member ...]",
     .run = zmscore},
    pops("zpopmax", "Takes the members with the highest scores.", zpopmax),
    pops("zpopmin", "Takes the members with the lowest scores.", zpopmin),
    {.name = "zrandmember",
     .summary = "Tells members at random.",
     .complexity = "O(N) for N members told.",
     .since = "6.2.0",
     .group = Group::sorted_set,
     .arity = at_least(2),
     .flags = Flag::readonly,
     .keys = {key_at(1, kReads)},
     .syntax = "key [options: count [WITHSCORES]]",
     .tips = "nondeterministic_output",
     .run = zrandmember},
    {.name = "zrange",
     .summary = "Tells the members within a range of ranks, scores or texts.",
     .complexity = "O(log(N)+M) for M members told.",
     .since = "1.2.0",
     .group = Group::sorted_set,
     .arity = at_least(4),
     .flags = Flag::readonly,
     .keys = {key_at(1, kReads)},
     .syntax = "key start:string stop:string [sortby: BYSCORE | BYLEX] [REV] [LIMIT offset count] "
               "[WITHSCORES]",
     .run = zrange},
    reads_range({"zrangebylex", "2.8.9", "Tells the members within a range of texts.",
                 "key min:string max:string [LIMIT offset count]"},
                "`ZRANGE` with the `BYLEX` argument", zrangebylex),
    reads_range({"zrangebyscore", "1.0.5", "Tells the members within a range of scores.",
                 "key min:double max:double [WITHSCORES] [LIMIT offset count]"},
                "`ZRANGE` with the `BYSCORE` argument", zrangebyscore),
    {.name = "zrangestore",
     .summary = "Stores the members within a range of ranks, scores or texts.",
     .complexity = "O(log(N)+M) for M members stored.",
     .since = "6.2.0",
     .group = Group::sorted_set,
     .arity = at_least(5),
     .flags = kGrow,
     .keys = {key_at(1, kOverwrites), key_at(2, kReads)},
     .syntax = "dst:key src:key min:string max:string [sortby: BYSCORE | BYLEX] [REV] [LIMIT "
               "offset count]",
     .run = zrangestore},
    tells_rank("zrank", "Tells the rank of a member, counted from the lowest score.", zrank),
    {.name = "zrem",
     .summary = "Removes members from a sorted set.",
     .complexity = "O(M*log(N)) for M members removed.",
     .since = "1.2.0",
     .group = Group::sorted_set,
     .arity = at_least(3),
     .flags = Flag::write | Flag::fast,
     .keys = {key_at(1, KeyFlag::rw | KeyFlag::erase)},
     .members = {2},
     .syntax = "key member [member ...]",
     .run = zrem},
    removes_range("zremrangebylex", "2.8.9", "Removes the members within a range of texts.",
                  "key min:string max:string", zremrangebylex),
    removes_range("zremrangebyrank", "2.0.0", "Removes the members within a range of ranks.",
                  "key start:integer stop:integer", zremrangebyrank),
    removes_range("zremrangebyscore", "1.2.0", "Removes the members within a range of scores.",
                  "key min:double max:double", zremrangebyscore),
    reads_range({"zrevrange", "1.2.0",
                 "Tells the members within a range of ranks, counted from the highest score.",
                 "key start:integer stop:integer [WITHSCORES]"},
                "`ZRANGE` with the `REV` argument", zrevrange),
    reads_range(
        {"zrevrangebylex", "2.8.9", "Tells the members within a range of texts, the last first.",
         "key max:string min:string [LIMIT offset count]"},
        "`ZRANGE` with the `REV` and `BYLEX` arguments", zrevrangebylex),
    reads_range({"zrevrangebyscore", "2.2.0",
                 "Tells the members within a range of scores, the highest first.",
                 "key max:double min:double [WITHSCORES] [LIMIT offset count]"},
                "`ZRANGE` with the `REV` and `BYSCORE` arguments", zrevrangebyscore),
    tells_rank("zrevrank", "Tells the rank of a member, counted from the highest score.", zrevrank),
    {.name = "zscan",
     .summary = "Tells the members of a sorted set piece by piece; cursor 0 begins and ends.",
     .complexity = "O(1) for a call, O(N) for all of them.",
     .since = "2.8.0",
     .group = Group::sorted_set,
     .arity = at_least(3),
     .flags = Flag::readonly,
     .keys = {key_at(1, kReads)},
     .syntax = "key cursor [MATCH pattern] [COUNT count]",
     .tips = "nondeterministic_output",
     .run = zscan},
    {.name = "zscore",
     .summary = "Tells the score of a member.",
     .complexity = "O(1)",
     .since = "1.2.0",
     .group = Group::sorted_set,
     .arity = exactly(3),
     .flags = Flag::readonly | Flag::fast,
     .keys = {key_at(1, kReads)},
     .members = {2},
     .syntax = "key member",
     .run = zscore},
    {.name = "zunion",
     .summary = "Tells the members that any of the sorted sets has.",
     .complexity = "O(N + M*log(M)) for N members in all and M in the result.",
     .since = "6.2.0",
     .group = Group::sorted_set,
     .arity = at_least(3),
     .flags = Flag::readonly | Flag::shares_keys,
     .keys = {counted_keys(1, kReads)},
     .syntax = "numkeys key [key ...] [WEIGHTS weight [weight ...]] [AGGREGATE <SUM | MIN | MAX>] "
               "[WITHSCORES]",
     .run = zunion},
    {.name = "zunionstore",
     .summary = "Stores the members that any of the sorted sets has.",
     .complexity = "O(N + M*log(M)) for N members in all and M in the result.",
     .since = "2.0.0",
     .group = Group::sorted_set,
     .arity = at_least(4),
     .flags = kGrow,
     .keys = {key_at(1, kOverwrites), counted_keys(2, kReads)},
     .syntax = "destination:key numkeys key [key ...] [WEIGHTS weight [weight ...]] [AGGREGATE "
               "<SUM | MIN | MAX>]",
     .run = zunionstore},
};
static_assert(valid(kTable));

}  // namespace

Family sorted_set_commands() { return kTable; }

}  // namespace banyan::collections
