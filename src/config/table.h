// The groups that make the table of settings; all_settings() in table.cc lists them.
//
// Threads   None; immutable data.
#pragma once

#include <span>

#include "config/setting.h"

namespace banyan::config {

std::span<const Setting> network_settings();
std::span<const Setting> process_settings();
std::span<const Setting> logging_settings();
std::span<const Setting> replication_settings();
std::span<const Setting> persistence_settings();
std::span<const Setting> memory_settings();
std::span<const Setting> encoding_settings();
std::span<const Setting> cluster_settings();
std::span<const Setting> security_settings();
std::span<const Setting> limit_settings();

}  // namespace banyan::config
