// The commands about the connection itself, but for CLIENT; with TIME and LOLWUT, which need no
// more than these.
#include <optional>

#include <fmt/format.h>

#include "engine/handlers.h"
#include "server/auth.h"
#include "server/client_handlers.h"
#include "server/families.h"
#include "server/lolwut.h"

namespace banyan::server {

using namespace commands;

namespace {

Result<> auth(Call& call) {
  if (call.size() > 3) return fail(Errc::syntax);
  TRY(ClientSession * client, client_of(call));
  Server& server = server_of(call);
  if (call.size() == 2 && server.settings().security.password.empty())
    return fail(
        "AUTH <password> called without any password configured for the default user. Are you sure "
        "your configuration is correct?");
  const Bytes user = call.size() == 2 ? kDefaultUser : call.arg(1);
  TRY_DO(authenticate(server, *client, user, call.arg(call.size() - 1)));
  call.reply.ok();
  return {};
}

Result<> echo(Call& call) {
  call.reply.bulk(call.arg(1));
  return {};
}

struct HelloOptions {
  std::optional<resp::Protocol> protocol;
  std::optional<Bytes> user, password, name;
};

Result<HelloOptions> parse_hello(const Call& call) {
  HelloOptions options;
  if (call.size() > 1) {
    const auto version = parse_int(call.arg(1));
    if (!version) return fail("Protocol version is not an integer or out of range");
    if (*version != 2 && *version != 3)
      return fail(Errc::custom, "NOPROTO unsupported protocol version");
    options.protocol = *version == 2 ? resp::Protocol::resp2 : resp::Protocol::resp3;
  }
  for (std::size_t i = 2; i < call.size(); ++i) {
    const std::size_t more = call.size() - 1 - i;
    if (call.is(i, "auth") && more >= 2) {
      options.user = call.arg(++i);
      options.password = call.arg(++i);
    } else if (call.is(i, "setname") && more >= 1) {
      options.name = call.arg(++i);
      TRY_DO(check_client_name(*options.name));
    } else {
      return fail(fmt::format("Syntax error in HELLO option '{}'", call.arg(i)));
    }
  }
  return options;
}

void describe_server(Server& server, const ClientSession& client, resp::ReplyWriter& reply) {
  reply.map(7);
  reply.bulk("server");
  reply.bulk("redis");
  reply.bulk("version");
  reply.bulk(kRedisVersion);
  reply.bulk("proto");
  reply.integer(static_cast<std::int64_t>(client.protocol));
  reply.bulk("id");
  reply.integer(static_cast<std::int64_t>(client.id));
  reply.bulk("mode");
  reply.bulk(server.settings().cluster.enabled ? "cluster" : "standalone");
  reply.bulk("role");
  reply.bulk(server.policy().is_replica ? "replica" : "master");
  reply.bulk("modules");
  reply.array(0);
}

Result<> hello(Call& call) {
  TRY(const HelloOptions options, parse_hello(call));
  TRY(ClientSession * client, client_of(call));
  Server& server = server_of(call);
  if (options.user) TRY_DO(authenticate(server, *client, *options.user, *options.password));
  if (!client->authenticated)
    return fail(Errc::custom,
                "NOAUTH HELLO must be called with the client already authenticated, otherwise the "
                "HELLO <proto> AUTH <user> <pass> option can be used to authenticate the client "
                "and select the RESP protocol version at the same time");
  if (options.name) client->name = *options.name;
  if (options.protocol) client->protocol = *options.protocol;
  // The reply is the first one in the new protocol.
  resp::ReplyWriter reply(call.reply.output(), client->protocol);
  describe_server(server, *client, reply);
  return {};
}

Result<> lolwut(Call& call) {
  if (call.size() >= 3 && call.is(1, "version")) TRY_DO(call.int_arg(2));
  call.reply.verbatim("txt", fmt::format("{}\nA banyan's branches grow roots. Redis ver. {}\n",
                                         draw_banyan(call.rng()), kRedisVersion));
  return {};
}

Result<> ping(Call& call) {
  if (call.size() > 2) return fail("wrong number of arguments for 'ping' command");
  const engine::ClientState* state = engine::find_state(call.session);
  if (call.session.protocol == resp::Protocol::resp2 && state != nullptr &&
      state->subscriptions.any()) {  // it reads messages, not replies
    call.reply.array(2);
    call.reply.bulk("pong");
    call.reply.bulk(call.size() == 1 ? Bytes() : call.arg(1));
  } else if (call.size() == 1) {
    call.reply.simple("PONG");
  } else {
    call.reply.bulk(call.arg(1));
  }
  return {};
}

Result<> quit(Call& call) {
  call.session.close_after_reply = true;
  call.reply.ok();
  return {};
}

Result<> reset(Call& call) {
  if (call.session.kind != SessionKind::normal)
    return fail("can only reset normal client connections");
  TRY(ClientSession * client, client_of(call));
  engine::dispatcher_of(call).forget(*client);
  client->database = 0;
  client->protocol = resp::Protocol::resp2;
  client->reply_mode = ReplyMode::on;
  client->no_evict = client->no_touch = false;
  client->name.clear();
  reset_authentication(server_of(call), *client, client->connection->worker().loop().now());
  call.reply.simple("RESET");
  return {};
}

Result<> select(Call& call) {
  TRY(const std::int64_t index, call.int_arg(1));
  if (index != static_cast<std::int32_t>(index))
    return fail("value is out of range, value must between -2147483648 and 2147483647");
  if (index != 0 && server_of(call).settings().cluster.enabled)
    return fail("SELECT is not allowed in cluster mode");
  if (index < 0 || index >= call.db.context().keyspace.database_count())
    return fail(Errc::db_out_of_range);
  call.session.database = static_cast<unsigned>(index);
  call.reply.ok();
  return {};
}

// The one command that asks for the time itself: `now` has no microseconds.
Result<> time(Call& call) {
  const std::int64_t now_us = server_of(call).env().unix_us();
  call.reply.array(2);
  call.reply.bulk_int(now_us / 1'000'000);
  call.reply.bulk_int(now_us % 1'000'000);
  return {};
}

constexpr Flag kAnyState = Flag::loading | Flag::stale | Flag::fast;
constexpr Flag kForStrangers = kAnyState | Flag::no_script | Flag::no_auth | Flag::allow_busy;

constexpr CommandSpec kTable[] = {
    {.name = "auth",
     .summary = "Authenticates this connection.",
     .complexity = "O(N), N being the number of passwords of the user.",
     .since = "1.0.0",
     .group = Group::connection,
     .arity = at_least(2),
     .flags = kForStrangers | Flag::sentinel | Flag::ends_batch,
     .categories = Category::connection,
     .syntax = "[username] password",
     .run = auth},
    {.name = "echo",
     .summary = "Answers what it was given.",
     .complexity = "O(1)",
     .since = "1.0.0",
     .group = Group::connection,
     .arity = exactly(2),
     .flags = kAnyState,
     .categories = Category::connection,
     .syntax = "message",
     .run = echo},
    {.name = "hello",
     .summary = "Agrees on the protocol with the server, and tells what server it is.",
     .complexity = "O(1)",
     .since = "6.0.0",
     .group = Group::connection,
     .arity = at_least(1),
     .flags = kForStrangers | Flag::sentinel | Flag::ends_batch,
     .categories = Category::connection,
     .syntax = "[arguments: protover [auth: AUTH username password] [SETNAME clientname]]",
     .run = hello},
    {.name = "lolwut",
     .summary = "Draws a banyan, and tells the version of Redis that this server is like.",
     .complexity = "",
     .since = "5.0.0",
     .group = Group::server,
     .arity = at_least(1),
     .flags = Flag::readonly | Flag::fast,
     .syntax = "[VERSION version:integer]",
     .run = lolwut},
    {.name = "ping",
     .summary = "Answers PONG, or what it was given.",
     .complexity = "O(1)",
     .since = "1.0.0",
     .group = Group::connection,
     .arity = at_least(1),
     .flags = Flag::fast | Flag::sentinel,
     .categories = Category::connection,
     .syntax = "[message]",
     .tips = "request_policy:all_shards,response_policy:all_succeeded",
     .run = ping},
    {.name = "quit",
     .summary = "Closes this connection after the reply.",
     .complexity = "O(1)",
     .since = "1.0.0",
     .group = Group::connection,
     .arity = at_least(1),
     .flags = kForStrangers,
     .categories = Category::connection,
     .deprecated_since = "7.2.0",
     .replaced_by = "just closing the connection",
     .run = quit},
    {.name = "reset",
     .summary = "Makes this connection as it was when it was new.",
     .complexity = "O(1)",
     .since = "6.2.0",
     .group = Group::connection,
     .arity = exactly(1),
     .flags = kForStrangers | Flag::ends_batch,
     .categories = Category::connection,
     .run = reset},
    {.name = "select",
     .summary = "Changes the database of this connection.",
     .complexity = "O(1)",
     .since = "1.0.0",
     .group = Group::connection,
     .arity = exactly(2),
     .flags = kAnyState,
     .categories = Category::connection,
     .syntax = "index",
     .run = select},
    {.name = "time",
     .summary = "Tells the server's time: seconds since 1970, and microseconds.",
     .complexity = "O(1)",
     .since = "2.6.0",
     .group = Group::server,
     .arity = exactly(1),
     .flags = kAnyState,
     .tips = "nondeterministic_output",
     .run = time},
};
static_assert(valid(kTable));

}  // namespace

Family connection_commands() { return kTable; }

}  // namespace banyan::server
