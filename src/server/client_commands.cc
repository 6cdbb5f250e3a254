// CLIENT: its table, and the subcommands that concern the asking client alone.
#include <algorithm>
#include <limits>

#include <fmt/format.h>

#include "server/client_handlers.h"
#include "server/families.h"

namespace banyan::server {

using namespace commands;
using engine::PauseKind;

Result<ClientSession*> client_of(Call& call) {
  if (call.session.kind == SessionKind::normal || call.session.kind == SessionKind::replica) {
    auto& session = static_cast<ClientSession&>(call.session);
    if (session.connection != nullptr) return &session;
  }
  return fail(fmt::format("'{}' is for clients only", call.spec.name));
}

std::unexpected<Error> too_many_arguments(const Call& call) {
  return fail(fmt::format(
      "unknown subcommand or wrong number of arguments for '{}'. Try CLIENT HELP.", call.arg(1)));
}

namespace {

// What CLIENT LIST shows must have no spaces, so that its fields can be told apart.
bool is_printable(Bytes text) {
  return std::all_of(text.begin(), text.end(), [](char c) { return c >= '!' && c <= '~'; });
}

// ON or OFF.
Result<bool> parse_switch(const Call& call) {
  if (call.is(2, "on")) return true;
  if (call.is(2, "off")) return false;
  return fail(Errc::syntax);
}

Result<> client_getname(Call& call) {
  if (call.session.name.empty()) {
    call.reply.null();
  } else {
    call.reply.bulk(call.session.name);
  }
  return {};
}

// No client has its invalidations sent elsewhere.
Result<> client_getredir(Call& call) {
  call.reply.integer(-1);
  return {};
}

Result<> client_id(Call& call) {
  call.reply.integer(static_cast<std::int64_t>(call.session.id));
  return {};
}

Result<> client_no_evict(Call& call) {
  TRY(call.session.no_evict, parse_switch(call));
  call.reply.ok();
  return {};
}

Result<> client_no_touch(Call& call) {
  TRY(call.session.no_touch, parse_switch(call));
  call.reply.ok();
  return {};
}

Result<> client_reply(Call& call) {
  ReplyMode& mode = call.session.reply_mode;
  if (call.is(2, "on")) {
    mode = ReplyMode::on;
    call.reply.ok();
  } else if (call.is(2, "off")) {
    mode = ReplyMode::off;
  } else if (call.is(2, "skip")) {
    if (mode != ReplyMode::off) mode = ReplyMode::skip_next;
  } else {
    return fail(Errc::syntax);
  }
  return {};
}

Result<> client_setinfo(Call& call) {
  const bool is_name = call.is(2, "lib-name");
  if (!is_name && !call.is(2, "lib-ver"))
    return fail(fmt::format("Unrecognized option '{}'", call.arg(2)));
  if (!is_printable(call.arg(3)))
    return fail(
        fmt::format("{} cannot contain spaces, newlines or special characters.", call.arg(2)));
  (is_name ? call.session.library_name : call.session.library_version) = call.arg(3);
  call.reply.ok();
  return {};
}

Result<> client_setname(Call& call) {
  TRY_DO(check_client_name(call.arg(2)));
  call.session.name = call.arg(2);
  call.reply.ok();
  return {};
}

Result<> client_help(Call& call);

constexpr Flag kOwn = Flag::no_script | Flag::loading | Flag::stale | Flag::sentinel;
constexpr Flag kOthers = kOwn | Flag::admin | Flag::exclusive;
constexpr std::string_view kToAllNodes = "request_policy:all_nodes,response_policy:all_succeeded";

constexpr CommandSpec kSubcommands[] = {
    {.name = "client|getname",
     .summary = "Tells the name of this connection.",
     .complexity = "O(1)",
     .since = "2.6.9",
     .group = Group::connection,
     .arity = exactly(2),
     .flags = kOwn,
     .categories = Category::connection,
     .run = client_getname},
    {.name = "client|getredir",
     .summary = "Tells which client gets this connection's invalidation messages.",
     .complexity = "O(1)",
     .since = "6.0.0",
     .group = Group::connection,
     .arity = exactly(2),
     .flags = kOwn,
     .categories = Category::connection,
     .run = client_getredir},
    {.name = "client|help",
     .summary = "Tells what the subcommands are for.",
     .complexity = "O(1)",
     .since = "5.0.0",
     .group = Group::connection,
     .arity = exactly(2),
     .flags = Flag::loading | Flag::stale | Flag::sentinel,
     .categories = Category::connection,
     .run = client_help},
    {.name = "client|id",
     .summary = "Tells the number of this connection.",
     .complexity = "O(1)",
     .since = "5.0.0",
     .group = Group::connection,
     .arity = exactly(2),
     .flags = kOwn,
     .categories = Category::connection,
     .run = client_id},
    {.name = "client|info",
     .summary = "Describes this connection.",
     .complexity = "O(1)",
     .since = "6.2.0",
     .group = Group::connection,
     .arity = exactly(2),
     .flags = kOwn,
     .categories = Category::connection,
     .tips = "nondeterministic_output",
     .run = client_info},
    {.name = "client|kill",
     .summary = "Closes connections: one by its address, or all that pass the filters.",
     .complexity = "O(N), N being the number of connections.",
     .since = "2.4.0",
     .group = Group::connection,
     .arity = at_least(3),
     .flags = kOthers,
     .categories = Category::connection,
     .syntax = "<filter: old-format | <new-format: ID client-id:integer | "
               "TYPE <client-type: NORMAL | MASTER | SLAVE | REPLICA | PUBSUB> | USER username | "
               "ADDR addr | LADDR laddr | SKIPME <skipme: YES | NO> | MAXAGE maxage:integer> ...>",
     .run = client_kill},
    {.name = "client|list",
     .summary = "Describes the open connections.",
     .complexity = "O(N), N being the number of connections.",
     .since = "2.4.0",
     .group = Group::connection,
     .arity = at_least(2),
     .flags = kOthers,
     .categories = Category::connection,
     .syntax = "[TYPE <client-type: NORMAL | MASTER | REPLICA | PUBSUB>] "
               "[ID client-id:integer [client-id:integer ...]]",
     .tips = "nondeterministic_output",
     .run = client_list},
    {.name = "client|no-evict",
     .summary = "Protects this connection from being closed when clients use too much memory.",
     .complexity = "O(1)",
     .since = "7.0.0",
     .group = Group::connection,
     .arity = exactly(3),
     .flags = kOwn | Flag::admin,
     .categories = Category::connection,
     .syntax = "<enabled: ON | OFF>",
     .run = client_no_evict},
    {.name = "client|no-touch",
     .summary = "Lets the commands of this connection leave keys as old as they are.",
     .complexity = "O(1)",
     .since = "7.2.0",
     .group = Group::connection,
     .arity = exactly(3),
     .flags = Flag::no_script | Flag::loading | Flag::stale,
     .categories = Category::connection,
     .syntax = "<enabled: ON | OFF>",
     .run = client_no_touch},
    {.name = "client|pause",
     .summary = "Lets commands, or only writes, wait for some milliseconds.",
     .complexity = "O(1)",
     .since = "3.0.0",
     .group = Group::connection,
     .arity = at_least(3),
     .flags = kOthers,
     .categories = Category::connection,
     .syntax = "timeout [mode: WRITE | ALL]",
     .run = client_pause},
    {.name = "client|reply",
     .summary = "Decides whether this connection gets replies.",
     .complexity = "O(1)",
     .since = "3.2.0",
     .group = Group::connection,
     .arity = exactly(3),
     .flags = kOwn,
     .categories = Category::connection,
     .syntax = "<action: ON | OFF | SKIP>",
     .run = client_reply},
    {.name = "client|setinfo",
     .summary = "Notes which library is behind this connection.",
     .complexity = "O(1)",
     .since = "7.2.0",
     .group = Group::connection,
     .arity = exactly(4),
     .flags = kOwn,
     .categories = Category::connection,
     .syntax = "<attr: LIB-NAME libname | LIB-VER libver>",
     .tips = kToAllNodes,
     .run = client_setinfo},
    {.name = "client|setname",
     .summary = "Gives this connection a name.",
     .complexity = "O(1)",
     .since = "2.6.9",
     .group = Group::connection,
     .arity = exactly(3),
     .flags = kOwn,
     .categories = Category::connection,
     .syntax = "connection-name",
     .tips = kToAllNodes,
     .run = client_setname},
    {.name = "client|unblock",
     .summary = "Ends the waiting of another client that a blocking command holds.",
     .complexity = "O(N), N being the number of workers.",
     .since = "5.0.0",
     .group = Group::connection,
     .arity = at_least(3),
     .flags = kOthers,
     .categories = Category::connection,
     .syntax = "client-id:integer [unblock-type: TIMEOUT | ERROR]",
     .run = client_unblock},
    {.name = "client|unpause",
     .summary = "Ends what CLIENT PAUSE began.",
     .complexity = "O(N), N being the number of clients that wait.",
     .since = "6.2.0",
     .group = Group::connection,
     .arity = exactly(2),
     .flags = kOthers,
     .categories = Category::connection,
     .run = client_unpause},
};
static_assert(valid(kSubcommands));

constexpr CommandSpec kTable[] = {
    {.name = "client",
     .summary = "Contains the commands about clients' connections.",
     .complexity = "Depends on the subcommand.",
     .since = "2.4.0",
     .group = Group::connection,
     .arity = at_least(2),
     .flags = Flag::sentinel,
     .subcommands = kSubcommands},
};
static_assert(valid(kTable));

// For people: without the names of blocks and the types of values.
std::string plain(std::string_view syntax) {
  std::string out;
  for (std::size_t at = 0; at < syntax.size(); ++at) {
    if (syntax[at] != ':') {
      out += syntax[at];
    } else if (at + 1 < syntax.size() && syntax[at + 1] == ' ') {
      out.erase(out.find_last_of("[<") + 1);
      ++at;
    } else {
      at = std::min(syntax.find_first_of(" ]>", at), syntax.size()) - 1;
    }
  }
  return out;
}

Result<> client_help(Call& call) {
  call.reply.array(2 * std::size(kSubcommands) + 1);
  call.reply.simple("CLIENT <subcommand> [<arg> [value] [opt] ...]. Subcommands are:");
  for (const CommandSpec& spec : kSubcommands) {
    std::string title = upper(spec.name.substr(kTable[0].name.size() + 1));
    if (!spec.syntax.empty()) title += ' ';
    call.reply.simple(title += plain(spec.syntax));
    call.reply.simple(fmt::format("    {}", spec.summary));
  }
  return {};
}

}  // namespace

Result<> check_client_name(Bytes name) {
  if (is_printable(name)) return {};
  return fail("Client names cannot contain spaces, newlines or special characters.");
}

Result<> client_pause(Call& call) {
  if (call.size() > 4) return too_many_arguments(call);
  PauseKind kind = PauseKind::all;
  if (call.size() == 4 && call.is(3, "write")) {
    kind = PauseKind::write;
  } else if (call.size() == 4 && !call.is(3, "all")) {
    return fail("CLIENT PAUSE mode must be WRITE or ALL");
  }
  const auto length_ms = parse_int(call.arg(2));
  if (!length_ms) return fail("timeout is not an integer or out of range");
  if (*length_ms < 0) return fail("timeout is negative");
  if (*length_ms > std::numeric_limits<std::int64_t>::max() - call.now())
    return fail("timeout is out of range");
  TRY(ClientSession * self, client_of(call));
  const Duration length = *length_ms > Duration::max() / 1ms
                              ? Duration::max()
                              : Duration(std::chrono::milliseconds(*length_ms));
  server_of(call).pause().begin(self->connection->worker().loop().now(), length, kind);
  call.reply.ok();
  return {};
}

Result<> client_unpause(Call& call) {
  server_of(call).pause().end();
  call.reply.ok();
  return {};
}

Family client_commands() { return kTable; }

}  // namespace banyan::server
