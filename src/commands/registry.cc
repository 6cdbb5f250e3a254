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
  for (const CommandSpec* spec : commands_) content.push_back({std::string(spec->name), spec});
  rebuild(content);
}

void Registry::rebuild(const std::vector<Place>& content) {
  std::size_t size = 64;
  while (size < content.size() * 4) size *= 2;
  places_.assign(size, {});
  mask_ = static_cast<std::uint32_t>(size - 1);
  for (const Place& place : content) insert(place.name, place.spec);
}

void Registry::insert(std::string name, const CommandSpec* spec) {
  CHECK(name.size() <= kNameMax && find(name) == nullptr);
  std::uint32_t hash = static_cast<std::uint32_t>(name.size());
  for (const char c : name) hash = (hash ^ static_cast<unsigned char>(c)) * 0x01000193U;
  std::uint32_t at = (hash ^ (hash >> 15)) & mask_;
  while (places_[at].spec != nullptr) at = (at + 1) & mask_;
  places_[at] = {std::move(name), spec};
}

bool Registry::rename(std::string_view from, std::string_view to) {
  const CommandSpec* spec = find(from);
  if (spec == nullptr || to.size() > kNameMax || (!to.empty() && find(to) != nullptr)) return false;
  std::vector<Place> content;
  for (const Place& place : places_)
    if (place.spec != nullptr && place.name != lower(from)) content.push_back(place);
  if (!to.empty()) content.push_back({lower(to), spec});
  rebuild(content);
  return true;
}

const CommandSpec* Registry::find_subcommand(const CommandSpec& container, std::string_view name) {
  for (const CommandSpec& sub : container.subcommands)
    if (equals_ignoring_case(sub.name.substr(container.name.size() + 1), name)) return &sub;
  return nullptr;
}

const CommandSpec* Registry::resolve(std::span<const std::string_view> words) const {
  if (words.empty()) return nullptr;
  const CommandSpec* spec = find(words[0]);
  if (spec == nullptr || spec->subcommands.empty() || words.size() < 2) return spec;
  const CommandSpec* sub = find_subcommand(*spec, words[1]);
  return sub != nullptr ? sub : spec;
}

}  // namespace banyan::commands
