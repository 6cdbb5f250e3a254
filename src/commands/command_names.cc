#include "commands/command_names.h"

#include <algorithm>

#include "base/bytes.h"

namespace banyan::commands {
namespace {

struct FlagName {
  Flag flag;
  std::string_view name;
};
constexpr FlagName kFlagNames[] = {
    {Flag::write, "write"},
    {Flag::readonly, "readonly"},
    {Flag::deny_oom, "denyoom"},
    {Flag::admin, "admin"},
    {Flag::pubsub, "pubsub"},
    {Flag::no_script, "noscript"},
    {Flag::blocking, "blocking"},
    {Flag::loading, "loading"},
    {Flag::stale, "stale"},
    {Flag::skip_monitor, "skip_monitor"},
    {Flag::skip_slowlog, "skip_slowlog"},
    {Flag::asking, "asking"},
    {Flag::fast, "fast"},
    {Flag::no_auth, "no_auth"},
    {Flag::no_mandatory_keys, "no_mandatory_keys"},
    {Flag::no_async_loading, "no_async_loading"},
    {Flag::no_multi, "no_multi"},
    {Flag::movable_keys, "movablekeys"},
    {Flag::allow_busy, "allow_busy"},
};

struct KeyFlagName {
  KeyFlag flag;
  std::string_view name;
};
constexpr KeyFlagName kKeyFlagNames[] = {
    {KeyFlag::ro, "RO"},
    {KeyFlag::rw, "RW"},
    {KeyFlag::ow, "OW"},
    {KeyFlag::rm, "RM"},
    {KeyFlag::access, "access"},
    {KeyFlag::update, "update"},
    {KeyFlag::insert, "insert"},
    {KeyFlag::erase, "delete"},
    {KeyFlag::not_key, "not_key"},
    {KeyFlag::incomplete, "incomplete"},
    {KeyFlag::variable_flags, "variable_flags"},
};

bool has(KeyFlag set, KeyFlag flag) {
  return (static_cast<unsigned>(set) & static_cast<unsigned>(flag)) != 0;
}
bool has(Category set, Category category) {
  return (static_cast<unsigned>(set) & static_cast<unsigned>(category)) != 0;
}

struct CategoryRule {
  std::string_view name;
  bool (*holds)(const CommandSpec& spec);
};

template <Group group>
bool is_of(const CommandSpec& spec) {
  return spec.group == group;
}
template <Category category>
bool is_marked(const CommandSpec& spec) {
  return has(spec.categories, category);
}
template <Flag flag>
bool is_flagged(const CommandSpec& spec) {
  return commands::has(spec.flags, flag);
}

// In the order in which they are shown.
constexpr CategoryRule kCategories[] = {
    {"keyspace", is_marked<Category::keyspace>},
    {"read",
     [](const CommandSpec& spec) {
       return commands::has(spec.flags, Flag::readonly) && spec.group != Group::scripting;
     }},
    {"write", is_flagged<Flag::write>},
    {"set",
     [](const CommandSpec& spec) {
       return spec.group == Group::set || has(spec.categories, Category::set);
     }},
    {"sortedset",
     [](const CommandSpec& spec) {
       return spec.group == Group::sorted_set || has(spec.categories, Category::sorted_set);
     }},
    {"list",
     [](const CommandSpec& spec) {
       return spec.group == Group::list || has(spec.categories, Category::list);
     }},
    {"hash", is_of<Group::hash>},
    {"string", is_of<Group::string>},
    {"bitmap", is_of<Group::bitmap>},
    {"hyperloglog", is_of<Group::hyperloglog>},
    {"geo", is_of<Group::geo>},
    {"stream", is_of<Group::stream>},
    {"pubsub", is_flagged<Flag::pubsub>},
    {"admin",
     [](const CommandSpec& spec) {
       return commands::has(spec.flags, Flag::admin) || has(spec.categories, Category::admin);
     }},
    {"fast", is_flagged<Flag::fast>},
    {"slow", [](const CommandSpec& spec) { return !commands::has(spec.flags, Flag::fast); }},
    {"blocking", is_flagged<Flag::blocking>},
    {"dangerous",
     [](const CommandSpec& spec) {
       return commands::has(spec.flags, Flag::admin) || has(spec.categories, Category::dangerous);
     }},
    {"connection", is_marked<Category::connection>},
    {"transaction", is_of<Group::transactions>},
    {"scripting", is_of<Group::scripting>},
};

const CategoryRule* find_category(std::string_view name) {
  const auto* found =
      std::find_if(std::begin(kCategories), std::end(kCategories),
                   [&](const CategoryRule& rule) { return equals_ignoring_case(rule.name, name); });
  return found == std::end(kCategories) ? nullptr : found;
}

bool is_plain_range(const KeySpec& key) {
  return key.begin == KeySpec::Begin::index && key.find == KeySpec::Find::range;
}

}  // namespace

std::string_view name_of(Group group) {
  switch (group) {
    case Group::string:
      return "string";
    case Group::generic:
      return "generic";
    case Group::connection:
      return "connection";
    case Group::server:
      return "server";
    case Group::list:
      return "list";
    case Group::hash:
      return "hash";
    case Group::set:
      return "set";
    case Group::sorted_set:
      return "sorted-set";
    case Group::stream:
      return "stream";
    case Group::bitmap:
      return "bitmap";
    case Group::hyperloglog:
      return "hyperloglog";
    case Group::geo:
      return "geo";
    case Group::pubsub:
      return "pubsub";
    case Group::scripting:
      return "scripting";
    case Group::transactions:
      return "transactions";
    case Group::cluster:
      return "cluster";
    case Group::sentinel:
      return "sentinel";
  }
  return "generic";
}

Words flag_names(const CommandSpec& spec) {
  const bool movable = legacy_keys(spec).movable;
  Words names;
  for (const FlagName& flag : kFlagNames)
    if (commands::has(spec.flags, flag.flag) || (flag.flag == Flag::movable_keys && movable))
      names.push_back(flag.name);
  return names;
}

Words key_flag_names(KeyFlag flags) {
  Words names;
  for (const KeyFlagName& flag : kKeyFlagNames)
    if (has(flags, flag.flag)) names.push_back(flag.name);
  return names;
}

Words category_names(const CommandSpec& spec) {
  Words names;
  for (const CategoryRule& rule : kCategories)
    if (rule.holds(spec)) names.push_back(rule.name);
  return names;
}

bool is_category(std::string_view name) { return find_category(name) != nullptr; }

bool in_category(const CommandSpec& spec, std::string_view category) {
  const CategoryRule* rule = find_category(category);
  return rule != nullptr && rule->holds(spec);
}

Words split_list(std::string_view list) {
  Words parts;
  while (!list.empty()) {
    const std::size_t comma = list.find(',');
    parts.push_back(trim(list.substr(0, comma)));
    list.remove_prefix(comma == std::string_view::npos ? list.size() : comma + 1);
  }
  return parts;
}

Words doc_flag_names(const CommandSpec& spec) {
  constexpr std::string_view kSystem[] = {"debug", "pfdebug", "pfselftest", "replconf",
                                          "restore-asking"};
  Words names;
  if (!spec.deprecated_since.empty()) names.push_back("deprecated");
  if (std::find(std::begin(kSystem), std::end(kSystem), spec.name) != std::end(kSystem))
    names.push_back("syscmd");
  return names;
}

std::size_t key_spec_count(const CommandSpec& spec) {
  std::size_t count = 0;
  while (count < spec.keys.size() && spec.keys[count].begin != KeySpec::Begin::none) ++count;
  return count;
}

// Ranges that follow each other are one; anything else only makes the keys movable.
LegacyKeys legacy_keys(const CommandSpec& spec) {
  const std::size_t count = key_spec_count(spec);
  LegacyKeys keys;
  for (std::size_t i = 0; i < count; ++i) {
    const KeySpec& key = spec.keys[i];
    const bool follows = keys.first == 0 || keys.last + 1 == key.index;
    if (!is_plain_range(key) || !follows || (count > 1 && key.step != 1)) {
      keys.movable = true;
      continue;
    }
    if (has(key.flags, KeyFlag::incomplete)) keys.movable = true;
    if (keys.first == 0) keys.first = key.index;
    keys.last = key.last < 0 ? key.last : key.index + key.last;
    keys.step = key.step;
  }
  return keys;
}

}  // namespace banyan::commands
