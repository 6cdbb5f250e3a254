// Commands on keys of any type: DEL, EXISTS, TOUCH, TYPE, UNLINK.
#include "commands/call.h"
#include "generic/families.h"

namespace banyan::generic {

using namespace commands;

namespace {

// DEL, UNLINK.
Result<> del(Call& call) {
  std::int64_t deleted = 0;
  for (const store::Key& key : call.keys) {
    if (!call.db.erase(key)) continue;
    call.db.changed(key, EventKind::generic, "del");
    ++deleted;
  }
  call.reply.integer(deleted);
  return {};
}

Result<> exists(Call& call) {
  std::int64_t found = 0;
  for (const store::Key& key : call.keys) found += call.db.look(key) != nullptr ? 1 : 0;
  call.reply.integer(found);
  return {};
}

Result<> touch_keys(Call& call) {
  call.db.context().touch =
      true;  // CLIENT NO-TOUCH does not concern the command whose purpose it is
  std::int64_t found = 0;
  for (const store::Key& key : call.keys) found += call.db.find(key) != nullptr ? 1 : 0;
  call.reply.integer(found);
  return {};
}

Result<> type(Call& call) {
  const store::Entry* entry = call.db.look(call.key());
  call.reply.simple(entry == nullptr ? "none" : values::name_of(entry->type()));
  return {};
}

constexpr std::string_view kSharded = "request_policy:multi_shard,response_policy:agg_sum";

constexpr CommandSpec kTable[] = {
    {.name = "del",
     .summary = "Deletes keys, whatever they hold.",
     .complexity = "O(N) in the keys, and for each key that holds a collection O(M) in its "
                   "elements.",
     .since = "1.0.0",
     .group = Group::generic,
     .arity = at_least(2),
     .flags = Flag::write,
     .categories = Category::keyspace,
     .keys = {keys_from(1, KeyFlag::rm | KeyFlag::erase)},
     .syntax = "key [key ...]",
     .tips = kSharded,
     .run = del},
    {.name = "exists",
     .summary = "Counts how many of the given keys exist; a key given twice counts twice.",
     .complexity = "O(N) in the keys given.",
     .since = "1.0.0",
     .group = Group::generic,
     .arity = at_least(2),
     .flags = Flag::readonly | Flag::fast | Flag::shares_keys,
     .categories = Category::keyspace,
     .keys = {keys_from(1, KeyFlag::ro)},
     .syntax = "key [key ...]",
     .tips = kSharded,
     .run = exists},
    {.name = "touch",
     .summary = "Renews the access time of keys and counts those that exist.",
     .complexity = "O(N) in the keys given.",
     .since = "3.2.1",
     .group = Group::generic,
     .arity = at_least(2),
     .flags = Flag::readonly | Flag::fast | Flag::shares_keys,
     .categories = Category::keyspace,
     .keys = {keys_from(1, KeyFlag::ro)},
     .syntax = "key [key ...]",
     .tips = kSharded,
     .run = touch_keys},
    {.name = "type",
     .summary = "Tells the type of the value at a key.",
     .complexity = "O(1)",
     .since = "1.0.0",
     .group = Group::generic,
     .arity = exactly(2),
     .flags = Flag::readonly | Flag::fast,
     .categories = Category::keyspace,
     .keys = {key_at(1, KeyFlag::ro)},
     .syntax = "key",
     .run = type},
    {.name = "unlink",
     .summary = "Deletes keys, freeing what is large in the background.",
     .complexity = "O(1) for each key; large values are freed later.",
     .since = "4.0.0",
     .group = Group::generic,
     .arity = at_least(2),
     .flags = Flag::write | Flag::fast,
     .categories = Category::keyspace,
     .keys = {keys_from(1, KeyFlag::rm | KeyFlag::erase)},
     .syntax = "key [key ...]",
     .tips = kSharded,
     .run = del},
};
static_assert(valid(kTable));

}  // namespace

Family generic_commands() { return kTable; }

}  // namespace banyan::generic
