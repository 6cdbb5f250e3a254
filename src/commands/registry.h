// Registry: the commands of a node, looked up by name.
//
// Invariants   Built once at start from constexpr families; never changes but for renames, which
//              are applied before the first lookup.
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
  // What dispatch asks of every command, in one place. `only_key` is the word that is its only key,
  // or 0 for what needs a closer look: other keys or none, subcommands.
  std::uint8_t only_key = 0;
  bool names_members = false;
};

class Registry {
 public:
  // CHECKs that no two commands have one name.
  explicit Registry(std::span<const Family> families);

  // Any case; null when unknown. Hot.
  const CommandSpec* find(std::string_view name) const { return look_up(name).spec; }
  Found look_up(std::string_view name) const {
    if (name.size() > kNameMax) return {};
    const Packed packed(name);
    for (std::uint32_t at = packed.hash() & mask_;; at = (at + 1) & mask_) {
      const Place& place = places_[at];
      if (place.found.spec == nullptr) return {};
      if (place.name == packed) return place.found;
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

  // A name in lower case, in words that compare at once.
  struct Packed {
    Packed() = default;
    explicit Packed(std::string_view name) : size(static_cast<std::uint32_t>(name.size())) {
      const char* const p = name.data();
      if (size > 8) {
        first = lower(load<std::uint64_t>(p));
        last = lower(load<std::uint64_t>(p + size - 8));
        if (size > 16) [[unlikely]] {
          second = lower(load<std::uint64_t>(p + 8));
          third = lower(load<std::uint64_t>(p + size - 16));
        }
      } else if (size == 8) {
        first = lower(load<std::uint64_t>(p));
      } else if (size >= 4) {
        first = lower(load<std::uint32_t>(p) |
                      static_cast<std::uint64_t>(load<std::uint32_t>(p + size - 4)) << 32);
      } else {
        for (std::size_t i = 0; i < size; ++i)
          first = first << 8 | static_cast<unsigned char>(p[i]);
        first = lower(first);
      }
    }
    // Each byte from 'A' to 'Z' gets its bit 5 set.
    static std::uint64_t lower(std::uint64_t word) {
      constexpr std::uint64_t kOnes = 0x0101010101010101ULL;
      const std::uint64_t low = word & (kOnes * 0x7f);
      const std::uint64_t from_a = low + kOnes * (0x80 - 'A');
      const std::uint64_t beyond_z = low + kOnes * (0x7f - 'Z');
      return word | ((from_a & ~beyond_z & ~word & (kOnes * 0x80)) >> 2);
    }
    std::uint32_t hash() const {
      return static_cast<std::uint32_t>(((first ^ last) + size) * 0x9e3779b97f4a7c15ULL >> 40);
    }
    bool operator==(const Packed& other) const {
      return first == other.first && size == other.size &&
             (size <= 8 || (last == other.last && second == other.second && third == other.third));
    }

    // The first eight bytes and the last, the next ones and those before the last: they overlap.
    std::uint64_t first = 0;
    std::uint64_t last = 0;
    std::uint64_t second = 0;
    std::uint64_t third = 0;
    std::uint32_t size = 0;
  };
  struct Place {
    Packed name;
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
