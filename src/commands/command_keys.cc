#include "commands/command_keys.h"

#include <algorithm>

#include "commands/command_names.h"
#include "commands/keys.h"
#include "commands/registry.h"

namespace banyan::commands {
namespace {

constexpr KeyFlag kRead = KeyFlag::ro | KeyFlag::access;
constexpr KeyFlag kOverwrite = KeyFlag::ow | KeyFlag::update;
constexpr KeyFlag kReadAndWrite = KeyFlag::rw | KeyFlag::access | KeyFlag::update;

bool is_not_key(KeyFlag flags) {
  return (static_cast<unsigned>(flags) & static_cast<unsigned>(KeyFlag::not_key)) != 0;
}

bool has_keys(const CommandSpec& spec) {
  const std::size_t count = key_spec_count(spec);
  return std::any_of(spec.keys.begin(), spec.keys.begin() + static_cast<std::ptrdiff_t>(count),
                     [](const KeySpec& key) { return !is_not_key(key.flags); });
}

bool has_word(std::span<const Bytes> words, std::size_t first, Bytes wanted) {
  return std::any_of(words.begin() + static_cast<std::ptrdiff_t>(std::min(first, words.size())),
                     words.end(), [&](Bytes w) { return equals_ignoring_case(w, wanted); });
}

// SET reads the old value when it is asked to GET it; BITFIELD writes unless it only GETs.
void refine_flags(const CommandSpec& spec, std::span<const Bytes> words,
                  std::vector<KeyPosition>& keys) {
  if (keys.empty()) return;
  if (spec.name == "set") {
    keys[0].flags = has_word(words, 3, "get") ? kReadAndWrite : kOverwrite;
  } else if (spec.name == "bitfield") {
    const bool writes = has_word(words, 2, "set") || has_word(words, 2, "incrby");
    keys[0].flags = writes ? kReadAndWrite : kRead;
  }
}

Result<std::vector<KeyPosition>> keys_of(const CommandSpec& spec, std::span<const Bytes> words) {
  std::vector<KeyPosition> keys;
  const bool fits = find_keys(spec, words, keys);
  std::erase_if(keys, [](const KeyPosition& key) { return is_not_key(key.flags); });
  refine_flags(spec, words, keys);
  if ((fits && !keys.empty()) || has(spec.flags, Flag::no_mandatory_keys)) return keys;
  return fail("Invalid arguments specified for command");
}

Result<> reply_keys(Call& call, bool with_flags) {
  const std::span<const Bytes> words = call.words.subspan(2);
  const CommandSpec* spec = call.registry.resolve(words).spec;
  const bool lacks_subcommand = spec != nullptr && !spec->subcommands.empty() && words.size() > 1;
  if (spec == nullptr || lacks_subcommand) return fail("Invalid command specified");
  if (!has_keys(*spec)) return fail("The command has no key arguments");
  if (!spec->arity.accepts(words.size()))
    return fail("Invalid number of arguments specified for command");
  TRY(const std::vector<KeyPosition> keys, keys_of(*spec, words));
  call.reply.array(keys.size());
  for (const KeyPosition& key : keys) {
    if (with_flags) call.reply.array(2);
    call.reply.bulk(words[key.word]);
    if (!with_flags) continue;
    const Words names = key_flag_names(key.flags);
    call.reply.set(names.size());
    for (const std::string_view name : names) call.reply.simple(name);
  }
  return {};
}

}  // namespace

Result<> command_getkeys(Call& call) { return reply_keys(call, false); }
Result<> command_getkeysandflags(Call& call) { return reply_keys(call, true); }

}  // namespace banyan::commands
