// CommandSpec: everything the system knows of a command, as data beside its handler.
//
// Dispatch, locking, COMMAND, ACL categories, routing and the docs all read this table; what a
// command locks is what its key specs say.
//
// Vocabulary   *arity* counts the command's own words; at_least(n) has no upper bound. A *key spec*
//              tells where the keys are (Redis 7's model: begin search, then find keys). A
//              container
//              ("config") has subcommands, each a spec of its own ("config|get").
//              `syntax` writes the arguments in the usual notation, from which COMMAND DOCS makes
//              its tree: words in lower case are values, in upper case tokens, [] optional,
//              | alternatives, <> a block of alternatives, "..." after a word: repeated.
// Threads      constexpr data.
#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

#include "base/bytes.h"
#include "base/result.h"

namespace banyan::commands {

class Call;
struct KeyPosition;  // commands/keys.h

// Redis's command flags, and some of ours at the end.
enum class Flag : std::uint32_t {
  none = 0,
  write = 1U << 0,
  readonly = 1U << 1,
  deny_oom = 1U << 2,
  admin = 1U << 3,
  pubsub = 1U << 4,
  no_script = 1U << 5,
  blocking = 1U << 6,
  loading = 1U << 7,  // allowed while a data set is being loaded
  stale = 1U << 8,    // allowed on a replica whose link is down and that must not serve stale data
  skip_monitor = 1U << 9,
  skip_slowlog = 1U << 10,
  asking = 1U << 11,
  fast = 1U << 12,
  no_auth = 1U << 13,  // allowed before authentication
  may_replicate = 1U << 14,
  sentinel = 1U << 15,
  only_sentinel = 1U << 16,
  no_mandatory_keys = 1U << 17,
  protected_command = 1U << 18,  // enable-debug-command and its like decide
  movable_keys = 1U << 19,
  no_multi = 1U << 20,
  no_async_loading = 1U << 21,
  allow_busy = 1U << 22,
  touches_arbitrary_keys = 1U << 23,
  exclusive = 1U << 24,   // runs alone on the node (DESIGN R2)
  ends_batch = 1U << 25,  // may block the client or change how its input is read
  // When it reads many keys, it changes nothing in memory that others can see, but for their access
  // clocks and what expires: then it runs beside others of its kind (store::SharedReads).
  shares_keys = 1U << 26,
};
constexpr Flag operator|(Flag a, Flag b) {
  return static_cast<Flag>(static_cast<std::uint32_t>(a) | static_cast<std::uint32_t>(b));
}
constexpr Flag operator&(Flag a, Flag b) {
  return static_cast<Flag>(static_cast<std::uint32_t>(a) & static_cast<std::uint32_t>(b));
}
constexpr Flag operator~(Flag a) { return static_cast<Flag>(~static_cast<std::uint32_t>(a)); }
constexpr bool has(Flag set, Flag flag) {
  return (static_cast<std::uint32_t>(set) & static_cast<std::uint32_t>(flag)) != 0;
}

// The groups of the documentation; a data group is also an ACL category.
enum class Group : std::uint8_t {
  string,
  generic,
  connection,
  server,
  list,
  hash,
  set,
  sorted_set,
  stream,
  bitmap,
  hyperloglog,
  geo,
  pubsub,
  scripting,
  transactions,
  cluster,
  sentinel,
};
// ACL categories beyond those that follow from flags (write, read, fast, slow, admin, dangerous,
// blocking, pubsub) and group.
enum class Category : std::uint8_t {
  none = 0,
  keyspace = 1,
  dangerous = 2,
  connection = 4,
  admin = 8,
  set = 16,
  sorted_set = 32,
  list = 64,
};
constexpr Category operator|(Category a, Category b) {
  return static_cast<Category>(static_cast<std::uint8_t>(a) | static_cast<std::uint8_t>(b));
}

enum class KeyFlag : std::uint16_t {
  none = 0,
  ro = 1,
  rw = 2,
  ow = 4,
  rm = 8,
  access = 16,
  update = 32,
  insert = 64,
  erase = 128,
  not_key = 256,
  incomplete = 512,
  variable_flags = 1024,
};
constexpr KeyFlag operator|(KeyFlag a, KeyFlag b) {
  return static_cast<KeyFlag>(static_cast<std::uint16_t>(a) | static_cast<std::uint16_t>(b));
}

struct KeySpec {
  enum class Begin : std::uint8_t { none, index, keyword, unknown };
  enum class Find : std::uint8_t { range, count };
  KeyFlag flags = KeyFlag::none;
  Begin begin = Begin::none;
  std::int16_t index = 0;  // position of the first key, or where to look for the keyword
  std::string_view keyword = {};
  Find find = Find::range;
  std::int16_t last = 0;  // range: relative to the first key; negative: from the end
  std::int16_t step = 1;
  std::int16_t limit = 0;     // range with last -1: only 1/limit of the rest
  std::int16_t count_at = 0;  // count: where the number of keys is, relative to `index`
  std::int16_t first_at = 0;  // count: where the first key is, relative to `index`
  std::string_view notes = {};
};
inline constexpr std::size_t kKeySpecsMax = 3;
using KeySpecs = std::array<KeySpec, kKeySpecsMax>;

constexpr KeySpec key_at(std::int16_t index, KeyFlag flags) {
  return {.flags = flags, .begin = KeySpec::Begin::index, .index = index};
}
// From `index` to the last word, every `step`-th.
constexpr KeySpec keys_from(std::int16_t index, KeyFlag flags, std::int16_t step = 1) {
  return {.flags = flags, .begin = KeySpec::Begin::index, .index = index, .last = -1, .step = step};
}

// Where a command's words name members of its first key's collection (fields, set members), for
// fetching them ahead: the first such word, counted from the end when negative, and the step to the
// next. None when `first` is 0.
struct MemberWords {
  std::int8_t first = 0;
  std::int8_t step = 1;
};

struct Arity {
  std::int16_t value;  // as COMMAND INFO shows it
  constexpr bool accepts(std::size_t words) const {
    return value >= 0 ? words == static_cast<std::size_t>(value)
                      : words >= static_cast<std::size_t>(-value);
  }
};
constexpr Arity exactly(int words) { return {static_cast<std::int16_t>(words)}; }
constexpr Arity at_least(int words) { return {static_cast<std::int16_t>(-words)}; }

struct CommandSpec {
  std::string_view name;  // lower case; a subcommand's is "container|sub"
  std::string_view summary;
  std::string_view complexity;
  std::string_view since;
  Group group = Group::generic;
  Arity arity = {0};
  Flag flags = Flag::none;
  Category categories = Category::none;
  KeySpecs keys = {};
  MemberWords members = {};
  std::string_view syntax = {};
  std::string_view tips = {};  // comma separated, as COMMAND INFO shows them
  std::string_view deprecated_since = {};
  std::string_view replaced_by = {};
  // Appends the keys that specs of `unknown` stand for, as far as the words name them.
  void (*more_keys)(std::span<const Bytes> words, std::vector<KeyPosition>& out) = nullptr;
  // Whether it may look at keys that no word names (SORT BY): then it holds the locks of all keys.
  bool (*reads_any_key)(std::span<const Bytes> words) = nullptr;
  Result<> (*run)(Call&) = nullptr;  // null for a container: then a subcommand is needed
  std::span<const CommandSpec> subcommands = {};
};

using Family = std::span<const CommandSpec>;

// What every table of a family must satisfy at compile time: sorted, documented, in lower case; a
// command with keys is read or write, never both; the first key cannot be absent by arity.
constexpr bool valid(Family family) {
  std::string_view before;
  for (const CommandSpec& spec : family) {
    if (spec.name.empty() || spec.name <= before) return false;
    before = spec.name;
    for (const char c : spec.name)
      if (c >= 'A' && c <= 'Z') return false;
    if (spec.summary.empty() || spec.since.empty() || spec.arity.value == 0) return false;
#if !defined(__SANITIZE_ADDRESS__)  // under that preset's UBSan, gcc 12 calls this no constant
    if (spec.run == nullptr && spec.subcommands.empty()) return false;
#endif
    if (has(spec.flags, Flag::write) && has(spec.flags, Flag::readonly)) return false;
    if (has(spec.flags, Flag::shares_keys) &&
        (!has(spec.flags, Flag::readonly) || has(spec.flags, Flag::exclusive | Flag::blocking)))
      return false;
    const KeySpec& key = spec.keys[0];
    // Channels stand where keys would, but are none; there may be no channel at all.
    if (key.begin == KeySpec::Begin::none || key.flags == KeyFlag::not_key) continue;
    // WATCH names keys, but neither reads nor writes them.
    if (!has(spec.flags, Flag::write | Flag::readonly | Flag::may_replicate) &&
        spec.group != Group::transactions)
      return false;
    const int words = spec.arity.value < 0 ? -spec.arity.value : spec.arity.value;
    if (key.begin == KeySpec::Begin::index && key.index >= words) return false;
  }
  return true;
}

}  // namespace banyan::commands
