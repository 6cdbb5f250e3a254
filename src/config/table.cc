#include "config/table.h"

#include <array>

namespace banyan::config {

std::span<const std::span<const Setting>> all_settings() {
  static const std::array<std::span<const Setting>, 10> kGroups = {
      network_settings(),     process_settings(), logging_settings(),  replication_settings(),
      persistence_settings(), memory_settings(),  encoding_settings(), cluster_settings(),
      security_settings(),    limit_settings(),
  };
  return kGroups;
}

const Setting* find_setting(Bytes name) {
  if (name.empty()) return nullptr;  // an unused alias is empty, too
  for (const std::span<const Setting> group : all_settings()) {
    for (const Setting& setting : group) {
      if (equals_ignoring_case(setting.name, name)) return &setting;
      for (const Alias& alias : setting.aliases)
        if (equals_ignoring_case(alias.name, name)) return &setting;
    }
  }
  return nullptr;
}

}  // namespace banyan::config
