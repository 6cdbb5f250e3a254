// SADD, SCARD, SISMEMBER, SMEMBERS, SMISMEMBER, SMOVE, SREM, SSCAN.
#include "collections/sets.h"

#include <vector>

#include "collections/families.h"
#include "commands/scan_options.h"

namespace banyan::collections {

using namespace commands;
using store::Entry;
using values::Body;
using values::Set;
using values::SetMember;
using values::Type;

Result<const Body*> find_set(Call& call, const store::Key& key) {
  TRY(const Entry* entry, call.db.find(key, Type::set));
  return entry == nullptr ? nullptr : &entry->body();
}

void reply_members(resp::ReplyWriter& reply, const Set& set) {
  reply.set(set.size());
  set.for_each([&](const SetMember& member) { reply_member(reply, member); });
}

void erase_emptied(Call& call, const store::Key& key, const Database::Place& place) {
  call.db.erase(place);
  call.db.notify(key, EventKind::generic, "del");
}

namespace {

Result<> sadd(Call& call) {
  const store::Key& key = call.key();
  const values::EncodingLimits& limits = call.db.context().limits;
  TRY(Entry * entry, call.db.open(key, Type::set));
  Set set(entry->body());
  set.expect(call.arg(2), call.size() - 2, limits);
  std::int64_t added = 0;
  for (const Bytes member : call.words.subspan(2)) added += set.add(member, limits) ? 1 : 0;
  if (added > 0) {
    call.db.changed(key, EventKind::set, "sadd");
    call.effects().changed(static_cast<std::uint64_t>(added) - 1);
  }
  call.reply.integer(added);
  return {};
}

Result<> srem(Call& call) {
  const store::Key& key = call.key();
  TRY(const Database::Place place, call.db.place(key, Type::set));
  std::int64_t removed = 0;
  if (place) {
    Set set(call.db.writable(place)->body());
    for (const Bytes member : call.words.subspan(2)) removed += set.remove(member) ? 1 : 0;
    if (removed > 0) {
      call.db.changed(key, EventKind::set, "srem");
      call.effects().changed(static_cast<std::uint64_t>(removed) - 1);
    }
    if (set.empty()) erase_emptied(call, key, place);
  }
  call.reply.integer(removed);
  return {};
}

Result<> scard(Call& call) {
  TRY(const Body* body, find_set(call, call.key()));
  call.reply.integer(body == nullptr ? 0 : static_cast<std::int64_t>(Set::of(*body).size()));
  return {};
}

Result<> sismember(Call& call) {
  TRY(const Body* body, find_set(call, call.key()));
  call.reply.integer(body != nullptr && Set::of(*body).contains(call.arg(2)) ? 1 : 0);
  return {};
}

Result<> smismember(Call& call) {
  TRY(const Body* body, find_set(call, call.key()));
  call.reply.array(call.size() - 2);
  for (const Bytes member : call.words.subspan(2))
    call.reply.integer(body != nullptr && Set::of(*body).contains(member) ? 1 : 0);
  return {};
}

Result<> smembers(Call& call) {
  TRY(const Body* body, find_set(call, call.key()));
  if (body == nullptr) {
    call.reply.set(0);
  } else {
    reply_members(call.reply, Set::of(*body));
  }
  return {};
}

// A missing source is an answer, whatever the destination holds.
Result<> smove(Call& call) {
  const store::Key& from = call.key(0);
  const store::Key& to = call.key(1);
  const Bytes member = call.arg(3);
  // First the destination: that lookup may remove an expired key, which makes places invalid.
  const Database::Place target = call.db.place(to);
  const bool is_other_type = target && target.entry()->type() != Type::set;
  const Database::Place source = call.db.place(from);
  if (!source) {
    call.reply.integer(0);
    return {};
  }
  if (source.entry()->type() != Type::set || is_other_type) return fail(Errc::wrong_type);
  if (!Set::of(source.entry()->body()).contains(member)) {
    call.reply.integer(0);
    return {};
  }
  call.reply.integer(1);
  if (from.text == to.text) return {};

  Set set(call.db.writable(source)->body());
  set.remove(member);
  call.db.changed(from, EventKind::set, "srem");
  if (set.empty()) erase_emptied(call, from, source);

  const values::EncodingLimits& limits = call.db.context().limits;
  TRY(Entry * entry, call.db.open(to, Type::set));
  Set target_set(entry->body());
  target_set.expect(member, 1, limits);
  if (target_set.add(member, limits)) call.db.changed(to, EventKind::set, "sadd");
  return {};
}

Result<> sscan(Call& call) {
  TRY(std::uint64_t cursor, parse_cursor(call.arg(2)));
  TRY(const Body* body, find_set(call, call.key()));
  if (body == nullptr) {  // then the options are not looked at
    call.reply.array(2);
    call.reply.bulk("0");
    call.reply.array(0);
    return {};
  }
  TRY(const ScanOptions options, parse_scan_options(call, 3, false));
  std::vector<SetMember> found;
  std::uint64_t visited = 0;
  do {
    cursor = Set::of(*body).scan(cursor, [&](const SetMember& member) {
      ++visited;
      IntegerText room;
      if (options.matches(member.as_text(room))) found.push_back(member);
    });
  } while (cursor != 0 && visited < options.count);
  call.reply.array(2);
  call.reply.bulk(std::to_string(cursor));
  call.reply.array(found.size());
  for (const SetMember& member : found) reply_member(call.reply, member);
  return {};
}

constexpr KeyFlag kRead = KeyFlag::ro | KeyFlag::access;
constexpr KeyFlag kInsert = KeyFlag::rw | KeyFlag::insert;
constexpr KeyFlag kErase = KeyFlag::rw | KeyFlag::erase;

constexpr CommandSpec kTable[] = {
    {.name = "sadd",
     .summary = "Adds members to a set, which it makes when there is none.",
     .complexity = "O(N) in the members given.",
     .since = "1.0.0",
     .group = Group::set,
     .arity = at_least(3),
     .flags = Flag::write | Flag::deny_oom | Flag::fast,
     .keys = {key_at(1, kInsert)},
     .members = {2},
     .syntax = "key member [member ...]",
     .run = sadd},
    {.name = "scard",
     .summary = "Tells how many members a set has.",
     .complexity = "O(1)",
     .since = "1.0.0",
     .group = Group::set,
     .arity = exactly(2),
     .flags = Flag::readonly | Flag::fast,
     .keys = {key_at(1, KeyFlag::ro)},
     .syntax = "key",
     .run = scard},
    {.name = "sismember",
     .summary = "Tells whether something is a member of a set.",
     .complexity = "O(1)",
     .since = "1.0.0",
     .group = Group::set,
     .arity = exactly(3),
     .flags = Flag::readonly | Flag::fast,
     .keys = {key_at(1, KeyFlag::ro)},
     .members = {2},
     .syntax = "key member",
     .run = sismember},
    {.name = "smembers",
     .summary = "Lists all members of a set.",
     .complexity = "O(N) in the members of the set.",
     .since = "1.0.0",
     .group = Group::set,
     .arity = exactly(2),
     .flags = Flag::readonly,
     .keys = {key_at(1, kRead)},
     .syntax = "key",
     .tips = "nondeterministic_output_order",
     .run = smembers},
    {.name = "smismember",
     .summary = "Tells of several things whether they are members of a set.",
     .complexity = "O(N) in the members asked for.",
     .since = "6.2.0",
     .group = Group::set,
     .arity = at_least(3),
     .flags = Flag::readonly | Flag::fast,
     .keys = {key_at(1, kRead)},
     .members = {2},
     .syntax = "key member [member ...]",
     .run = smismember},
    {.name = "smove",
     .summary = "Moves a member from one set to another.",
     .complexity = "O(1)",
     .since = "1.0.0",
     .group = Group::set,
     .arity = exactly(4),
     .flags = Flag::write | Flag::fast,
     .keys = {key_at(1, kErase | KeyFlag::access), key_at(2, kInsert)},
     .syntax = "source destination member",
     .run = smove},
    {.name = "srem",
     .summary = "Removes members from a set, which ends with its last one.",
     .complexity = "O(N) in the members given.",
     .since = "1.0.0",
     .group = Group::set,
     .arity = at_least(3),
     .flags = Flag::write | Flag::fast,
     .keys = {key_at(1, kErase)},
     .members = {2},
     .syntax = "key member [member ...]",
     .run = srem},
    {.name = "sscan",
     .summary = "Lists the members of a set piece by piece; cursor 0 begins and ends.",
     .complexity = "O(1) for a call, O(N) in the members of the set for all of them.",
     .since = "2.8.0",
     .group = Group::set,
     .arity = at_least(3),
     .flags = Flag::readonly,
     .keys = {key_at(1, kRead)},
     .syntax = "key cursor [MATCH pattern] [COUNT count]",
     .tips = "nondeterministic_output",
     .run = sscan},
};
static_assert(valid(kTable));

}  // namespace

Family set_commands() { return kTable; }

}  // namespace banyan::collections
