#include "commands/call.h"
#include "server/families.h"

namespace banyan::server {

using namespace commands;

namespace {

Result<> ping(Call& call) {
  if (call.size() > 2) return fail("wrong number of arguments for 'ping' command");
  if (call.size() == 1) {
    call.reply.simple("PONG");
  } else {
    call.reply.bulk(call.arg(1));
  }
  return {};
}

Result<> select(Call& call) {
  const auto index = parse_int(call.arg(1));
  if (!index) return fail(Errc::invalid_db);
  if (*index < 0 || *index >= call.db.context().keyspace.database_count())
    return fail(Errc::db_out_of_range);
  call.session.database = static_cast<unsigned>(*index);
  call.reply.ok();
  return {};
}

constexpr CommandSpec kTable[] = {
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
    {.name = "select",
     .summary = "Changes the database of this connection.",
     .complexity = "O(1)",
     .since = "1.0.0",
     .group = Group::connection,
     .arity = exactly(2),
     .flags = Flag::loading | Flag::stale | Flag::fast,
     .categories = Category::connection,
     .syntax = "index",
     .run = select},
};
static_assert(valid(kTable));

}  // namespace

Family connection_commands() { return kTable; }

}  // namespace banyan::server
