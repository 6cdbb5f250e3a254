// The commands of the stream family, as data.
#include "streams/families.h"
#include "streams/stream_handlers.h"

namespace banyan::streams {

using namespace commands;

namespace {

constexpr Flag kGrow = Flag::write | Flag::deny_oom;
constexpr KeyFlag kReads = KeyFlag::ro | KeyFlag::access;
constexpr KeyFlag kUpdates = KeyFlag::rw | KeyFlag::update;
constexpr KeyFlag kInserts = KeyFlag::rw | KeyFlag::insert;
constexpr KeyFlag kErases = KeyFlag::rw | KeyFlag::erase;
constexpr Flag kReadNow = Flag::readonly | Flag::blocking;
constexpr Flag kTakeNow = Flag::write | Flag::blocking;

// Half of the words behind STREAMS.
constexpr KeySpec streams_from(std::int16_t index) {
  return {.flags = kReads,
          .begin = KeySpec::Begin::keyword,
          .index = index,
          .keyword = "STREAMS",
          .last = -1,
          .step = 1,
          .limit = 2};
}

struct Facts {
  std::string_view name, since, complexity, summary, syntax;
  Arity arity;
  Flag flags;
  KeySpec key;
  Result<> (*run)(Call&);
  std::string_view tips = {};
};
constexpr CommandSpec about(const Facts& f) {
  return {.name = f.name,
          .summary = f.summary,
          .complexity = f.complexity,
          .since = f.since,
          .group = Group::stream,
          .arity = f.arity,
          .flags = f.flags,
          .keys = {f.key},
          .syntax = f.syntax,
          .tips = f.tips,
          .run = f.run};
}
constexpr CommandSpec help_of(std::string_view name, Result<> (*run)(Call&)) {
  return about({name,
                "5.0.0",
                "O(1)",
                "Explains the subcommands.",
                "",
                exactly(2),
                Flag::loading | Flag::stale,
                {},
                run});
}
constexpr CommandSpec container(std::string_view name, std::string_view summary,
                                Family subcommands) {
  CommandSpec spec = about(
      {name, "5.0.0", "Depends on the subcommand.", summary, "", at_least(2), {}, {}, nullptr});
  spec.subcommands = subcommands;
  return spec;
}

constexpr CommandSpec kGroupSubcommands[] = {
    about({"xgroup|create", "5.0.0", "O(1)", "Creates a consumer group.",
           "key group <id | $> [MKSTREAM] [ENTRIESREAD entries-read]", at_least(5), kGrow,
           key_at(2, kInserts), xgroup_create}),
    about({"xgroup|createconsumer", "6.2.0", "O(1)", "Creates a consumer in a group.",
           "key group consumer", exactly(5), kGrow, key_at(2, kInserts), xgroup_createconsumer}),
    about({"xgroup|delconsumer", "5.0.0", "O(1)",
           "Removes a consumer from a group, with what is pending for it.", "key group consumer",
           exactly(5), Flag::write, key_at(2, kErases), xgroup_delconsumer}),
    about({"xgroup|destroy", "5.0.0", "O(N), N being the number of entries pending in the group.",
           "Removes a consumer group.", "key group", exactly(4), Flag::write, key_at(2, kErases),
           xgroup_destroy}),
    help_of("xgroup|help", xgroup_help),
    about({"xgroup|setid", "5.0.0", "O(1)", "Sets the last entry that a group was given.",
           "key group <id | $> [ENTRIESREAD entriesread]", at_least(5), Flag::write,
           key_at(2, kUpdates), xgroup_setid}),
};
static_assert(valid(kGroupSubcommands));

constexpr CommandSpec kInfoSubcommands[] = {
    about({"xinfo|consumers", "5.0.0", "O(1)", "Tells about the consumers of a group.", "key group",
           exactly(4), Flag::readonly, key_at(2, kReads), xinfo_consumers,
           "nondeterministic_output"}),
    about({"xinfo|groups", "5.0.0", "O(1)", "Tells about the consumer groups of a stream.", "key",
           exactly(3), Flag::readonly, key_at(2, kReads), xinfo_groups}),
    help_of("xinfo|help", xinfo_help),
    about({"xinfo|stream", "5.0.0", "O(1)", "Tells about a stream.",
           "key [full-block: FULL [COUNT count]]", at_least(3), Flag::readonly, key_at(2, kReads),
           xinfo_stream}),
};
static_assert(valid(kInfoSubcommands));

constexpr CommandSpec kTable[] = {
    about({"xack", "5.0.0", "O(1) for each entry.",
           "Acknowledges entries: they are no longer pending.", "key group id...", at_least(4),
           Flag::write | Flag::fast, key_at(1, kUpdates), xack}),
    about({"xadd", "5.0.0",
           "O(1) for the new entry, O(N) for trimming, N being the number of entries dropped.",
           "Appends an entry to a stream; a key that is missing is created.",
           "key [NOMKSTREAM] [trim: <strategy: MAXLEN | MINID> [operator: = | ~] threshold "
           "[LIMIT count]] <id-selector: * | id> <data: field value> ...",
           at_least(5), kGrow | Flag::fast, key_at(1, kUpdates), xadd, "nondeterministic_output"}),
    about({"xautoclaim", "6.2.0", "O(1) when COUNT is small.",
           "Hands entries that are pending for too long to another consumer.",
           "key group consumer min-idle-time start [COUNT count] [JUSTID]", at_least(6),
           Flag::write | Flag::fast, key_at(1, kErases), xautoclaim, "nondeterministic_output"}),
    about({"xclaim", "5.0.0", "O(log N), N being the number of entries pending in the group.",
           "Hands pending entries to another consumer.",
           "key group consumer min-idle-time id... [IDLE ms] [TIME unix-time-milliseconds] "
           "[RETRYCOUNT count] [FORCE] [JUSTID] [LASTID lastid]",
           at_least(6), Flag::write | Flag::fast, key_at(1, kUpdates), xclaim,
           "nondeterministic_output"}),
    about({"xdel", "5.0.0", "O(1) for each entry.", "Removes entries from a stream.", "key id...",
           at_least(3), Flag::write | Flag::fast, key_at(1, kErases), xdel}),
    container("xgroup", "Manages consumer groups.", kGroupSubcommands),
    container("xinfo", "Tells about streams and their consumer groups.", kInfoSubcommands),
    about({"xlen", "5.0.0", "O(1)", "Tells how many entries a stream has.", "key", exactly(2),
           Flag::readonly | Flag::fast, key_at(1, KeyFlag::ro), xlen}),
    about({"xpending", "5.0.0", "O(N), N being the number of entries looked at.",
           "Tells what is pending in a consumer group.",
           "key group [filters: [IDLE min-idle-time] start end count [consumer]]", at_least(3),
           Flag::readonly, key_at(1, KeyFlag::ro), xpending, "nondeterministic_output"}),
    about({"xrange", "5.0.0", "O(N), N being the number of entries told.",
           "Tells the entries in a range of IDs.", "key start end [COUNT count]", at_least(4),
           Flag::readonly, key_at(1, kReads), xrange}),
    about({"xread", "5.0.0", "O(N), N being the number of entries told.",
           "Tells the entries of streams behind given IDs, and may wait for them.",
           "[COUNT count] [BLOCK milliseconds] <streams: STREAMS key... id...>", at_least(4),
           kReadNow, streams_from(1), xread}),
    about({"xreadgroup", "5.0.0", "O(N), N being the number of entries told.",
           "Gives a consumer of a group entries that no other has got, or those pending for it.",
           "<group-block: GROUP group consumer> [COUNT count] [BLOCK milliseconds] [NOACK] "
           "<streams: STREAMS key... id...>",
           at_least(7), kTakeNow, streams_from(4), xreadgroup}),
    about({"xrevrange", "5.0.0", "O(N), N being the number of entries told.",
           "Tells the entries in a range of IDs, from the last to the first.",
           "key end start [COUNT count]", at_least(4), Flag::readonly, key_at(1, kReads),
           xrevrange}),
    about({"xsetid", "5.0.0", "O(1)", "Sets the last ID of a stream (for internal use).",
           "key last-id [ENTRIESADDED entries-added] [MAXDELETEDID max-deleted-id]", at_least(3),
           kGrow | Flag::fast, key_at(1, kUpdates), xsetid}),
    about({"xtrim", "5.0.0", "O(N), N being the number of entries dropped.",
           "Drops the first entries of a stream.",
           "key <trim: <strategy: MAXLEN | MINID> [operator: = | ~] threshold [LIMIT count]>",
           at_least(4), Flag::write, key_at(1, kErases), xtrim, "nondeterministic_output"}),
};
static_assert(valid(kTable));

}  // namespace

Family stream_commands() { return kTable; }

}  // namespace banyan::streams
