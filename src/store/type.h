// The types of values, and what says that something does not expire.
//
// Threads   Constants.
#pragma once

#include <cstdint>

#include "base/time.h"

namespace banyan::store {

inline constexpr UnixMs kNoExpiry = -1;  // of a key, of a hash's field

enum class Type : std::uint8_t { string, list, set, sorted_set, hash, stream };
const char* name_of(Type type);  // as TYPE answers

}  // namespace banyan::store
