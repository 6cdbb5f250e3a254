// Commands on the expiry of fields: HEXPIRE and its kin, HTTL and its kin, HPERSIST.
#include "collections/hash_fields.h"
#include "collections/hash_handlers.h"

namespace banyan::collections {

using namespace commands;

namespace {

using store::Entry;
using Unit = FieldTimeUnit;
using Origin = FieldTimeOrigin;

// What is replied for each field.
constexpr std::int64_t kNoField = -2;
constexpr std::int64_t kNoExpiryYet = -1;
constexpr std::int64_t kNotMet = 0;
constexpr std::int64_t kDone = 1;
constexpr std::int64_t kErased = 2;

enum class Condition : std::uint8_t { none, nx, xx, gt, lt };

Condition condition_of(const Call& call) {
  if (call.is(3, "nx")) return Condition::nx;
  if (call.is(3, "xx")) return Condition::xx;
  if (call.is(3, "gt")) return Condition::gt;
  return call.is(3, "lt") ? Condition::lt : Condition::none;
}

bool holds(Condition condition, UnixMs current, UnixMs wanted) {
  const bool expires = current != kNoExpiry;
  switch (condition) {
    case Condition::none:
      return true;
    case Condition::nx:
      return !expires;
    case Condition::xx:
      return expires;
    case Condition::gt:  // no expiry is one infinitely far away
      return expires && wanted > current;
    case Condition::lt:
      return !expires || wanted < current;
  }
  return false;
}

void reply_missing(Call& call, std::size_t count) {
  call.reply.array(count);
  for (std::size_t i = 0; i < count; ++i) call.reply.integer(kNoField);
}

// What HPEXPIREAT with `at` does to each of the fields.
struct Expiring {
  UnixMs at;
  Condition condition;
  bool is_past;
  std::vector<Bytes> changed = {};  // for the log
  std::vector<Bytes> erased = {};

  std::int64_t apply(Call& call, HashEdit& hash, Bytes field) {
    HashRoom room;
    const auto found = hash->find(field, room);
    if (!found || is_over(*found, call.db.context())) return kNoField;
    if (!holds(condition, found->expiry, at)) return kNotMet;
    if (is_past) {
      hash->erase(field);
      erased.push_back(field);
      return kErased;
    }
    hash->set_expiry(field, std::max<UnixMs>(at, 1));
    changed.push_back(field);
    return kDone;
  }
};

void log_expiring(Call& call, const Expiring& done) {
  const Bytes key = call.key().text;
  if (!done.erased.empty()) {
    std::vector<Bytes> words = {"HDEL", key};
    words.insert(words.end(), done.erased.begin(), done.erased.end());
    call.effects().instead(words);
  }
  if (done.changed.empty()) return;
  const std::string at = std::to_string(done.at);
  const std::string count = std::to_string(done.changed.size());
  std::vector<Bytes> words = {"HPEXPIREAT", key, at};
  if (done.condition != Condition::none) words.push_back(call.arg(3));
  words.insert(words.end(), {"FIELDS", count});
  words.insert(words.end(), done.changed.begin(), done.changed.end());
  call.effects().instead(words);
}

template <Unit unit, Origin origin>
Result<> expire(Call& call) {
  TRY(const Database::Place place, call.db.place(call.key(), values::Type::hash));
  TRY(const UnixMs at, field_time(call, call.arg(2), unit, origin));
  const Condition condition = condition_of(call);
  TRY(const auto fields, fields_arg(call, condition == Condition::none ? 3 : 4,
                                    "Parameter `numFields` should be greater than 0"));
  if (!place) {
    reply_missing(call, fields.size());
    return {};
  }
  Expiring expiring{.at = at, .condition = condition, .is_past = call.db.is_past(at)};
  call.reply.array(fields.size());
  {
    HashEdit hash(call.db, call.key(), call.db.writable(place));
    for (const Bytes field : fields) call.reply.integer(expiring.apply(call, hash, field));
  }
  const std::size_t changes = expiring.changed.size() + expiring.erased.size();
  if (changes == 0) return {};
  log_expiring(call, expiring);
  call.db.changed(call.key(), EventKind::hash, expiring.erased.empty() ? "hexpire" : "hdel");
  call.effects().changed(changes - 1);
  call.db.context().counters.expired_fields += expiring.erased.size();
  erase_if_empty(call.db, call.key());
  return {};
}

template <Unit unit, Origin origin>
Result<> tell(Call& call) {
  TRY(const Entry* entry, find_hash(call));
  TRY(const auto fields, fields_arg(call, 2, "Number of fields must be a positive integer"));
  if (entry == nullptr) {
    reply_missing(call, fields.size());
    return {};
  }
  const HashView hash(entry->body());
  const UnixMs base = origin == Origin::now ? call.now() : 0;
  call.reply.array(fields.size());
  for (const Bytes field : fields) {
    HashRoom room;
    const auto found = hash.find(field, room);
    std::int64_t told = kNoField;
    if (found && !is_over(*found, call.db.context())) {
      const UnixMs left = found->expiry - base;
      told = unit == Unit::seconds ? (left + 999) / 1000 : left;
      if (found->expiry == kNoExpiry) told = kNoExpiryYet;
    }
    call.reply.integer(told);
  }
  return {};
}

}  // namespace

Result<> hexpire(Call& call) { return expire<Unit::seconds, Origin::now>(call); }
Result<> hpexpire(Call& call) { return expire<Unit::milliseconds, Origin::now>(call); }
Result<> hexpireat(Call& call) { return expire<Unit::seconds, Origin::epoch>(call); }
Result<> hpexpireat(Call& call) { return expire<Unit::milliseconds, Origin::epoch>(call); }

Result<> httl(Call& call) { return tell<Unit::seconds, Origin::now>(call); }
Result<> hpttl(Call& call) { return tell<Unit::milliseconds, Origin::now>(call); }
Result<> hexpiretime(Call& call) { return tell<Unit::seconds, Origin::epoch>(call); }
Result<> hpexpiretime(Call& call) { return tell<Unit::milliseconds, Origin::epoch>(call); }

Result<> hpersist(Call& call) {
  TRY(const Database::Place place, call.db.place(call.key(), values::Type::hash));
  TRY(const auto fields, fields_arg(call, 2, "Number of fields must be a positive integer"));
  if (!place) {
    reply_missing(call, fields.size());
    return {};
  }
  bool any = false;
  call.reply.array(fields.size());
  {
    HashEdit hash(call.db, call.key(), call.db.writable(place));
    for (const Bytes field : fields) {
      HashRoom room;
      const auto found = hash->find(field, room);
      std::int64_t told = kNoField;
      if (found && !is_over(*found, call.db.context())) {
        told = found->expiry == kNoExpiry ? kNoExpiryYet : kDone;
        if (told == kDone) any = hash->set_expiry(field, kNoExpiry);
      }
      call.reply.integer(told);
    }
  }
  if (any) call.db.changed(call.key(), EventKind::hash, "hpersist");
  return {};
}

}  // namespace banyan::collections
