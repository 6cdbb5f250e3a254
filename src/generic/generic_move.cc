// Commands that put a value elsewhere: COPY, MOVE, RENAME, RENAMENX.
#include <limits>

#include "commands/call.h"
#include "generic/families.h"

namespace banyan::generic {

using namespace commands;

namespace {

using store::Entry;

Result<unsigned> database_arg(const Call& call, std::size_t i) {
  TRY(const std::int64_t number, call.int_arg(i));
  using Limits = std::numeric_limits<std::int32_t>;
  if (number < Limits::min() || number > Limits::max())
    return fail("value is out of range, value must between -2147483648 and 2147483647");
  if (number < 0 || number >= call.db.context().keyspace.database_count())
    return fail(Errc::db_out_of_range);
  return static_cast<unsigned>(number);
}

std::unexpected<Error> same_object() { return fail("source and destination objects are the same"); }

struct CopyOptions {
  unsigned database;
  bool replace = false;
};

Result<CopyOptions> copy_options(const Call& call) {
  CopyOptions options{.database = call.db.number()};
  for (std::size_t i = 3; i < call.size(); ++i) {
    if (call.is(i, "replace")) {
      options.replace = true;
    } else if (call.is(i, "db") && i + 1 < call.size()) {
      TRY(options.database, database_arg(call, ++i));
    } else {
      return fail(Errc::syntax);
    }
  }
  if (call.db.context().keyspace.has_slots() && options.database != 0)
    return fail("Copying to another database is not allowed in cluster mode");
  return options;
}

Result<> copy(Call& call) {
  TRY(const CopyOptions options, copy_options(call));
  const store::Key& source = call.key(0);
  const store::Key& target = call.key(1);
  if (options.database == call.db.number() && source.text == target.text) return same_object();
  const Entry* entry = call.db.find(source);
  if (entry == nullptr) {
    call.reply.integer(0);
    return {};
  }
  Database to = call.db.other(options.database);
  const Database::Place taken = to.place(target);
  if (taken && !options.replace) {
    call.reply.integer(0);
    return {};
  }
  Entry* duplicate = Entry::make_copy(*entry, target.text, entry->expiry());
  if (taken) to.erase(taken);
  to.insert(target, duplicate);
  to.changed(target, EventKind::generic, "copy_to");
  call.reply.integer(1);
  return {};
}

Result<> move(Call& call) {
  if (call.db.context().keyspace.has_slots()) return fail("MOVE is not allowed in cluster mode");
  TRY(const unsigned number, database_arg(call, 2));
  if (number == call.db.number()) return same_object();
  const store::Key& key = call.key();
  Database to = call.db.other(number);
  const Database::Place place = call.db.place(key);
  if (!place || to.place(key)) {
    call.reply.integer(0);
    return {};
  }
  to.insert(key, call.db.take(place));
  call.db.changed(key, EventKind::generic, "move_from");
  to.notify(key, EventKind::generic, "move_to");
  call.reply.integer(1);
  return {};
}

enum class Existing : std::uint8_t { overwrite, keep };

// False when the target exists and is to be kept.
Result<bool> rename_key(Call& call, Existing existing) {
  const store::Key& from = call.key(0);
  const store::Key& to = call.key(1);
  if (!call.db.place(from)) return fail(Errc::no_such_key);
  if (from.text == to.text) return existing == Existing::overwrite;
  if (const Database::Place taken = call.db.place(to)) {
    if (existing == Existing::keep) return false;
    call.db.erase(taken);
  }
  // Looked up again: a removal makes other places of its table invalid.
  Entry* entry = call.db.take(call.db.place(from));
  call.db.insert(to, Entry::renamed(entry, to.text));
  call.db.changed(from, EventKind::generic, "rename_from");
  call.db.notify(to, EventKind::generic, "rename_to");
  return true;
}

Result<> rename(Call& call) {
  TRY_DO(rename_key(call, Existing::overwrite));
  call.reply.ok();
  return {};
}

Result<> renamenx(Call& call) {
  TRY(const bool renamed, rename_key(call, Existing::keep));
  call.reply.integer(renamed ? 1 : 0);
  return {};
}

constexpr KeyFlag kMovedAway = KeyFlag::rw | KeyFlag::access | KeyFlag::erase;

constexpr CommandSpec kTable[] = {
    {.name = "copy",
     .summary = "Copies a value, with its time to live, to another key.",
     .complexity = "O(N) in the elements of a collection; O(1) for strings.",
     .since = "6.2.0",
     .group = Group::generic,
     .arity = at_least(3),
     .flags = Flag::write | Flag::deny_oom,
     .categories = Category::keyspace,
     .keys = {key_at(1, KeyFlag::ro | KeyFlag::access), key_at(2, KeyFlag::ow | KeyFlag::update)},
     .syntax = "source destination [DB destination-db] [REPLACE]",
     .run = copy},
    {.name = "move",
     .summary = "Moves a key to another database, unless that has it already.",
     .complexity = "O(1)",
     .since = "1.0.0",
     .group = Group::generic,
     .arity = exactly(3),
     .flags = Flag::write | Flag::fast,
     .categories = Category::keyspace,
     .keys = {key_at(1, KeyFlag::rw | KeyFlag::access | KeyFlag::update)},
     .syntax = "key db",
     .run = move},
    {.name = "rename",
     .summary = "Renames a key; what the new name held is gone.",
     .complexity = "O(1)",
     .since = "1.0.0",
     .group = Group::generic,
     .arity = exactly(3),
     .flags = Flag::write,
     .categories = Category::keyspace,
     .keys = {key_at(1, kMovedAway), key_at(2, KeyFlag::ow | KeyFlag::update)},
     .syntax = "key newkey",
     .run = rename},
    {.name = "renamenx",
     .summary = "Renames a key, unless the new name exists.",
     .complexity = "O(1)",
     .since = "1.0.0",
     .group = Group::generic,
     .arity = exactly(3),
     .flags = Flag::write | Flag::fast,
     .categories = Category::keyspace,
     .keys = {key_at(1, kMovedAway), key_at(2, KeyFlag::ow | KeyFlag::insert)},
     .syntax = "key newkey",
     .run = renamenx},
};
static_assert(valid(kTable));

}  // namespace

Family generic_move_commands() { return kTable; }

}  // namespace banyan::generic
