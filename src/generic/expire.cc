// Commands on the time to live: EXPIRE and its kin, TTL and its kin, PERSIST.
#include <algorithm>

#include <fmt/format.h>

#include "commands/call.h"
#include "generic/families.h"

namespace banyan::generic {

using namespace commands;

namespace {

enum class Unit : std::int64_t { milliseconds = 1, seconds = 1000 };
enum class Origin : std::uint8_t { now, epoch };

struct Conditions {
  bool nx = false, xx = false, gt = false, lt = false;

  bool hold(UnixMs current, UnixMs wanted) const {
    const bool has_expiry = current != kNoExpiry;
    if (nx && has_expiry) return false;
    if (xx && !has_expiry) return false;
    // No expiry is one infinitely far away.
    if (gt && (!has_expiry || wanted <= current)) return false;
    return !lt || !has_expiry || wanted < current;
  }
};

Result<Conditions> conditions_of(const Call& call) {
  Conditions c;
  for (std::size_t i = 3; i < call.size(); ++i) {
    if (call.is(i, "nx")) {
      c.nx = true;
    } else if (call.is(i, "xx")) {
      c.xx = true;
    } else if (call.is(i, "gt")) {
      c.gt = true;
    } else if (call.is(i, "lt")) {
      c.lt = true;
    } else {
      return fail(fmt::format("Unsupported option {}", call.arg(i)));
    }
  }
  if (c.nx && (c.xx || c.gt || c.lt))
    return fail("NX and XX, GT or LT options at the same time are not compatible");
  if (c.gt && c.lt) return fail("GT and LT options at the same time are not compatible");
  return c;
}

Result<UnixMs> time_arg(const Call& call, Unit unit, Origin origin) {
  TRY(const std::int64_t amount, call.int_arg(2));
  const UnixMs base = origin == Origin::now ? call.now() : 0;
  UnixMs at = 0;
  if (__builtin_mul_overflow(amount, static_cast<std::int64_t>(unit), &at) ||
      __builtin_add_overflow(at, base, &at))
    return fail(fmt::format("invalid expire time in '{}' command", call.spec.name));
  return at;
}

template <Unit unit, Origin origin>
Result<> expire(Call& call) {
  TRY(const Conditions conditions, conditions_of(call));
  TRY(const UnixMs at, time_arg(call, unit, origin));
  const store::Key& key = call.key();
  const Database::Place place = call.db.place(key);
  if (!place || !conditions.hold(place.entry()->expiry(), at)) {
    call.reply.integer(0);
    return {};
  }
  call.reply.integer(1);
  if (call.db.is_past(at)) {
    call.db.erase(place);
    call.db.changed(key, EventKind::generic, "del");
    call.effects().instead({call.db.context().expiry_deletion, key.text});
    return {};
  }
  // Below zero there is only the mark for "never".
  call.db.set_expiry(place, std::max<UnixMs>(at, 0));
  call.db.changed(key, EventKind::generic, "expire");
  if (unit != Unit::milliseconds || origin != Origin::epoch)
    call.effects().instead({"PEXPIREAT", key.text, std::to_string(at)});
  return {};
}

Result<> persist(Call& call) {
  const Database::Place place = call.db.place(call.key());
  const bool had_expiry = place && place.entry()->has_expiry();
  if (had_expiry) {
    call.db.set_expiry(place, kNoExpiry);
    call.db.changed(call.key(), EventKind::generic, "persist");
  }
  call.reply.integer(had_expiry ? 1 : 0);
  return {};
}

// How long, or (from the epoch) until when, a key lives.
template <Unit unit, Origin origin>
Result<> ttl(Call& call) {
  constexpr std::int64_t kMissing = -2;
  constexpr std::int64_t kForever = -1;
  const store::Entry* entry = call.db.look(call.key());
  std::int64_t answer = entry == nullptr ? kMissing : kForever;
  if (entry != nullptr && entry->has_expiry()) {
    answer = entry->expiry();
    if (origin == Origin::now) answer = std::max<UnixMs>(answer - call.now(), 0);
    if (unit == Unit::seconds) answer = answer / 1000 + (answer % 1000 >= 500 ? 1 : 0);
  }
  call.reply.integer(answer);
  return {};
}

constexpr KeySpecs kUpdated = {key_at(1, KeyFlag::rw | KeyFlag::update)};
constexpr KeySpecs kRead = {key_at(1, KeyFlag::ro | KeyFlag::access)};

constexpr CommandSpec setter(std::string_view name, std::string_view since,
                             std::string_view summary, std::string_view syntax,
                             Result<> (*run)(Call&)) {
  return {.name = name,
          .summary = summary,
          .complexity = "O(1)",
          .since = since,
          .group = Group::generic,
          .arity = at_least(3),
          .flags = Flag::write | Flag::fast,
          .categories = Category::keyspace,
          .keys = kUpdated,
          .syntax = syntax,
          .run = run};
}

constexpr CommandSpec getter(std::string_view name, std::string_view since,
                             std::string_view summary, std::string_view tips,
                             Result<> (*run)(Call&)) {
  return {.name = name,
          .summary = summary,
          .complexity = "O(1)",
          .since = since,
          .group = Group::generic,
          .arity = exactly(2),
          .flags = Flag::readonly | Flag::fast,
          .categories = Category::keyspace,
          .keys = kRead,
          .syntax = "key",
          .tips = tips,
          .run = run};
}

constexpr CommandSpec kTable[] = {
    setter("expire", "1.0.0", "Gives a key a time to live, in seconds.",
           "key seconds [NX | XX | GT | LT]", expire<Unit::seconds, Origin::now>),
    setter("expireat", "1.2.0", "Lets a key live until a moment, in seconds of Unix time.",
           "key unix-time-seconds [NX | XX | GT | LT]", expire<Unit::seconds, Origin::epoch>),
    getter("expiretime", "7.0.0", "Tells until when a key lives, in seconds of Unix time.", "",
           ttl<Unit::seconds, Origin::epoch>),
    {.name = "persist",
     .summary = "Takes the time to live away from a key.",
     .complexity = "O(1)",
     .since = "2.2.0",
     .group = Group::generic,
     .arity = exactly(2),
     .flags = Flag::write | Flag::fast,
     .categories = Category::keyspace,
     .keys = kUpdated,
     .syntax = "key",
     .run = persist},
    setter("pexpire", "2.6.0", "Gives a key a time to live, in milliseconds.",
           "key milliseconds [NX | XX | GT | LT]", expire<Unit::milliseconds, Origin::now>),
    setter("pexpireat", "2.6.0", "Lets a key live until a moment, in milliseconds of Unix time.",
           "key unix-time-milliseconds [NX | XX | GT | LT]",
           expire<Unit::milliseconds, Origin::epoch>),
    getter("pexpiretime", "7.0.0", "Tells until when a key lives, in milliseconds of Unix time.",
           "", ttl<Unit::milliseconds, Origin::epoch>),
    getter("pttl", "2.6.0", "Tells how long a key still lives, in milliseconds.",
           "nondeterministic_output", ttl<Unit::milliseconds, Origin::now>),
    getter("ttl", "1.0.0", "Tells how long a key still lives, in seconds.",
           "nondeterministic_output", ttl<Unit::seconds, Origin::now>),
};
static_assert(valid(kTable));

}  // namespace

Family expire_commands() { return kTable; }

}  // namespace banyan::generic
