// REPLICAOF, SLAVEOF, PSYNC, SYNC, REPLCONF, ROLE, WAIT, WAITAOF.
#include "server/deferred.h"
#include "server/families.h"
#include "server/server.h"

namespace banyan::server {

using namespace commands;

namespace {

Server& server_of(Call& call) { return static_cast<Server&>(*call.node); }

std::vector<std::string> words_of(const Call& call, std::size_t from) {
  return {call.words.begin() + static_cast<std::ptrdiff_t>(from), call.words.end()};
}

Result<> replicaof(Call& call) {
  Server& server = server_of(call);
  std::optional<replication::Address> primary;
  if (!call.is(1, "no") || !call.is(2, "one")) {
    const auto port = parse_int(call.arg(2));
    if (!port || *port < 0 || *port > 65535) return fail("Invalid master port");
    primary = replication::Address{std::string(call.arg(1)), static_cast<int>(*port)};
  }
  TRY(const HeldClient client, hold_client(call));
  const std::string user = describe_client(*static_cast<ClientSession&>(call.session).connection,
                                           server.env().main_loop().now());
  server.env().main_loop().post([&server, client, primary, user] {
    server.set_primary(primary, user);
    answer(client, [](resp::ReplyWriter& reply) { reply.ok(); });
  });
  return {};
}

// PSYNC and SYNC: the connection becomes a replica's.
Result<> become_replica(Call& call) {
  if (call.session.kind != SessionKind::normal) return fail("this session cannot be a replica");
  Connection& connection = *static_cast<ClientSession&>(call.session).connection;
  if (call.is(0, "psync") && call.size() > 2 && !parse_int(call.arg(2))) {
    connection.worker().logger().warning(
        "Replica {} asks for synchronization but with a wrong offset",
        connection.peer().to_string());
    return fail(Errc::not_an_integer);
  }
  connection.worker().dispatcher().hold();
  connection.hand_over(words_of(call, 0));
  return {};
}

Result<> replconf(Call& call) {
  if (call.session.kind != SessionKind::normal) return {};
  Server& server = server_of(call);
  Connection& connection = *static_cast<ClientSession&>(call.session).connection;
  replication::feed::Actions actions;
  connection.feed_core().on(
      replication::feed::ReplConf{words_of(call, 1), server.log().next().bytes()},
      connection.worker().loop().now(), actions);
  for (const replication::feed::Action& action : actions) {
    if (const auto* line = std::get_if<replication::feed::SendLine>(&action)) {
      call.reply.raw(line->text);
      call.reply.raw("\r\n");
    } else if (std::holds_alternative<replication::feed::PassAckRequest>(action)) {
      server.env().main_loop().post([&server] { server.replication().pass_ack_request(); });
    }
  }
  return {};
}

Result<> role(Call& call) {
  const Replication& replication = server_of(call).replication();
  if (replication.is_replica()) {
    const replication::ReplicaLink& link = replication.upstream().link();
    call.reply.array(5);
    call.reply.bulk("slave");
    call.reply.bulk(link.primary()->host);
    call.reply.integer(link.primary()->port);
    call.reply.bulk(replication::role_name(link.state()));
    call.reply.integer(link.position() ? link.position()->offset : -1);
    return {};
  }
  std::vector<const Feed*> online;
  for (const auto& [id, feed] : replication.feeds())
    if (feed->core().state() == replication::ReplicaFeed::State::online)
      online.push_back(feed.get());
  call.reply.array(3);
  call.reply.bulk("master");
  call.reply.integer(server_of(call).log().next().bytes());
  call.reply.array(online.size());
  for (const Feed* feed : online) {
    call.reply.array(3);
    call.reply.bulk(feed->core().ip());
    call.reply.bulk(std::to_string(feed->core().profile().listening_port));
    call.reply.bulk(std::to_string(feed->core().acked()));
  }
  return {};
}

void answer_copies(const HeldClient& client, std::size_t reached, bool on_disk) {
  answer(client, [reached, on_disk](resp::ReplyWriter& reply) {
    if (on_disk) {
      reply.array(2);
      reply.integer(0);
    }
    reply.integer(static_cast<std::int64_t>(reached));
  });
}

void answer_error(const HeldClient& client, std::string line, bool closes = false) {
  answer(
      client, [line = std::move(line)](resp::ReplyWriter& reply) { reply.error(line); }, closes);
}

Result<> wait_for_copies(Call& call, std::size_t copies_at, bool on_disk) {
  Server& server = server_of(call);
  const auto copies = parse_int(call.arg(copies_at));
  if (!copies) return fail(Errc::not_an_integer);
  if (on_disk && *copies < 0) return fail("value is out of range, must be positive");
  const auto timeout = parse_int(call.arg(copies_at + 1));
  if (!timeout) return fail("timeout is not an integer or out of range");
  if (*timeout < 0) return fail("timeout is negative");
  constexpr std::int64_t kTimeoutMsMax = std::int64_t{1} << 50;
  if (*timeout > kTimeoutMsMax) return fail("timeout is out of range");
  if (server.policy().is_replica)
    return fail(on_disk ? "WAITAOF cannot be used with replica instances. Please also note that "
                          "writes to replicas are just local and are not propagated."
                        : "WAIT cannot be used with replica instances. Please also note that since "
                          "Redis 4.0 if a replica is configured to be writable (which is not the "
                          "default) writes to replicas are just local and are not propagated.");
  TRY(const HeldClient client, hold_client(call));
  const log::Need need{.offset = log::Offset(call.session.last_write_offset),
                       .copies = static_cast<std::size_t>(std::max<std::int64_t>(*copies, 0)),
                       .copies_on_disk = on_disk,
                       .deadline = *timeout == 0
                                       ? std::nullopt
                                       : std::optional(server.env().main_loop().now() +
                                                       std::chrono::milliseconds(*timeout))};
  // In a transaction it tells what has been reached by now.
  if (client.part != 0) {
    server.env().main_loop().post([&server, client, need, on_disk] {
      answer_copies(client, server.replication().copies_reached(need.offset, on_disk), on_disk);
    });
    return {};
  }
  static_cast<ClientSession&>(call.session).unblock = [&server, client, need,
                                                       on_disk](Unblock how) {
    server.env().main_loop().post([&server, client, need, on_disk, how] {
      if (!server.replication().cancel_wait(client.id)) return;
      if (how == Unblock::error)
        return answer_error(client, "UNBLOCKED client unblocked via CLIENT UNBLOCK");
      answer_copies(client, server.replication().copies_reached(need.offset, on_disk), on_disk);
    });
  };
  server.env().main_loop().post([&server, client, need, on_disk] {
    server.replication().wait(need, client.id, [client, on_disk](const log::Release& release) {
      if (release.why != log::Release::Why::role_changed)
        return answer_copies(client, release.copies, on_disk);
      answer_error(client,
                   "UNBLOCKED force unblock from blocking operation, instance state changed "
                   "(master -> replica?)",
                   true);
    });
  });
  return {};
}

Result<> wait(Call& call) { return wait_for_copies(call, 1, false); }

Result<> waitaof(Call& call) {
  const auto local = parse_int(call.arg(1));
  if (!local || *local < 0 || *local > 1)
    return fail("value is out of range, must be between 0 and 1");
  if (*local == 1)
    return fail("WAITAOF cannot be used when numlocal is set but appendonly is disabled.");
  return wait_for_copies(call, 2, true);
}

constexpr Flag kAdmin = Flag::admin | Flag::no_script;

constexpr CommandSpec kTable[] = {
    {.name = "psync",
     .summary = "A replica asks to continue with the stream, or for all of the data.",
     .complexity = "O(1), and the cost of a snapshot",
     .since = "2.8.0",
     .group = Group::server,
     .arity = at_least(3),
     .flags = kAdmin | Flag::no_async_loading | Flag::no_multi | Flag::ends_batch,
     .syntax = "replicationid offset",
     .run = become_replica},
    {.name = "replconf",
     .summary = "What a replica and its primary tell each other about the link.",
     .complexity = "O(1)",
     .since = "3.0.0",
     .group = Group::server,
     .arity = at_least(1),
     .flags = kAdmin | Flag::loading | Flag::stale | Flag::allow_busy,
     .run = replconf},
    {.name = "replicaof",
     .summary = "Makes this node follow a primary, or be one again.",
     .complexity = "O(1)",
     .since = "5.0.0",
     .group = Group::server,
     .arity = exactly(3),
     .flags = kAdmin | Flag::no_async_loading | Flag::stale | Flag::ends_batch,
     .syntax = "<host port|NO ONE>",
     .run = replicaof},
    {.name = "role",
     .summary = "The replication role of this node, and the state of its links.",
     .complexity = "O(1)",
     .since = "2.8.12",
     .group = Group::server,
     .arity = exactly(1),
     .flags = Flag::no_script | Flag::loading | Flag::stale | Flag::fast | Flag::sentinel |
              Flag::exclusive,
     .categories = Category::admin | Category::dangerous,
     .run = role},
    {.name = "slaveof",
     .summary = "Makes this node follow a primary, or be one again.",
     .complexity = "O(1)",
     .since = "1.0.0",
     .group = Group::server,
     .arity = exactly(3),
     .flags = kAdmin | Flag::no_async_loading | Flag::stale | Flag::ends_batch,
     .syntax = "<host port|NO ONE>",
     .deprecated_since = "5.0.0",
     .replaced_by = "REPLICAOF",
     .run = replicaof},
    {.name = "sync",
     .summary = "A replica of the oldest kind asks for all of the data and the stream behind it.",
     .complexity = "O(N) with N keys",
     .since = "1.0.0",
     .group = Group::server,
     .arity = exactly(1),
     .flags = kAdmin | Flag::no_async_loading | Flag::no_multi | Flag::ends_batch,
     .run = become_replica},
    {.name = "wait",
     .summary = "Waits until replicas have this client's writes.",
     .complexity = "O(1)",
     .since = "3.0.0",
     .group = Group::generic,
     .arity = exactly(3),
     .flags = Flag::blocking | Flag::ends_batch,
     .categories = Category::connection,
     .syntax = "numreplicas timeout",
     .tips = "request_policy:all_shards,response_policy:agg_min",
     .run = wait},
    {.name = "waitaof",
     .summary = "Waits until this client's writes are on disk, here and on replicas.",
     .complexity = "O(1)",
     .since = "7.2.0",
     .group = Group::generic,
     .arity = exactly(4),
     .flags = Flag::blocking | Flag::ends_batch,
     .categories = Category::connection,
     .syntax = "numlocal numreplicas timeout",
     .tips = "request_policy:all_shards,response_policy:agg_min",
     .run = waitaof},
};
static_assert(valid(kTable));

}  // namespace

Family replication_commands() { return kTable; }

}  // namespace banyan::server
