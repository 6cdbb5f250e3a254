#include "config/table.h"

#include <array>
#include <unordered_map>

namespace banyan::config {
namespace {

std::unordered_map<std::string_view, const Setting*> make_index() {
  std::unordered_map<std::string_view, const Setting*> index;
  for (const std::span<const Setting> group : all_settings()) {
    for (const Setting& setting : group) {
      index.emplace(setting.name, &setting);
      for (const Alias& alias : setting.aliases)
        if (!alias.name.empty()) index.emplace(alias.name, &setting);
    }
  }
  return index;
}

}  // namespace

std::span<const std::span<const Setting>> all_settings() {
  static const std::array<std::span<const Setting>, 10> groups = {
      network_settings(),     process_settings(), logging_settings(),  replication_settings(),
      persistence_settings(), memory_settings(),  encoding_settings(), cluster_settings(),
      security_settings(),    limit_settings(),
  };
  return groups;
}

const Setting* find_setting(Bytes name) {
  static const std::unordered_map<std::string_view, const Setting*> index = make_index();
  const auto found = index.find(lower(name));
  return found == index.end() ? nullptr : found->second;
}

}  // namespace banyan::config
