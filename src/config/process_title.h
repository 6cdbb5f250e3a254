// The title of the process, which `ps` shows: proc-title-template with its fields filled in.
//
// Vocabulary   A *field* is a name in braces; two opening braces stand for one.
// Threads      None; pure functions.
// Failure      A template that names an unknown field, ends inside one, or leaves nothing to show.
#pragma once

#include <string>

#include "base/bytes.h"
#include "base/result.h"
#include "config/settings.h"

namespace banyan::config {

// What the settings do not say.
struct TitleFacts {
  Bytes program;      // as it was called
  Bytes config_file;  // empty = none
  bool sentinel = false;
};

Result<> check_title_template(Bytes text);
std::string process_title(const Settings& settings, const TitleFacts& facts);

}  // namespace banyan::config
