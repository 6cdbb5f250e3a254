// docs/settings.md: the table of settings as a document.
//
// Threads   Pure.
#pragma once

#include <string>

namespace banyan::config {

// Groups in the order of the table, settings in theirs.
std::string render_settings_md();

}  // namespace banyan::config
