// CONFIG: reading and changing the settings of the running node.
//
// Threads   What changes or stores settings runs on the main loop's thread, since listeners, timers
//           and links live there; another worker's client is held meanwhile.
#include "commands/help.h"
#include "server/deferred.h"
#include "server/families.h"
#include "server/node_access.h"

namespace banyan::server {

using namespace commands;

namespace {

using Work = std::function<Result<>(Server&)>;

// Runs `work` on the main loop's thread and answers OK or its error.
Result<> on_main(Call& call, Work work) {
  Server& server = server_of(call);
  if (worker_of(call).number() == 0) {
    TRY_DO(work(server));
    call.reply.ok();
    return {};
  }
  TRY(const HeldClient client, hold_client(call));
  server.env().main_loop().post([&server, client, work = std::move(work)] {
    answer(client, [result = work(server)](resp::ReplyWriter& reply) {
      result ? reply.ok() : reply.error(result.error());
    });
  });
  return {};
}

Result<> get(Call& call) {
  const std::vector<std::string> patterns(call.words.begin() + 2, call.words.end());
  const auto pairs = server_of(call).config().get(patterns);
  call.reply.map(pairs.size());
  for (const auto& [name, value] : pairs) {
    call.reply.bulk(name);
    call.reply.bulk(value);
  }
  return {};
}

Result<> set(Call& call) {
  if (call.size() % 2 != 0) return fail(Errc::syntax);
  std::vector<config::NameAndValue> pairs;
  for (std::size_t i = 2; i < call.size(); i += 2) pairs.emplace_back(call.arg(i), call.arg(i + 1));
  const bool is_local = is_allowed(config::Allowed::local, call.session);
  return on_main(call, [pairs = std::move(pairs), is_local](Server& server) -> Result<> {
    Result<config::Config::Changes> changes;
    server.main_worker().alone([&] {
      changes = server.config().set(
          pairs, {.is_loading = server.policy().loading, .client_is_local = is_local});
    });
    for (const std::string& warning : server.config().take_warnings())
      server.logger().warning("{}", warning);
    TRY_DO(changes);
    return {};
  });
}

Result<> rewrite(Call& call) {
  return on_main(call, [](Server& server) -> Result<> {
    Result<> written = server.config().rewrite(server.env().files());
    if (!written) {
      server.logger().warning("CONFIG REWRITE failed: {}", written.error().text());
    } else {
      server.logger().notice("CONFIG REWRITE executed with success.");
    }
    return written;
  });
}

Result<> reset_statistics(Call& call) {
  Server& server = server_of(call);
  for (const auto& worker : server.workers()) {
    worker->dispatcher().stats().reset();
    worker->dispatcher().context().counters = {};
    worker->traffic().reset();
  }
  server.stats().reset();
  server.metrics().reset();
  server.active_expiry().reset_statistics();
  server.snapshots().stats().saves = 0;
  server.replication().reset_counters();
  call.reply.ok();
  return {};
}

Result<> help(Call& call) {
  reply_help(call, config::help());
  return {};
}

constexpr Flag kAdmin = Flag::admin | Flag::no_script | Flag::loading | Flag::stale;
constexpr std::string_view kAllNodes = "request_policy:all_nodes,response_policy:all_succeeded";

constexpr CommandSpec kSubcommands[] = {
    {.name = "config|get",
     .summary = "Shows settings whose names match patterns.",
     .complexity = "O(N) with N patterns",
     .since = "2.0.0",
     .group = Group::server,
     .arity = at_least(3),
     .flags = kAdmin,
     .syntax = "parameter [parameter ...]",
     .run = get},
    {.name = "config|help",
     .summary = "Lists the subcommands.",
     .complexity = "O(1)",
     .since = "5.0.0",
     .group = Group::server,
     .arity = exactly(2),
     .flags = Flag::loading | Flag::stale,
     .run = help},
    {.name = "config|resetstat",
     .summary = "Starts the counters of INFO again from zero.",
     .complexity = "O(1)",
     .since = "2.0.0",
     .group = Group::server,
     .arity = exactly(2),
     .flags = kAdmin | Flag::exclusive,
     .tips = kAllNodes,
     .run = reset_statistics},
    {.name = "config|rewrite",
     .summary = "Stores the present settings in the configuration file.",
     .complexity = "O(1)",
     .since = "2.8.0",
     .group = Group::server,
     .arity = exactly(2),
     .flags = kAdmin | Flag::ends_batch,
     .tips = kAllNodes,
     .run = rewrite},
    {.name = "config|set",
     .summary = "Changes settings, all that are given or none.",
     .complexity = "O(N) with N settings",
     .since = "2.0.0",
     .group = Group::server,
     .arity = at_least(4),
     .flags = kAdmin | Flag::ends_batch,
     .syntax = "<data: parameter value> ...",
     .tips = kAllNodes,
     .run = set},
};
static_assert(valid(kSubcommands));

constexpr CommandSpec kTable[] = {
    {.name = "config",
     .summary = "Reads and changes the settings.",
     .complexity = "Depends on the subcommand.",
     .since = "2.0.0",
     .group = Group::server,
     .arity = at_least(2),
     .subcommands = kSubcommands},
};
static_assert(valid(kTable));

}  // namespace

Family config_commands() { return kTable; }

}  // namespace banyan::server
