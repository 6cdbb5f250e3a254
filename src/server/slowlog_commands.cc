// SLOWLOG: the last commands that took long.
#include "commands/help.h"
#include "server/families.h"
#include "server/node_access.h"

namespace banyan::server {

using namespace commands;

namespace {

void reply_entry(Call& call, const SlowEntry& entry) {
  resp::ReplyWriter& reply = call.reply;
  reply.array(6);
  reply.integer(static_cast<std::int64_t>(entry.id));
  reply.integer(entry.time / 1000);
  reply.integer(static_cast<std::int64_t>(server_of(call).metrics().to_us(entry.took)));
  reply.array(entry.words.size());
  for (const std::string& word : entry.words) reply.bulk(word);
  reply.bulk(entry.peer);
  reply.bulk(entry.client_name);
}

Result<> get(Call& call) {
  std::size_t count = 10;
  if (call.size() > 3)
    return fail("unknown subcommand or wrong number of arguments for 'get'. Try SLOWLOG HELP.");
  if (call.size() == 3) {
    const auto given = parse_int(call.arg(2));
    if (!given || *given < -1) return fail("count should be greater than or equal to -1");
    count = static_cast<std::size_t>(*given);  // -1: as many as there are
  }
  const auto entries = server_of(call).slow_log().newest(count);
  call.reply.array(entries.size());
  for (const SlowEntry* entry : entries) reply_entry(call, *entry);
  return {};
}

Result<> len(Call& call) {
  call.reply.integer(static_cast<std::int64_t>(server_of(call).slow_log().size()));
  return {};
}

Result<> reset(Call& call) {
  server_of(call).slow_log().clear();
  call.reply.ok();
  return {};
}

Result<> help(Call& call) {
  static constexpr std::string_view kLines[] = {
      "GET [<count>]",
      "    Show the last <count> entries (default 10, -1 = all), newest first: id, time",
      "    of day, duration in microseconds, the command's words, the client's address",
      "    and name.",
      "LEN",
      "    Count the entries.",
      "RESET",
      "    Drop all entries.",
  };
  reply_help(call, kLines);
  return {};
}

constexpr Flag kFlags = Flag::admin | Flag::loading | Flag::stale | Flag::exclusive;

constexpr CommandSpec kSubcommands[] = {
    {.name = "slowlog|get",
     .summary = "Shows the last commands that took long.",
     .complexity = "O(N) with N entries",
     .since = "2.2.12",
     .group = Group::server,
     .arity = at_least(2),
     .flags = kFlags,
     .syntax = "[count]",
     .tips = "request_policy:all_nodes,nondeterministic_output",
     .run = get},
    {.name = "slowlog|help",
     .summary = "Lists the subcommands.",
     .complexity = "O(1)",
     .since = "6.2.0",
     .group = Group::server,
     .arity = exactly(2),
     .flags = Flag::loading | Flag::stale,
     .run = help},
    {.name = "slowlog|len",
     .summary = "Counts the entries of the slow log.",
     .complexity = "O(1)",
     .since = "2.2.12",
     .group = Group::server,
     .arity = exactly(2),
     .flags = kFlags,
     .tips = "request_policy:all_nodes,response_policy:agg_sum,nondeterministic_output",
     .run = len},
    {.name = "slowlog|reset",
     .summary = "Drops the entries of the slow log.",
     .complexity = "O(N) with N entries",
     .since = "2.2.12",
     .group = Group::server,
     .arity = exactly(2),
     .flags = kFlags,
     .tips = "request_policy:all_nodes,response_policy:all_succeeded",
     .run = reset},
};
static_assert(valid(kSubcommands));

constexpr CommandSpec kTable[] = {
    {.name = "slowlog",
     .summary = "Shows the last commands that took long.",
     .complexity = "Depends on the subcommand.",
     .since = "2.2.12",
     .group = Group::server,
     .arity = at_least(2),
     .subcommands = kSubcommands},
};
static_assert(valid(kTable));

}  // namespace

Family slowlog_commands() { return kTable; }

}  // namespace banyan::server
