// The types of values.
//
// Threads   Constants.
#pragma once

#include <cstdint>

namespace banyan::values {

enum class Type : std::uint8_t { string, list, set, sorted_set, hash, stream };
const char* name_of(Type type);  // as TYPE answers

}  // namespace banyan::values
