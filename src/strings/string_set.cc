#include <string>

#include "base/check.h"
#include "strings/set_options.h"
#include "strings/string_handlers.h"

namespace banyan::strings {

using namespace commands;

namespace {

using store::Entry;
using store::Key;
using store::StringValue;

class TimeText {
 public:
  explicit TimeText(UnixMs at) : size_(write_int(room_, at)) {}
  Bytes text() const { return {room_, size_}; }

 private:
  IntegerText room_;
  std::size_t size_;
};

void reply_value(Call& call, const Entry* entry) {
  IntegerText room;
  if (entry == nullptr) return call.reply.null();
  call.reply.bulk(entry->text(room));
}

void put(Call& call, const Key& key, Bytes value, UnixMs expiry = kNoExpiry) {
  call.db.set_string(key, StringValue::of(value), expiry);
  call.db.changed(key, EventKind::string, "set");
}

// Replicas must neither add up their own time nor answer GET, and not all of them know IFEQ; an
// absolute time in ms says the same everywhere, so those words stay.
void log_set(Call& call, const SetOptions& options, Bytes value, UnixMs expiry) {
  const Bytes key = call.key().text;
  if (options.lifetime == Lifetime::pxat && !options.if_equal) return;
  if (options.has_time())
    return call.effects().instead({"SET", key, value, "PXAT", TimeText(expiry).text()});
  if (!options.get && !options.if_equal) return;
  if (options.lifetime == Lifetime::keep)
    return call.effects().instead({"SET", key, value, "KEEPTTL"});
  call.effects().instead({"SET", key, value});
}

bool holds(const Database::Place& place, Bytes text) {
  IntegerText room;
  return place && place.entry()->text(room) == text;
}

// True when the value was stored. With GET, the old value is the reply.
Result<bool> put_with(Call& call, const SetOptions& options, Bytes value) {
  UnixMs expiry = kNoExpiry;
  if (options.has_time()) {
    TRY(expiry, expiry_of(call, options));
  }
  const Key& key = call.key();
  if (options.get) {
    TRY(const Entry* old, call.db.find_string(key));
    reply_value(call, old);
  }
  if (options.has_condition() || options.lifetime == Lifetime::keep) {
    const Database::Place place = call.db.place(key);
    if (place ? options.nx : options.xx) return false;
    if (options.if_equal) {
      if (place && !place.entry()->is_string()) return fail(Errc::wrong_type);
      if (!holds(place, *options.if_equal)) return false;
    }
    if (place && options.lifetime == Lifetime::keep) expiry = place.entry()->expiry();
  }
  put(call, key, value, expiry);
  if (options.has_time()) call.db.notify(key, EventKind::generic, "expire");
  log_set(call, options, value, expiry);
  return true;
}

Result<> put_for(Call& call, Lifetime lifetime) {
  TRY_DO(put_with(call, {.lifetime = lifetime, .time = call.arg(2)}, call.arg(3)));
  call.reply.ok();
  return {};
}

void put_pairs(Call& call) {
  for (std::size_t i = 0; i < call.keys.size(); ++i) put(call, call.key(i), call.arg(2 * i + 2));
}

Result<> check_pairs(const Call& call) {
  if (call.size() % 2 == 1) return {};
  return fail("wrong number of arguments for '" + std::string(call.spec.name) + "' command");
}

// What GETEX does to a key that exists, once it is answered.
void renew(Call& call, const SetOptions& options, UnixMs expiry) {
  const Key& key = call.key();
  const Database::Place place = call.db.place(key);
  CHECK(place);
  if (options.lifetime == Lifetime::persist) {
    if (!place.entry()->has_expiry()) return;
    call.db.set_expiry(place, kNoExpiry);
    call.db.changed(key, EventKind::generic, "persist");
    call.effects().instead({"PERSIST", key.text});
  } else if (call.db.is_past(expiry)) {
    call.db.erase(place);
    call.db.changed(key, EventKind::generic, "del");
    call.effects().instead({call.db.context().expiry_deletion, key.text});
  } else {
    call.db.set_expiry(place, expiry);
    call.db.changed(key, EventKind::generic, "expire");
    call.effects().instead({"PEXPIREAT", key.text, TimeText(expiry).text()});
  }
}

}  // namespace

Result<> set(Call& call) {
  if (call.size() == 3) [[likely]] {
    put(call, call.key(), call.arg(2));
    call.reply.ok();
    return {};
  }
  TRY(const SetOptions options, parse_set_options(call));
  TRY(const bool stored, put_with(call, options, call.arg(2)));
  if (options.get) return {};
  stored ? call.reply.ok() : call.reply.null();
  return {};
}

Result<> setnx(Call& call) {
  TRY(const bool stored, put_with(call, {.nx = true}, call.arg(2)));
  call.reply.integer(stored ? 1 : 0);
  return {};
}

Result<> setex(Call& call) { return put_for(call, Lifetime::ex); }
Result<> psetex(Call& call) { return put_for(call, Lifetime::px); }

Result<> getset(Call& call) {
  const Key& key = call.key();
  TRY(const Entry* old, call.db.find_string(key));
  reply_value(call, old);
  put(call, key, call.arg(2));
  call.effects().instead({"SET", key.text, call.arg(2)});
  return {};
}

Result<> getdel(Call& call) {
  const Key& key = call.key();
  TRY(const Entry* old, call.db.find_string(key));
  reply_value(call, old);
  if (old == nullptr || !call.db.erase(key)) return {};
  call.db.changed(key, EventKind::generic, "del");
  call.effects().instead({call.db.context().expiry_deletion, key.text});
  return {};
}

Result<> delifeq(Call& call) {
  const Key& key = call.key();
  TRY(const Database::Place place, call.db.string_place(key));
  const bool is_equal = holds(place, call.arg(2));
  if (is_equal) {
    call.db.erase(place);
    call.db.changed(key, EventKind::generic, "del");
    call.effects().instead({call.db.context().expiry_deletion, key.text});
  }
  call.reply.integer(is_equal ? 1 : 0);
  return {};
}

Result<> getex(Call& call) {
  TRY(const SetOptions options, parse_getex_options(call));
  TRY(const Entry* entry, call.db.find_string(call.key()));
  UnixMs expiry = kNoExpiry;
  if (entry != nullptr && options.has_time()) {
    TRY(expiry, expiry_of(call, options));
  }
  reply_value(call, entry);
  if (entry != nullptr && options.lifetime != Lifetime::none) renew(call, options, expiry);
  return {};
}

Result<> mset(Call& call) {
  TRY_DO(check_pairs(call));
  put_pairs(call);
  call.reply.ok();
  return {};
}

Result<> msetnx(Call& call) {
  TRY_DO(check_pairs(call));
  for (const Key& key : call.keys) {
    if (call.db.place(key)) {
      call.reply.integer(0);
      return {};
    }
  }
  put_pairs(call);
  call.reply.integer(1);
  return {};
}

}  // namespace banyan::strings
