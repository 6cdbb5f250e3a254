// The commands of TestNode that wait, and one that selects a database.
#include "engine/node_for_test.h"

namespace banyan::engine {

using namespace commands;

namespace {

Result<const store::Entry*> take(Call& call, const store::Key& key, IntegerText& room,
                                 std::string* text) {
  TRY(const store::Entry* entry, call.db.find_string(key));
  if (entry == nullptr) return nullptr;
  *text = entry->text(room);
  call.db.erase(key);
  call.db.changed(key, EventKind::generic, "del");
  return entry;
}

Result<> btake(Call& call) {
  TRY(const UnixMs deadline, call.timeout_arg(call.size() - 1));
  for (const store::Key& key : call.keys) {
    IntegerText room;
    std::string text;
    TRY(const store::Entry* entry, take(call, key, room, &text));
    if (entry == nullptr) continue;
    call.effects().instead({"DEL", key.text});
    call.reply.array(2);
    call.reply.bulk(key.text);
    call.reply.bulk(text);
    return {};
  }
  return call.wait_for_keys(deadline, TimeoutReply::null_array);
}

Result<> bmove(Call& call) {
  TRY(const UnixMs deadline, call.timeout_arg(3));
  IntegerText room;
  std::string text;
  TRY(const store::Entry* entry, take(call, call.key(0), room, &text));
  if (entry == nullptr) return call.wait_for_keys(deadline, TimeoutReply::null, {.keys = 1});
  call.db.set_string(call.key(1), store::StringValue::of(text));
  call.db.changed(call.key(1), EventKind::string, "set");
  call.effects().instead({"RENAME", call.key(0).text, call.key(1).text});
  call.reply.bulk(text);
  return {};
}

Result<> bgone(Call& call) {
  TRY(const UnixMs deadline, call.timeout_arg(2));
  if (call.db.find(call.key()) == nullptr) return fail(Errc::custom, "NOGROUP it is gone");
  return call.wait_for_keys(deadline, TimeoutReply::null_array, {.also_when_gone = true});
}

Result<> select(Call& call) {
  TRY(const std::int64_t index, call.int_arg(1));
  call.session.database = static_cast<unsigned>(index);
  call.reply.ok();
  return {};
}

Result<> swap(Call& call) {
  store::Keyspace& keyspace = call.db.context().keyspace;
  ChangeObserver& observer = *call.db.context().observer;
  observer.on_replace(0, &keyspace.database(1));
  observer.on_replace(1, &keyspace.database(0));
  keyspace.swap(0, 1);
  call.effects().changed();
  call.reply.ok();
  return {};
}

constexpr KeySpec kAllButLast = {
    .flags = KeyFlag::rw, .begin = KeySpec::Begin::index, .index = 1, .last = -2};
constexpr Flag kWaits = Flag::write | Flag::blocking;

constexpr CommandSpec kTable[] = {
    {.name = "bgone",
     .summary = "-",
     .complexity = "-",
     .since = "1",
     .group = Group::string,
     .arity = exactly(3),
     .flags = Flag::readonly | Flag::blocking,
     .keys = {key_at(1, KeyFlag::ro)},
     .run = bgone},
    {.name = "bmove",
     .summary = "-",
     .complexity = "-",
     .since = "1",
     .group = Group::string,
     .arity = exactly(4),
     .flags = kWaits,
     .keys = {key_at(1, KeyFlag::rw), key_at(2, KeyFlag::rw)},
     .run = bmove},
    {.name = "btake",
     .summary = "-",
     .complexity = "-",
     .since = "1",
     .group = Group::string,
     .arity = at_least(3),
     .flags = kWaits,
     .keys = {kAllButLast},
     .run = btake},
    {.name = "select",
     .summary = "-",
     .complexity = "-",
     .since = "1",
     .arity = exactly(2),
     .flags = Flag::loading | Flag::stale,
     .run = select},
    {.name = "swapdb",
     .summary = "-",
     .complexity = "-",
     .since = "1",
     .arity = exactly(3),
     .flags = Flag::write | Flag::exclusive,
     .run = swap},
};
static_assert(valid(kTable));

}  // namespace

Family waiting_commands_for_test() { return kTable; }

}  // namespace banyan::engine
