// SAVE, BGSAVE, LASTSAVE, SHUTDOWN.
#include "server/deferred.h"
#include "server/families.h"
#include "server/server.h"

namespace banyan::server {

using namespace commands;

namespace {

Server& server_of(Call& call) { return static_cast<Server&>(*call.node); }

WriteReply reply_of(Result<> result, Bytes status) {
  return [result = std::move(result), text = std::string(status)](resp::ReplyWriter& reply) {
    if (result) {
      reply.simple(text);
    } else {
      reply.error(result.error());
    }
  };
}

Result<> save(Call& call) {
  Server& server = server_of(call);
  TRY(const HeldClient client, hold_client(call));
  server.env().main_loop().post([&server, client] {
    Result<> result = server.snapshots().is_running()
                          ? Result<>(fail("Background save already in progress"))
                          : server.snapshots().save_now();
    if (!result && result.error().code() == Errc::io) result = fail("error saving, see the log");
    answer(client, reply_of(std::move(result), "OK"));
  });
  return {};
}

Result<> bgsave(Call& call) {
  Server& server = server_of(call);
  const bool schedule = call.size() == 2 && call.is(1, "schedule");
  if (call.size() > 2 || (call.size() == 2 && !schedule)) return fail(Errc::syntax);
  TRY(const HeldClient client, hold_client(call));
  server.env().main_loop().post([&server, client, schedule] {
    Snapshots& snapshots = server.snapshots();
    if (snapshots.is_saving()) {
      return answer(client, reply_of(fail("Background save already in progress"), ""));
    }
    if (snapshots.is_running()) {
      if (!schedule)
        return answer(client,
                      reply_of(fail("Another child process is active (AOF?): can't BGSAVE right "
                                    "now. Use BGSAVE SCHEDULE in order to schedule a BGSAVE "
                                    "whenever possible."),
                               ""));
      server.schedule_save();
      return answer(client, reply_of({}, "Background saving scheduled"));
    }
    Result<> started = snapshots.start_file({});
    answer(client, reply_of(std::move(started), "Background saving started"));
  });
  return {};
}

Result<> lastsave(Call& call) {
  call.reply.integer(server_of(call).snapshots().stats().last_save_ms / 1000);
  return {};
}

Result<> shutdown(Call& call) {
  Server& server = server_of(call);
  ShutdownRequest request;
  bool abort = false;
  for (std::size_t i = 1; i < call.size(); ++i) {
    if (call.is(i, "nosave") && request.save == ShutdownRequest::Save::by_settings) {
      request.save = ShutdownRequest::Save::no;
    } else if (call.is(i, "save") && request.save == ShutdownRequest::Save::by_settings) {
      request.save = ShutdownRequest::Save::yes;
    } else if (call.is(i, "now")) {
      request.now = true;
    } else if (call.is(i, "force")) {
      request.force = true;
    } else if (call.is(i, "abort")) {
      abort = true;
    } else {
      return fail(Errc::syntax);
    }
  }
  if (abort && call.size() > 2) return fail(Errc::syntax);
  TRY(const HeldClient client, hold_client(call));
  server.env().main_loop().post([&server, client, request, abort] {
    if (abort) {
      Result<> aborted;
      if (!server.shutdown().abort()) aborted = fail("No shutdown in progress.");
      return answer(client, reply_of(std::move(aborted), "OK"));
    }
    server.shutdown().begin(request, [client] {
      answer(client, reply_of(fail("Errors trying to SHUTDOWN. Check logs."), ""));
    });
  });
  return {};
}

constexpr CommandSpec kTable[] = {
    {.name = "bgsave",
     .summary = "Starts saving the data to disk while the node goes on.",
     .complexity = "O(1), and the cost of a snapshot in the background",
     .since = "1.0.0",
     .group = Group::server,
     .arity = at_least(1),
     .flags = Flag::admin | Flag::no_async_loading | Flag::no_script | Flag::ends_batch,
     .syntax = "[SCHEDULE]",
     .run = bgsave},
    {.name = "lastsave",
     .summary = "When the data was last saved, in seconds since 1970.",
     .complexity = "O(1)",
     .since = "1.0.0",
     .group = Group::server,
     .arity = exactly(1),
     .flags = Flag::loading | Flag::stale | Flag::fast | Flag::exclusive,
     .categories = Category::admin | Category::dangerous,
     .tips = "nondeterministic_output",
     .run = lastsave},
    {.name = "save",
     .summary = "Saves the data to disk; nobody is served meanwhile.",
     .complexity = "O(N) with N keys",
     .since = "1.0.0",
     .group = Group::server,
     .arity = exactly(1),
     .flags =
         Flag::admin | Flag::no_async_loading | Flag::no_script | Flag::no_multi | Flag::ends_batch,
     .run = save},
    {.name = "shutdown",
     .summary = "Lets replicas catch up, saves if so configured, and ends the node.",
     .complexity = "O(N) with N keys when it saves, else O(1)",
     .since = "1.0.0",
     .group = Group::server,
     .arity = at_least(1),
     .flags = Flag::admin | Flag::no_script | Flag::loading | Flag::stale | Flag::no_multi |
              Flag::sentinel | Flag::allow_busy | Flag::ends_batch,
     .syntax = "[NOSAVE|SAVE] [NOW] [FORCE] [ABORT]",
     .run = shutdown},
};
static_assert(valid(kTable));

}  // namespace

Family persistence_commands() { return kTable; }

}  // namespace banyan::server
