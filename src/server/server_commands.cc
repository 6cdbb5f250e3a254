// DBSIZE, and MODULE, of which there are none.
#include "commands/help.h"
#include "server/families.h"
#include "server/node_access.h"

namespace banyan::server {

using namespace commands;

namespace {

Result<> dbsize(Call& call) {
  const store::TableSet& database = server_of(call).keyspace().database(call.db.number());
  call.reply.integer(static_cast<std::int64_t>(database.size()));
  return {};
}

Result<> module_list(Call& call) {
  call.reply.array(0);
  return {};
}

Result<> check_module_command(Call& call) {
  if (is_allowed(server_of(call).settings().security.module_command, call.session)) return {};
  return not_allowed("MODULE", "enable-module-command");
}

Result<> module_load(Call& call) {
  TRY_DO(check_module_command(call));
  server_of(call).logger().warning("Module {} not loaded: this server has no modules", call.arg(2));
  return fail("Error loading the extension. Please check the server logs.");
}

Result<> module_unload(Call& call) {
  TRY_DO(check_module_command(call));
  return fail("Error unloading module: no such module with that name");
}

Result<> module_help(Call& call) {
  static constexpr std::string_view kLines[] = {
      "LIST",
      "    List the loaded modules: always none.",
      "LOAD <path> [<arg> ...]",
      "    Refused: this server loads no modules.",
      "LOADEX <path> [[CONFIG NAME VALUE] ...] [ARGS arg ...]",
      "    Refused: this server loads no modules.",
      "UNLOAD <name>",
      "    Refused: there is nothing to unload.",
  };
  reply_help(call, kLines);
  return {};
}

constexpr Flag kModule =
    Flag::no_async_loading | Flag::admin | Flag::no_script | Flag::protected_command;

constexpr CommandSpec kModuleSubcommands[] = {
    {.name = "module|help",
     .summary = "Lists the subcommands.",
     .complexity = "O(1)",
     .since = "5.0.0",
     .group = Group::server,
     .arity = exactly(2),
     .flags = Flag::loading | Flag::stale,
     .run = module_help},
    {.name = "module|list",
     .summary = "Lists the loaded modules: always none.",
     .complexity = "O(N) with N modules",
     .since = "4.0.0",
     .group = Group::server,
     .arity = exactly(2),
     .flags = Flag::admin | Flag::no_script,
     .tips = "nondeterministic_output_order",
     .run = module_list},
    {.name = "module|load",
     .summary = "Refuses to load a module.",
     .complexity = "O(1)",
     .since = "4.0.0",
     .group = Group::server,
     .arity = at_least(3),
     .flags = kModule,
     .syntax = "path [arg ...]",
     .run = module_load},
    {.name = "module|loadex",
     .summary = "Refuses to load a module with settings.",
     .complexity = "O(1)",
     .since = "7.0.0",
     .group = Group::server,
     .arity = at_least(3),
     .flags = kModule,
     .syntax = "path [CONFIG <configs: name value> ...] [ARGS args ...]",
     .run = module_load},
    {.name = "module|unload",
     .summary = "Refuses to unload a module.",
     .complexity = "O(1)",
     .since = "4.0.0",
     .group = Group::server,
     .arity = exactly(3),
     .flags = kModule,
     .syntax = "name",
     .run = module_unload},
};
static_assert(valid(kModuleSubcommands));

constexpr CommandSpec kTable[] = {
    {.name = "dbsize",
     .summary = "Counts the keys of the selected database.",
     .complexity = "O(1)",
     .since = "1.0.0",
     .group = Group::server,
     .arity = exactly(1),
     .flags = Flag::readonly | Flag::fast,
     .categories = Category::keyspace,
     .tips = "request_policy:all_shards,response_policy:agg_sum",
     .run = dbsize},
    {.name = "module",
     .summary = "Tells of modules, of which this server has none.",
     .complexity = "Depends on the subcommand.",
     .since = "4.0.0",
     .group = Group::server,
     .arity = at_least(2),
     .subcommands = kModuleSubcommands},
};
static_assert(valid(kTable));

}  // namespace

Family server_commands() { return kTable; }

}  // namespace banyan::server
