#include "collections/hash_fields.h"

#include <fmt/format.h>

namespace banyan::collections {

using namespace commands;

Result<std::span<const Bytes>> fields_arg(const Call& call, std::size_t at, Bytes bad_number) {
  if (at >= call.size() || !call.is(at, "fields"))
    return fail("Mandatory argument FIELDS is missing or not at the right position");
  const auto number = at + 1 < call.size() ? parse_int(call.arg(at + 1)) : std::nullopt;
  if (!number || *number < 1) return fail(std::string(bad_number));
  if (static_cast<std::uint64_t>(*number) != call.size() - at - 2)
    return fail("The `numfields` parameter must match the number of arguments");
  return call.words.subspan(at + 2);
}

Result<UnixMs> field_time(const Call& call, Bytes text, FieldTimeUnit unit,
                          FieldTimeOrigin origin) {
  const auto amount = parse_int(text);
  if (!amount) return fail(Errc::not_an_integer);
  if (*amount < 0) return fail("invalid expire time, must be >= 0");
  const UnixMs base = origin == FieldTimeOrigin::now ? call.now() : 0;
  const auto factor = static_cast<std::int64_t>(unit);
  if (*amount > kFieldExpiryMax / factor || *amount * factor > kFieldExpiryMax - base)
    return fail(fmt::format("invalid expire time in '{}' command", call.spec.name));
  return *amount * factor + base;
}

}  // namespace banyan::collections
