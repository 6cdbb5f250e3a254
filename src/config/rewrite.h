// CONFIG REWRITE: a new text for the configuration file that gives the present settings.
//
// Invariants   Comments, order and the lines that still say the right thing stay as they are. What
//              changed is replaced where it stood; what is new, and not the default, goes to the
//              end; lines that no longer hold go away. Reading the result gives the settings again,
//              also when an `include` further down would have overruled them.
// Threads      None.
// Failure      A value with a line break in it is refused rather than written.
#pragma once

#include <string>

#include "base/env.h"
#include "config/settings.h"

namespace banyan::config {

struct RewriteOptions {
  bool sentinel_mode = false;
  bool write_defaults = false;  // every setting, for tests of the whole table
};

// `old_text` is the file's present content (empty: none), `path` its name. `files` serves includes.
Result<std::string> rewrite_text(Files& files, const std::string& path, Bytes old_text,
                                 const Settings& settings, RewriteOptions options = {});

}  // namespace banyan::config
