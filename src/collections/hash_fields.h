// FIELDS, a number, and as many fields (or pairs of field and value): how the commands on the
// expiry of fields name them.
//
// Threads   Pure functions; the fields are views of the call's words.
#pragma once

#include "commands/call.h"

namespace banyan::collections {

using commands::Call;

enum class FieldTimeUnit : std::int64_t { milliseconds = 1, seconds = 1000 };
enum class FieldTimeOrigin : std::uint8_t { now, epoch };

// Beyond this no field's expiry may be set.
inline constexpr UnixMs kFieldExpiryMax = 0x3fffffffffff;

// The fields behind the word FIELDS, which must be number `at`; `bad_number` is what is wrong with
// a number below 1.
Result<std::span<const Bytes>> fields_arg(const Call& call, std::size_t at, Bytes bad_number);

// When `text` is, in ms: "invalid expire time" beyond what is possible.
Result<UnixMs> field_time(const Call& call, Bytes text, FieldTimeUnit unit, FieldTimeOrigin origin);

}  // namespace banyan::collections
