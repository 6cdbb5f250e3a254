#include "strings/set_options.h"

#include <string>

namespace banyan::strings {

using namespace commands;

namespace {

struct LifetimeWord {
  Bytes word;
  Lifetime lifetime;
};
constexpr LifetimeWord kLifetimeWords[] = {
    {"EX", Lifetime::ex},     {"PX", Lifetime::px},        {"EXAT", Lifetime::exat},
    {"PXAT", Lifetime::pxat}, {"KEEPTTL", Lifetime::keep}, {"PERSIST", Lifetime::persist},
};

Lifetime lifetime_of(Bytes word) {
  for (const LifetimeWord& known : kLifetimeWords)
    if (equals_ignoring_case(word, known.word)) return known.lifetime;
  return Lifetime::none;
}

// Reads the lifetime at word `i`, and moves `i` to its last word.
Result<> read_lifetime(const Call& call, Lifetime forbidden, SetOptions& options, std::size_t& i) {
  const Lifetime lifetime = lifetime_of(call.arg(i));
  if (lifetime == Lifetime::none || lifetime == forbidden) return fail(Errc::syntax);
  if (options.lifetime != Lifetime::none && options.lifetime != lifetime) return fail(Errc::syntax);
  options.lifetime = lifetime;
  if (!options.has_time()) return {};
  if (++i == call.size()) return fail(Errc::syntax);
  options.time = call.arg(i);
  return {};
}

}  // namespace

Result<SetOptions> parse_set_options(const Call& call) {
  SetOptions options;
  for (std::size_t i = 3; i < call.size(); ++i) {
    if (call.is(i, "IFEQ") && !options.has_condition() && i + 1 < call.size()) {
      options.if_equal = call.arg(++i);
    } else if (call.is(i, "NX") && !options.xx && !options.if_equal) {
      options.nx = true;
    } else if (call.is(i, "XX") && !options.nx && !options.if_equal) {
      options.xx = true;
    } else if (call.is(i, "GET")) {
      options.get = true;
    } else {
      TRY_DO(read_lifetime(call, Lifetime::persist, options, i));
    }
  }
  return options;
}

Result<SetOptions> parse_getex_options(const Call& call) {
  SetOptions options;
  for (std::size_t i = 2; i < call.size(); ++i)
    TRY_DO(read_lifetime(call, Lifetime::keep, options, i));
  return options;
}

Result<UnixMs> expiry_of(const Call& call, const SetOptions& options) {
  const auto time = parse_int(options.time);
  if (!time) return fail(Errc::not_an_integer);
  UnixMs at = *time;
  const bool is_seconds = options.lifetime == Lifetime::ex || options.lifetime == Lifetime::exat;
  const UnixMs from = options.is_relative() ? call.now() : 0;
  if (at <= 0 || __builtin_mul_overflow(at, is_seconds ? 1000 : 1, &at) ||
      __builtin_add_overflow(at, from, &at))
    return fail("invalid expire time in '" + std::string(call.spec.name) + "' command");
  return at;
}

}  // namespace banyan::strings
