#include <cmath>
#include <limits>

#include "strings/string_handlers.h"

namespace banyan::strings {

using namespace commands;

namespace {

using store::Entry;
using store::StringValue;

Result<std::int64_t> integer_of(const Entry& entry) {
  if (entry.is_integer()) return entry.integer();
  IntegerText room;
  const auto value = parse_int(entry.text(room));
  if (!value) return fail(Errc::not_an_integer);
  return *value;
}

Result<long double> real_of(Bytes text) {
  const auto value = parse_long_double(text);
  if (!value) return fail(Errc::not_a_float);
  return *value;
}

Result<> add(Call& call, std::int64_t delta) {
  TRY(const Database::Place place, call.db.string_place(call.key()));
  std::int64_t value = 0;
  if (place) {
    TRY(value, integer_of(*place.entry()));
  }
  if (__builtin_add_overflow(value, delta, &value)) return fail(Errc::overflow);
  if (place && place.entry()->is_integer()) {
    call.db.set_integer(place, value);
  } else {
    call.db.replace_string(call.key(), place, StringValue::of_integer(value));
  }
  call.db.changed(call.key(), EventKind::string, "incrby");
  call.reply.integer(value);
  return {};
}

}  // namespace

Result<> incr(Call& call) { return add(call, 1); }
Result<> decr(Call& call) { return add(call, -1); }

Result<> incrby(Call& call) {
  TRY(const std::int64_t delta, call.int_arg(2));
  return add(call, delta);
}

Result<> decrby(Call& call) {
  TRY(const std::int64_t delta, call.int_arg(2));
  if (delta == std::numeric_limits<std::int64_t>::min()) return fail("decrement would overflow");
  return add(call, -delta);
}

Result<> incrbyfloat(Call& call) {
  TRY(const Database::Place place, call.db.string_place(call.key()));
  long double value = 0;
  if (place) {
    IntegerText room;
    TRY(value, real_of(place.entry()->text(room)));
  }
  TRY(const long double delta, real_of(call.arg(2)));
  value += delta;
  if (std::isnan(value) || std::isinf(value))
    return fail("increment would produce NaN or Infinity");
  // Text also when it spells an integer: that is the encoding Redis gives it.
  const std::string text = format_long_double(value);
  call.db.replace_string(call.key(), place, {.text = text, .integer = std::nullopt});
  call.db.changed(call.key(), EventKind::string, "incrbyfloat");
  // The result, so that another machine's arithmetic cannot come to a different one.
  call.effects().instead({"SET", call.key().text, text, "KEEPTTL"});
  call.reply.bulk(text);
  return {};
}

}  // namespace banyan::strings
