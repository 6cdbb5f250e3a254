// DEBUG RELOAD and DEBUG CHANGE-REPL-ID: the main worker does them, and the client waits.
#include "server/debug_handlers.h"
#include "server/deferred.h"
#include "server/server.h"

namespace banyan::server {

using commands::Call;

namespace {

constexpr Duration kRetryPause = 10ms;

Result<> save_and_load(Server& server, bool saves) {
  if (saves) TRY_DO(server.snapshots().save_now());
  TRY_DO(server.persistence().reload());
  server.logger().warning("DB reloaded by DEBUG RELOAD");
  return {};
}

// A snapshot under way ends first: there is one walk at a time.
void reload_when_idle(Server& server, const HeldClient& client, bool saves) {
  if (server.snapshots().is_running()) {
    server.env().main_loop().call_after(
        kRetryPause, [&server, client, saves] { reload_when_idle(server, client, saves); });
    return;
  }
  const Result<> result = save_and_load(server, saves);
  if (!result) server.logger().warning("DEBUG RELOAD: {}", result.error().describe());
  answer(client, [ok = result.has_value()](resp::ReplyWriter& reply) {
    if (ok) return reply.ok();
    reply.error(Error(Errc::err, "Error trying to load the RDB dump, check server logs."));
  });
}

}  // namespace

Result<> debug_reload(Call& call) {
  Server& server = static_cast<Server&>(*call.node);
  const bool saves = call.size() == 2;
  if (!saves && !call.is(2, "nosave")) return fail("DEBUG RELOAD only supports the NOSAVE option.");
  TRY(const HeldClient client, hold_client(call));
  server.env().main_loop().post(
      [&server, client, saves] { reload_when_idle(server, client, saves); });
  return {};
}

Result<> debug_change_id(Call& call) {
  Server& server = static_cast<Server&>(*call.node);
  TRY(const HeldClient client, hold_client(call));
  server.env().main_loop().post([&server, client] {
    server.logger().notice("Changing replication IDs after receiving change-repl-id");
    server.main_worker().alone([&] { server.replication().change_id(); });
    answer(client, [](resp::ReplyWriter& reply) { reply.ok(); });
  });
  return {};
}

}  // namespace banyan::server
