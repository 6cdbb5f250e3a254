// FLUSHALL, FLUSHDB, SWAPDB: what changes whole databases. All run alone on the node.
//
// The old tables are taken out at once. SYNC frees them before it answers; ASYNC leaves that to the
// background thread of the worker that runs the command.
#include "server/families.h"
#include "server/node_access.h"

namespace banyan::server {

using namespace commands;

namespace {

Result<bool> wants_background(Call& call) {
  if (call.size() == 1) return server_of(call).settings().memory.lazy_user_flush;
  if (call.size() == 2 && call.is(1, "async")) return true;
  if (call.size() == 2 && call.is(1, "sync")) return false;
  return fail(Errc::syntax);
}

// Empties the databases [first, end) and says so to replicas, even if there was nothing in them.
// Unless `counts`, the changes are not counted: they are saved at once.
Result<> flush(Call& call, unsigned first, unsigned end, bool counts) {
  TRY(const bool background, wants_background(call));
  Server& server = server_of(call);
  store::Keyspace& keyspace = server.keyspace();
  std::vector<std::shared_ptr<store::TableSet>> old;
  std::uint64_t keys = 0;
  for (unsigned database = first; database < end; ++database) {
    call.db.context().observer->on_replace(database, nullptr);
    const std::uint64_t size = keyspace.database(database).size();
    if (size == 0) continue;
    keys += size;
    old.push_back(keyspace.detach(database));
  }
  if (keys > 0 && counts) {
    call.effects().changed(keys);
  } else {
    call.effects().instead(call.words);
  }
  if (background) {
    if (keys > 0) server.reclaimer_of(worker_of(call)).free_later(std::move(old), keys);
  } else {
    old.clear();
    server.env().return_free_memory();
  }
  call.reply.ok();
  return {};
}

Result<> flush_database(Call& call) {
  return flush(call, call.db.number(), call.db.number() + 1, true);
}

Result<> flush_all(Call& call) {
  Server& server = server_of(call);
  const bool counts = server.settings().persistence.save_points.empty();
  TRY_DO(flush(call, 0, server.keyspace().database_count(), counts));
  server.on_flush_all();
  return {};
}

Result<std::int64_t> database_index(Call& call, std::size_t word, const char* which) {
  const auto index = parse_int(call.arg(word));
  if (!index || !std::in_range<int>(*index)) return fail(fmt::format("invalid {} DB index", which));
  return *index;
}

void swap(Call& call, unsigned a, unsigned b) {
  store::Keyspace& keyspace = call.db.context().keyspace;
  ChangeObserver& observer = *call.db.context().observer;
  observer.on_replace(a, &keyspace.database(b));
  observer.on_replace(b, &keyspace.database(a));
  keyspace.swap(a, b);
}

Result<> swap_databases(Call& call) {
  Server& server = server_of(call);
  if (server.settings().cluster.enabled) return fail("SWAPDB is not allowed in cluster mode");
  TRY(const std::int64_t a, database_index(call, 1, "first"));
  TRY(const std::int64_t b, database_index(call, 2, "second"));
  const std::int64_t count = server.keyspace().database_count();
  if (a < 0 || a >= count || b < 0 || b >= count) return fail(Errc::db_out_of_range);
  if (a != b) swap(call, static_cast<unsigned>(a), static_cast<unsigned>(b));
  call.effects().changed();
  call.reply.ok();
  return {};
}

constexpr Category kKeyspaceDangerous = Category::keyspace | Category::dangerous;

constexpr CommandSpec kTable[] = {
    {.name = "flushall",
     .summary = "Removes all keys of all databases.",
     .complexity = "O(N) with N keys; ASYNC: O(1), and O(N) in the background",
     .since = "1.0.0",
     .group = Group::server,
     .arity = at_least(1),
     .flags = Flag::write | Flag::exclusive,
     .categories = kKeyspaceDangerous,
     .syntax = "[ASYNC|SYNC]",
     .tips = "request_policy:all_shards,response_policy:all_succeeded",
     .run = flush_all},
    {.name = "flushdb",
     .summary = "Removes all keys of the selected database.",
     .complexity = "O(N) with N keys; ASYNC: O(1), and O(N) in the background",
     .since = "1.0.0",
     .group = Group::server,
     .arity = at_least(1),
     .flags = Flag::write | Flag::exclusive,
     .categories = kKeyspaceDangerous,
     .syntax = "[ASYNC|SYNC]",
     .tips = "request_policy:all_shards,response_policy:all_succeeded",
     .run = flush_database},
    {.name = "swapdb",
     .summary = "Exchanges the content of two databases.",
     .complexity = "O(1)",
     .since = "4.0.0",
     .group = Group::server,
     .arity = exactly(3),
     .flags = Flag::write | Flag::fast | Flag::exclusive,
     .categories = kKeyspaceDangerous,
     .syntax = "index1 index2",
     .run = swap_databases},
};
static_assert(valid(kTable));

}  // namespace

Family flush_commands() { return kTable; }

}  // namespace banyan::server
