// Commands that read or write fields and their expiry in one: HGETDEL, HGETEX, HSETEX.
#include <set>

#include "collections/hash_fields.h"
#include "collections/hash_handlers.h"

namespace banyan::collections {

using namespace commands;

namespace {

using store::Entry;
using Unit = FieldTimeUnit;
using Origin = FieldTimeOrigin;

struct Lifetime {
  enum class Kind : std::uint8_t { none, at, persist, keep };
  Kind kind = Kind::none;
  UnixMs at = kNoExpiry;
};

struct TimeWord {
  Bytes word;
  Unit unit;
  Origin origin;
};
constexpr TimeWord kTimeWords[] = {{"ex", Unit::seconds, Origin::now},
                                   {"px", Unit::milliseconds, Origin::now},
                                   {"exat", Unit::seconds, Origin::epoch},
                                   {"pxat", Unit::milliseconds, Origin::epoch}};

const TimeWord* time_word(const Call& call, std::size_t i) {
  for (const TimeWord& t : kTimeWords)
    if (call.is(i, t.word)) return &t;
  return nullptr;
}

// As one request for the log: `name`, the key, `middle`, the fields.
void log_fields(Call& call, Bytes name, std::span<const Bytes> middle,
                std::span<const Bytes> fields) {
  if (fields.empty()) return;
  std::vector<Bytes> words = {name, call.key().text};
  words.insert(words.end(), middle.begin(), middle.end());
  words.insert(words.end(), fields.begin(), fields.end());
  call.effects().instead(words);
}

void log_expiry(Call& call, UnixMs at, std::span<const Bytes> fields) {
  const std::string time = std::to_string(at);
  const std::string count = std::to_string(fields.size());
  const Bytes middle[] = {time, "FIELDS", count};
  log_fields(call, "HPEXPIREAT", middle, fields);
}

// Replies the values of live fields; what is over is collected, to be dropped when all is read.
// Where they are about to be erased, a field that is named again is not there any more.
struct Read {
  std::vector<Bytes> live;
  std::vector<Bytes> over;
};
Read reply_values(Call& call, const Entry* entry, std::span<const Bytes> fields, bool erases) {
  Read read;
  std::set<Bytes> gone;
  call.reply.array(fields.size());
  for (const Bytes field : fields) {
    HashRoom room;
    const auto found = entry == nullptr ? std::nullopt : HashView(entry->body()).find(field, room);
    if (!found || (erases && !gone.insert(field).second)) {
      call.reply.null();
    } else if (is_over(*found, call.db.context())) {
      call.reply.null();
      read.over.push_back(field);
    } else {
      call.reply.bulk(found->value);
      read.live.push_back(field);
    }
  }
  return read;
}

void drop_over(Call& call, const Read& read) {
  for (const Bytes field : read.over) {
    const Entry* entry = call.db.peek(call.key());
    HashRoom room;
    if (entry != nullptr) (void)live_field(call, entry, field, room);
  }
}

// Erases those of the fields that are (still) there, and logs that; how many.
std::size_t erase_fields(Call& call, std::span<const Bytes> fields) {
  std::vector<Bytes> erased;
  const Database::Place place = call.db.place(call.key());
  if (place) {
    HashEdit hash(call.db, call.key(), call.db.writable(place));
    for (const Bytes field : fields)
      if (hash->erase(field)) erased.push_back(field);
  }
  if (erased.empty()) return 0;
  log_fields(call, "HDEL", {}, erased);
  call.db.changed(call.key(), EventKind::hash, "hdel");
  call.effects().changed(erased.size() - 1);
  erase_if_empty(call.db, call.key());
  return erased.size();
}

bool is_past(const Call& call, const Lifetime& lifetime) {
  return lifetime.kind == Lifetime::Kind::at && call.db.is_past(lifetime.at);
}

// HGETEX's change of the fields that it has replied.
void apply_lifetime(Call& call, const Lifetime& lifetime, std::span<const Bytes> fields) {
  if (fields.empty() || lifetime.kind == Lifetime::Kind::none) return;
  if (is_past(call, lifetime)) {
    call.db.context().counters.expired_fields += erase_fields(call, fields);
    return;
  }
  const bool persists = lifetime.kind == Lifetime::Kind::persist;
  std::vector<Bytes> changed;
  {
    const Database::Place place = call.db.place(call.key());
    HashEdit hash(call.db, call.key(), call.db.writable(place));
    for (const Bytes field : fields) {
      HashRoom room;
      const auto found = hash->find(field, room);
      if (persists && found->expiry == kNoExpiry) continue;
      hash->set_expiry(field, persists ? kNoExpiry : std::max<UnixMs>(lifetime.at, 1));
      changed.push_back(field);
    }
  }
  if (changed.empty()) return;
  if (persists) {
    const std::string count = std::to_string(changed.size());
    const Bytes middle[] = {"FIELDS", count};
    log_fields(call, "HPERSIST", middle, changed);
  } else {
    log_expiry(call, lifetime.at, changed);
  }
  call.db.changed(call.key(), EventKind::hash, persists ? "hpersist" : "hexpire");
  call.effects().changed(changed.size() - 1);
}

struct SetexOptions {
  bool only_new = false;    // FNX: none of the fields may exist
  bool only_there = false;  // FXX: all of them must
  Lifetime lifetime;
  std::span<const Bytes> pairs;
};

Result<std::span<const Bytes>> pairs_arg(const Call& call, std::size_t at) {
  const auto wrong_number = [&] {
    return fail("wrong number of arguments for '" + std::string(call.spec.name) + "' command");
  };
  if (at + 3 >= call.size()) return wrong_number();
  const auto number = parse_int(call.arg(at + 1));
  constexpr std::int64_t kPairsMax = 0x7fffffff;
  if (!number || *number < 1 || *number > kPairsMax) return fail("invalid number of fields");
  const std::size_t words = call.size() - at - 2;
  if (words != 2 * static_cast<std::uint64_t>(*number)) return wrong_number();
  return call.words.subspan(at + 2);
}

Result<SetexOptions> parse_setex(const Call& call) {
  SetexOptions options;
  const auto set_lifetime = [&](Lifetime lifetime) -> Result<> {
    if (options.lifetime.kind != Lifetime::Kind::none)
      return fail("Only one of EX, PX, EXAT, PXAT or KEEPTTL arguments can be specified");
    options.lifetime = lifetime;
    return {};
  };
  for (std::size_t i = 2; i < call.size(); ++i) {
    if (call.is(i, "fields")) {
      TRY(options.pairs, pairs_arg(call, i));
      return options;
    }
    if (const TimeWord* word = time_word(call, i)) {
      TRY_DO(set_lifetime({.kind = Lifetime::Kind::at}));
      if (++i == call.size()) return fail("missing expire time");
      TRY(options.lifetime.at, field_time(call, call.arg(i), word->unit, word->origin));
    } else if (call.is(i, "keepttl")) {
      TRY_DO(set_lifetime({.kind = Lifetime::Kind::keep}));
    } else if (call.is(i, "fnx") || call.is(i, "fxx")) {
      if (options.only_new || options.only_there)
        return fail("Only one of FXX or FNX arguments can be specified");
      (call.is(i, "fnx") ? options.only_new : options.only_there) = true;
    } else {
      return fail("unknown argument: " + std::string(call.arg(i)));
    }
  }
  return fail("missing FIELDS argument");
}

bool condition_holds(Call& call, const SetexOptions& options) {
  if (!options.only_new && !options.only_there) return true;
  for (std::size_t i = 0; i < options.pairs.size(); i += 2) {
    HashRoom room;
    const Entry* entry = call.db.peek(call.key());
    const bool exists = live_field(call, entry, options.pairs[i], room).has_value();
    if (exists ? options.only_new : options.only_there) return false;
  }
  return true;
}

// The values as HSET, which every version knows, and then the expiries: those that were set, or
// those that HSET would take away and that are to stay.
void log_setex(Call& call, const SetexOptions& options) {
  std::vector<Bytes> fields;
  log_fields(call, "HSET", {}, options.pairs);
  for (std::size_t i = 0; i < options.pairs.size(); i += 2) fields.push_back(options.pairs[i]);
  if (options.lifetime.kind == Lifetime::Kind::at)
    return log_expiry(call, options.lifetime.at, fields);
  if (options.lifetime.kind != Lifetime::Kind::keep) return;
  const Entry* entry = call.db.peek(call.key());
  for (const Bytes& field : fields) {
    HashRoom room;
    const auto found = HashView(entry->body()).find(field, room);
    if (found->expiry != kNoExpiry) log_expiry(call, found->expiry, {&field, 1});
  }
}

Result<> set_pairs(Call& call, const SetexOptions& options) {
  const values::EncodingLimits& limits = call.db.context().limits;
  UnixMs expiry = kNoExpiry;
  if (options.lifetime.kind == Lifetime::Kind::keep) expiry = Hash::kKeepExpiry;
  if (options.lifetime.kind == Lifetime::Kind::at)
    expiry = std::max<UnixMs>(options.lifetime.at, 1);
  TRY(Entry * entry, call.db.open(call.key(), values::Type::hash));
  {
    HashEdit hash(call.db, call.key(), entry);
    hash->prepare(options.pairs, limits);
    for (std::size_t i = 0; i < options.pairs.size(); i += 2)
      hash->set(options.pairs[i], options.pairs[i + 1], limits, expiry);
  }
  log_setex(call, options);
  call.db.changed(call.key(), EventKind::hash, "hset");
  call.effects().changed(options.pairs.size() / 2 - 1);
  if (options.lifetime.kind == Lifetime::Kind::at)
    call.db.notify(call.key(), EventKind::hash, "hexpire");
  return {};
}

}  // namespace

Result<> hgetdel(Call& call) {
  TRY(const Database::Place place, call.db.place(call.key(), values::Type::hash));
  TRY(const auto fields, fields_arg(call, 2, "Number of fields must be a positive integer"));
  const Read read = reply_values(call, place ? place.entry() : nullptr, fields, true);
  drop_over(call, read);
  erase_fields(call, read.live);
  return {};
}

Result<> hgetex(Call& call) {
  TRY(const Database::Place place, call.db.place(call.key(), values::Type::hash));
  Lifetime lifetime;
  std::size_t at = 2;
  const TimeWord* word = time_word(call, 2);
  if (word != nullptr) at = 4;
  if (call.is(2, "persist")) {
    lifetime.kind = Lifetime::Kind::persist;
    at = 3;
  }
  if (word != nullptr) {
    lifetime.kind = Lifetime::Kind::at;
    TRY(lifetime.at, field_time(call, call.arg(3), word->unit, word->origin));
  }
  TRY(const auto fields, fields_arg(call, at, "Number of fields must be a positive integer"));
  const bool erases = is_past(call, lifetime);
  const Read read = reply_values(call, place ? place.entry() : nullptr, fields, erases);
  drop_over(call, read);
  apply_lifetime(call, lifetime, read.live);
  return {};
}

Result<> hsetex(Call& call) {
  TRY(const SetexOptions options, parse_setex(call));
  TRY_DO(call.db.place(call.key(), values::Type::hash));
  if (!condition_holds(call, options)) {
    call.reply.integer(0);
    return {};
  }
  call.reply.integer(1);
  if (!is_past(call, options.lifetime)) return set_pairs(call, options);
  // Set and over at once: what is left is that the fields are gone. The events tell of both.
  std::vector<Bytes> fields;
  for (std::size_t i = 0; i < options.pairs.size(); i += 2) fields.push_back(options.pairs[i]);
  call.db.notify(call.key(), EventKind::hash, "hset");
  const std::size_t erased = erase_fields(call, fields);
  call.db.context().counters.expired_fields += erased;
  if (erased > 0) return {};
  call.db.notify(call.key(), EventKind::hash, "hdel");
  if (call.db.peek(call.key()) == nullptr) call.db.notify(call.key(), EventKind::generic, "del");
  return {};
}

}  // namespace banyan::collections
