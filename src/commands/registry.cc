#include "commands/registry.h"

#include <algorithm>

#include "base/bytes.h"
#include "base/check.h"

namespace banyan::commands {

namespace {

// Of the word that is the only key of a command that needs no closer look; 0 if there is none.
std::uint8_t only_key_of(const CommandSpec& spec) {
  const KeySpec& key = spec.keys[0];
  const bool is_one_word = key.begin == KeySpec::Begin::index && key.find == KeySpec::Find::range &&
                           key.last == 0 && spec.keys[1].begin == KeySpec::Begin::none;
  if (!is_one_word || !spec.subcommands.empty() || spec.reads_any_key != nullptr) return 0;
  return static_cast<std::uint8_t>(key.index);
}

}  // namespace

Registry::Registry(std::span<const Family> families) {
  for (const Family& family : families)
    for (const CommandSpec& spec : family) commands_.push_back(&spec);
  std::sort(commands_.begin(), commands_.end(),
            [](const CommandSpec* a, const CommandSpec* b) { return a->name < b->name; });
  std::vector<Place> content;
  content.reserve(commands_.size());
  for (const CommandSpec* spec : commands_) {
    CHECK(spec->name.size() <= kNameMax);
    content.push_back({Packed(spec->name),
                       {.spec = spec,
                        .id = id_count_,
                        .only_key = only_key_of(*spec),
                        .names_members = spec->members.first != 0}});
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
  std::uint32_t at = place.name.hash() & mask_;
  for (; places_[at].found.spec != nullptr; at = (at + 1) & mask_)
    CHECK(!(places_[at].name == place.name));
  places_[at] = place;
}

bool Registry::rename(std::string_view from, std::string_view to) {
  const Found found = look_up(from);
  if (found.spec == nullptr || to.size() > kNameMax || (!to.empty() && find(to) != nullptr))
    return false;
  std::vector<Place> content;
  for (const Place& place : places_)
    if (place.found.spec != nullptr && !(place.name == Packed(from))) content.push_back(place);
  if (!to.empty()) content.push_back({Packed(to), found});
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
