// Registry: the commands of a node, looked up by name.
//
// Invariants   Built once at start from constexpr families; never changes but for renames, which
// are
//              applied before the first lookup.
// Threads      Any, after construction.
#pragma once

#include <span>
#include <string>
#include <vector>

#include "commands/spec.h"

namespace banyan::commands {

// A command found by name. `id` is dense: 0 <= id < Registry::id_count(), subcommands included.
struct Found {
  const CommandSpec* spec = nullptr;
  std::uint32_t id = 0;
};

class Registry {
 public:
  // CHECKs that no two commands have one name.
  explicit Registry(std::span<const Family> families);

  // Any case; null when unknown. Hot.
  const CommandSpec* find(std::string_view name) const { return look_up(name).spec; }
  Found look_up(std::string_view name) const {
    if (name.size() > kNameMax) return {};
    char lower[kNameMax];
    std::uint32_t hash = static_cast<std::uint32_t>(name.size());
    for (std::size_t i = 0; i < name.size(); ++i) {
      lower[i] = static_cast<char>(name[i] | (name[i] >= 'A' && name[i] <= 'Z' ? 0x20 : 0));
      hash = (hash ^ static_cast<unsigned char>(lower[i])) * 0x01000193U;
    }
    const std::string_view wanted(lower, name.size());
    for (std::uint32_t at = (hash ^ (hash >> 15)) & mask_;; at = (at + 1) & mask_) {
      const Place& place = places_[at];
      if (place.found.spec == nullptr) return {};
      if (place.name == wanted) return place.found;
    }
  }
  static const CommandSpec* find_subcommand(const CommandSpec& container, std::string_view name);
  // What `words` name: the subcommand, where there is one and it exists, else the container.
  Found resolve(std::span<const std::string_view> words) const;

  // rename-command: `to` empty removes the command. False when `from` is unknown or `to` is taken.
  bool rename(std::string_view from, std::string_view to);

  // Top-level commands, sorted by name.
  const std::vector<const CommandSpec*>& commands() const { return commands_; }
  std::uint32_t id_count() const { return id_count_; }
  const CommandSpec& by_id(std::uint32_t id) const { return *by_id_[id]; }

 private:
  static constexpr std::size_t kNameMax = 32;
  struct Place {
    std::string name;
    Found found;
  };
  void insert(const Place& place);
  void rebuild(const std::vector<Place>& content);

  std::vector<Place> places_;
  std::uint32_t mask_ = 0;
  std::uint32_t id_count_ = 0;
  std::vector<const CommandSpec*> commands_;
  std::vector<const CommandSpec*> by_id_;
};

}  // namespace banyan::commands
