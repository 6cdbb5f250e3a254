// glob_match: Redis's pattern language: * ? [abc] [^abc] [a-z] and \ to quote.
// Iterative with one point of return, so O(pattern × text) at worst and no recursion.
#pragma once

#include "base/bytes.h"

namespace banyan {

bool glob_match(Bytes pattern, Bytes text, bool ignore_case = false);

}  // namespace banyan
