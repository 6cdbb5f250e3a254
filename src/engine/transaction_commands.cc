// DISCARD, EXEC, MULTI, UNWATCH, WATCH.
#include "engine/families.h"
#include "engine/handlers.h"

namespace banyan::engine {

using namespace commands;

namespace {

Result<> discard(Call& call) {
  ClientState* state = find_state(call.session);
  if (state == nullptr || !state->transaction.open) return fail("DISCARD without MULTI");
  state->transaction = {};
  dispatcher_of(call).unwatch(*state);
  call.reply.ok();
  return {};
}

Result<> exec(Call& call) { return dispatcher_of(call).exec(call); }

Result<> multi(Call& call) {
  Transaction& transaction = state_of(call.session).transaction;
  if (transaction.open) return fail("MULTI calls can not be nested");
  transaction.open = true;
  call.reply.ok();
  return {};
}

Result<> unwatch(Call& call) {
  if (ClientState* state = find_state(call.session)) dispatcher_of(call).unwatch(*state);
  call.reply.ok();
  return {};
}

Result<> watch(Call& call) {
  if (state_of(call.session).transaction.open) return fail("WATCH inside MULTI is not allowed");
  dispatcher_of(call).watch(call);
  call.reply.ok();
  return {};
}

constexpr Flag kAnyState =
    Flag::no_script | Flag::loading | Flag::stale | Flag::fast | Flag::allow_busy;

constexpr CommandSpec kTable[] = {
    {.name = "discard",
     .summary = "Gives up the transaction: none of its commands runs.",
     .complexity = "O(N) in the commands given so far.",
     .since = "2.0.0",
     .group = Group::transactions,
     .arity = exactly(1),
     .flags = kAnyState,
     .run = discard},
    {.name = "exec",
     .summary = "Runs the commands of the transaction, and no others between them.",
     .complexity = "What its commands cost.",
     .since = "1.2.0",
     .group = Group::transactions,
     .arity = exactly(1),
     .flags = Flag::no_script | Flag::loading | Flag::stale | Flag::skip_slowlog,
     .run = exec},
    {.name = "multi",
     .summary = "Begins a transaction: commands are gathered until EXEC.",
     .complexity = "O(1)",
     .since = "1.2.0",
     .group = Group::transactions,
     .arity = exactly(1),
     .flags = kAnyState,
     .run = multi},
    {.name = "unwatch",
     .summary = "Forgets all keys that this connection watches.",
     .complexity = "O(N) in the watched keys.",
     .since = "2.2.0",
     .group = Group::transactions,
     .arity = exactly(1),
     .flags = kAnyState,
     .run = unwatch},
    {.name = "watch",
     .summary = "Watches keys: if one of them changes, the next EXEC runs nothing.",
     .complexity = "O(N) in the keys.",
     .since = "2.2.0",
     .group = Group::transactions,
     .arity = at_least(2),
     .flags = kAnyState,
     .keys = {keys_from(1, KeyFlag::ro)},
     .syntax = "key [key ...]",
     .run = watch},
};
static_assert(valid(kTable));

}  // namespace

Family transaction_commands() { return kTable; }

}  // namespace banyan::engine
