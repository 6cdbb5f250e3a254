#include "commands/registry.h"

#include <algorithm>

#include "base/bytes.h"
#include "base/check.h"

namespace banyan::commands {

Registry::Registry(std::span<const Family> families) {
  for (const Family& family : families)
    for (const CommandSpec& spec : family) commands_.push_back(&spec);
  std::sort(commands_.begin(), commands_.end(),
            [](const CommandSpec* a, const CommandSpec* b) { return a->name < b->name; });
  std::vector<Place> content;
  content.reserve(commands_.size());
  for (const CommandSpec* spec : commands_) {
    content.push_back({std::string(spec->name), {spec, id_count_}});
    by_id_.push_back(spec);
    for (const CommandSpec& sub : spec->subcommands) by_id_.push_back(&sub);
    id_count_ = static_cast<std::uint32_t>(by_id_.size());
  }
  rebuild(content);
}

void Registry::rebuild(const std::vector<Place>& content) {
  std::size_t size = 64;
  while (size < content.size() * 4) size *= 2;
  places_.assign(size, {});
  mask_ = static_cast<std::uint32_t>(size - 1);
  for (const Place& place : content) insert(place);
}

void Registry::insert(const Place& place) {
  const std::string& name = place.name;
  CHECK(name.size() <= kNameMax && find(name) == nullptr);
  std::uint32_t hash = static_cast<std::uint32_t>(name.size());
  for (const char c : name) hash = (hash ^ static_cast<unsigned char>(c)) * 0x01000193U;
  std::uint32_t at = (hash ^ (hash >> 15)) & mask_;
  while (places_[at].found.spec != nullptr) at = (at + 1) & mask_;
  places_[at] = place;
}

bool Registry::rename(std::string_view from, std::string_view to) {
  const Found found = look_up(from);
  if (found.spec == nullptr || to.size() > kNameMax || (!to.empty() && find(to) != nullptr))
    return false;
  std::vector<Place> content;
  for (const Place& place : places_)
    if (place.found.spec != nullptr && place.name != lower(from)) content.push_back(place);
  if (!to.empty()) content.push_back({lower(to), found});
  rebuild(content);
  return true;
}

const CommandSpec* Registry::find_subcommand(const CommandSpec& container, std::string_view name) {
  for (const CommandSpec& sub : container.subcommands)
    if (equals_ignoring_case(sub.name.substr(container.name.size() + 1), name)) return &sub;
  return nullptr;
}

Found Registry::resolve(std::span<const std::string_view> words) const {
  if (words.empty()) return {};
  const Found found = look_up(words[0]);
  if (found.spec == nullptr || found.spec->subcommands.empty() || words.size() < 2) return found;
  const CommandSpec* sub = find_subcommand(*found.spec, words[1]);
  if (sub == nullptr) return found;
  const auto index = static_cast<std::uint32_t>(sub - found.spec->subcommands.data());
  return {sub, found.id + 1 + index};
}

}  // namespace banyan::commands
