// DEBUG: what tests and people who look for faults need. Only where enable-debug-command says so.
//
// DEBUG has no subcommands of its own kind, as in Redis: words behind it are found in the table
// below, which says how many there may be and whether they are run alone on the node.
#include <csignal>

#include "base/glob.h"
#include "commands/help.h"
#include "server/debug_handlers.h"
#include "server/families.h"
#include "server/node_access.h"

namespace banyan::server {

using namespace commands;

namespace {

// Numbers as atoi() reads them: what is none is 0.
bool is_on(Call& call, std::size_t word) { return parse_int(call.arg(word)).value_or(0) != 0; }

Result<> config_rewrite_all(Call& call) {
  Server& server = server_of(call);
  if (const auto result = server.config().rewrite(server.env().files(), true); !result)
    return fail(fmt::format("CONFIG-REWRITE-FORCE-ALL failed: {}", result.error().text()));
  call.reply.ok();
  return {};
}

// An error that no statistics count: nothing failed.
Result<> reply_error(Call& call) {
  call.reply.error(call.arg(2));
  return {};
}

Result<> log_message(Call& call) {
  server_of(call).logger().warning("DEBUG LOG: {}", call.arg(2));
  call.reply.ok();
  return {};
}

Result<> pause_ticks(Call& call) {
  server_of(call).pause_ticks(is_on(call, 2));
  call.reply.ok();
  return {};
}

Result<> replicate(Call& call) {
  call.effects().instead(call.words.subspan(2));
  call.reply.ok();
  return {};
}

// Reply buffers here take and give back chunks as they go: there is nothing to tune.
Result<> reply_buffer(Call& call) {
  if (!call.is(2, "peak-reset-time") && !call.is(2, "resizing"))
    return fail(fmt::format(
        "unknown subcommand or wrong number of arguments for '{}'. Try DEBUG HELP.", call.arg(1)));
  call.reply.ok();
  return {};
}

Result<> set_active_expire(Call& call) {
  server_of(call).active_expiry().enabled = is_on(call, 2);
  call.reply.ok();
  return {};
}

// Scripts here are never denied what Redis's test switch would allow them.
Result<> do_nothing(Call& call) {
  call.reply.ok();
  return {};
}

Result<> sleep(Call& call) {
  constexpr double kSecondsMax = 1e6;
  const double seconds = std::clamp(parse_double(call.arg(2)).value_or(0), 0.0, kSecondsMax);
  worker_of(call).hang(Duration(static_cast<std::int64_t>(seconds * 1e6)));
  call.reply.ok();
  return {};
}

Result<> match(Call& call) {
  call.reply.integer(glob_match(call.arg(2), call.arg(3)) ? 1 : 0);
  return {};
}

Result<> fail_assertion(Call& call) {
  CHECK(call.words.empty() && "DEBUG ASSERT was called");
  return {};
}

Result<> panic(Call& call) {
  CHECK(call.words.empty() && "DEBUG PANIC was called");
  return {};
}

Result<> segfault(Call&) {
  std::raise(SIGSEGV);
  return {};
}

Result<> help(Call& call) {
  static constexpr std::string_view kLines[] = {
      "ASSERT",
      "    End the process by a failed assertion.",
      "CHANGE-REPL-ID",
      "    Give the replication history a new name, so that replicas need all of the data.",
      "CONFIG-REWRITE-FORCE-ALL",
      "    Write all settings to the configuration file, defaults too.",
      "DIGEST",
      "    Show a fingerprint of all data.",
      "DIGEST-VALUE <key> [<key> ...]",
      "    Show fingerprints of values.",
      "ERROR <string>",
      "    Answer with the error <string>.",
      "HTSTATS <dbid> [full]",
      "    Show figures of a database's tables.",
      "HTSTATS-KEY <key> [full]",
      "    Show figures of the hash table of a set or a hash.",
      "LISTPACK <key>",
      "    Write the layout of a listpack to the log.",
      "LOG <message>",
      "    Write <message> to the log.",
      "OBJECT <key>",
      "    Show how the value of <key> is held.",
      "PANIC",
      "    End the process by a panic.",
      "PAUSE-CRON <0|1>",
      "    Stop what the node does by itself.",
      "POPULATE <count> [<prefix>] [<size>]",
      "    Create <count> keys <prefix>:<number> (default prefix: key), with values of",
      "    <size> bytes. Replicas are not told.",
      "PROTOCOL <type>",
      "    Answer with a value of the given type: string, integer, double, bignum, null,",
      "    array, set, map, attrib, push, verbatim, true, false.",
      "QUICKLIST-PACKED-THRESHOLD <size>[b|k|kb|m|mb]",
      "    Elements of lists from this size on get a node of their own; 0 means the default.",
      "RELOAD [NOSAVE]",
      "    Save the data on disk, unless NOSAVE is given, and load what is there.",
      "REPLICATE <word> [<word> ...]",
      "    Tell replicas to run a command that is not run here.",
      "REPLYBUFFER PEAK-RESET-TIME <NEVER|RESET|time> | RESIZING <0|1>",
      "    Accepted, without effect.",
      "SEGFAULT",
      "    End the process by a segmentation fault.",
      "SET-ACTIVE-EXPIRE <0|1>",
      "    Stop, or go on, looking for expired keys that nobody asks for.",
      "SET-DISABLE-DENY-SCRIPTS <0|1>",
      "    Accepted, without effect.",
      "SLEEP <seconds>",
      "    Hang one worker for so long. Decimals are allowed.",
      "STRINGMATCH-LEN <pattern> <string>",
      "    Tell whether the pattern matches.",
  };
  reply_help(call, kLines);
  return {};
}

struct Debug {
  std::string_view name;
  std::size_t words_min, words_max;  // with DEBUG and the name
  bool alone;
  Result<> (*run)(Call&);
};

constexpr std::size_t kAny = std::numeric_limits<std::size_t>::max();

constexpr Debug kDebugs[] = {
    {"assert", 2, kAny, false, fail_assertion},
    {"change-repl-id", 2, 2, false, debug_change_id},
    {"config-rewrite-force-all", 2, 2, true, config_rewrite_all},
    {"digest", 2, 2, true, debug_digest},
    {"digest-value", 2, kAny, true, debug_digest_value},
    {"error", 3, 3, false, reply_error},
    {"help", 2, 2, false, help},
    {"htstats", 3, kAny, true, debug_table_statistics},
    {"htstats-key", 3, 4, true, debug_key_table},
    {"listpack", 3, 3, true, debug_listpack},
    {"log", 3, 3, false, log_message},
    {"object", 3, 3, true, debug_object},
    {"panic", 2, kAny, false, panic},
    {"pause-cron", 3, 3, false, pause_ticks},
    {"populate", 3, 5, true, debug_populate},
    {"protocol", 3, 3, false, debug_protocol},
    {"quicklist-packed-threshold", 3, 3, true, debug_list_threshold},
    {"reload", 2, 3, false, debug_reload},
    {"replicate", 3, kAny, false, replicate},
    {"replybuffer", 4, 4, false, reply_buffer},
    {"segfault", 2, kAny, false, segfault},
    {"set-active-expire", 3, 3, true, set_active_expire},
    {"set-disable-deny-scripts", 3, 3, false, do_nothing},
    {"sleep", 3, 3, false, sleep},
    {"stringmatch-len", 4, 4, false, match},
};

Result<> debug(Call& call) {
  if (!is_allowed(server_of(call).settings().security.debug_command, call.session))
    return not_allowed("DEBUG", "enable-debug-command");
  for (const Debug& debug : kDebugs) {
    if (!call.is(1, debug.name)) continue;
    if (call.size() < debug.words_min || call.size() > debug.words_max) break;
    if (!debug.alone) return debug.run(call);
    Result<> result;
    worker_of(call).alone([&] { result = debug.run(call); });
    return result;
  }
  return fail(
      fmt::format("unknown subcommand or wrong number of arguments for '{}'. Try DEBUG HELP.",
                  call.arg(1).substr(0, 128)));
}

constexpr CommandSpec kTable[] = {
    {.name = "debug",
     .summary = "Looks into the node, and breaks it, for tests.",
     .complexity = "Depends on the subcommand.",
     .since = "1.0.0",
     .group = Group::server,
     .arity = at_least(2),
     .flags = Flag::admin | Flag::no_script | Flag::loading | Flag::stale |
              Flag::protected_command | Flag::ends_batch,
     .run = debug},
};
static_assert(valid(kTable));

}  // namespace

Family debug_commands() { return kTable; }

}  // namespace banyan::server
