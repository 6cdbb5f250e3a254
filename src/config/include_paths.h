// The files that an `include` names: a path, or a pattern with * ? [...] in any of its parts.
//
// Threads   None.
#pragma once

#include <string>
#include <vector>

#include "base/env.h"

namespace banyan::config {

bool is_pattern(Bytes path);
// Files that exist and match, sorted; hidden ones only when the pattern's part starts with a dot.
// What cannot be listed matches nothing. At most `paths_max`.
std::vector<std::string> expand_pattern(Files& files, Bytes pattern, std::size_t paths_max);

}  // namespace banyan::config
