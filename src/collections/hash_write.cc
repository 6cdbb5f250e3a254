// Commands that change fields of hashes and their values.
#include <cmath>

#include "collections/hash_handlers.h"

namespace banyan::collections {

using namespace commands;

namespace {

using store::Entry;

// How many fields are new.
Result<std::size_t> set_pairs(Call& call) {
  if (call.size() % 2 == 1)
    return fail("wrong number of arguments for '" + std::string(call.spec.name) + "' command");
  const values::EncodingLimits& limits = call.db.context().limits;
  TRY(Entry * entry, call.db.open(call.key(), values::Type::hash));
  std::size_t created = 0;
  {
    HashEdit hash(call.db, call.key(), entry);
    hash->prepare(call.words.subspan(2), limits);
    for (std::size_t i = 2; i < call.size(); i += 2)
      created += hash->set(call.arg(i), call.arg(i + 1), limits) ? 1 : 0;
  }
  call.db.changed(call.key(), EventKind::hash, "hset");
  call.effects().changed(call.size() / 2 - 2);
  return created;
}

// The field to be counted up at call.key(), as the text it holds; null when there is none.
Result<std::optional<HashField>> field_to_change(Call& call, HashRoom& room) {
  TRY(const Database::Place place, call.db.place(call.key(), values::Type::hash));
  return live_field(call, place ? place.entry() : nullptr, call.arg(2), room);
}

// The value of a field that exists or not; its expiry stays.
Result<> put(Call& call, Bytes value, Bytes event) {
  TRY(Entry * entry, call.db.open(call.key(), values::Type::hash));
  HashEdit(call.db, call.key(), entry)
      ->set(call.arg(2), value, call.db.context().limits, Hash::kKeepExpiry);
  call.db.changed(call.key(), EventKind::hash, event);
  return {};
}

}  // namespace

Result<> hset(Call& call) {
  TRY(const std::size_t created, set_pairs(call));
  call.reply.integer(static_cast<std::int64_t>(created));
  return {};
}

Result<> hmset(Call& call) {
  TRY_DO(set_pairs(call));
  call.reply.ok();
  return {};
}

Result<> hsetnx(Call& call) {
  HashRoom room;
  TRY(const auto field, field_to_change(call, room));
  if (!field) {
    TRY(Entry * entry, call.db.open(call.key(), values::Type::hash));
    {
      HashEdit hash(call.db, call.key(), entry);
      hash->prepare(call.words.subspan(2), call.db.context().limits);
      hash->set(call.arg(2), call.arg(3), call.db.context().limits);
    }
    call.db.changed(call.key(), EventKind::hash, "hset");
  }
  call.reply.integer(field ? 0 : 1);
  return {};
}

Result<> hdel(Call& call) {
  TRY(const Database::Place place, call.db.place(call.key(), values::Type::hash));
  std::uint64_t deleted = 0;
  if (place) {
    HashEdit hash(call.db, call.key(), call.db.writable(place));
    for (std::size_t i = 2; i < call.size(); ++i) deleted += hash->erase(call.arg(i)) ? 1 : 0;
  }
  if (deleted != 0) {
    call.db.changed(call.key(), EventKind::hash, "hdel");
    call.effects().changed(deleted - 1);
    erase_if_empty(call.db, call.key());
  }
  call.reply.integer(static_cast<std::int64_t>(deleted));
  return {};
}

Result<> hincrby(Call& call) {
  TRY(const std::int64_t delta, call.int_arg(3));
  HashRoom room;
  TRY(const auto field, field_to_change(call, room));
  std::int64_t value = 0;
  if (field) {
    const auto held = parse_int(field->value);
    if (!held) return fail("hash value is not an integer");
    value = *held;
  }
  if (__builtin_add_overflow(value, delta, &value)) return fail(Errc::overflow);
  IntegerText text;
  TRY_DO(put(call, {text, write_int(text, value)}, "hincrby"));
  call.reply.integer(value);
  return {};
}

Result<> hincrbyfloat(Call& call) {
  const auto delta = parse_long_double(call.arg(3));
  if (!delta) return fail(Errc::not_a_float);
  if (std::isnan(*delta) || std::isinf(*delta)) return fail("value is NaN or Infinity");
  HashRoom room;
  TRY(const auto field, field_to_change(call, room));
  long double value = 0;
  if (field) {
    const auto held = parse_long_double(field->value);
    if (!held) return fail("hash value is not a float");
    value = *held;
  }
  value += *delta;
  if (std::isnan(value) || std::isinf(value))
    return fail("increment would produce NaN or Infinity");
  const UnixMs expiry = field ? field->expiry : kNoExpiry;
  const std::string text = format_long_double(value);
  TRY_DO(put(call, text, "hincrbyfloat"));
  // The result, so that another machine's arithmetic cannot come to a different one. HSET takes
  // the expiry away.
  call.effects().instead({"HSET", call.key().text, call.arg(2), text});
  if (expiry != kNoExpiry)
    call.effects().instead(
        {"HPEXPIREAT", call.key().text, std::to_string(expiry), "FIELDS", "1", call.arg(2)});
  call.reply.bulk(text);
  return {};
}

}  // namespace banyan::collections
