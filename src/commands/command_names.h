// The words by which COMMAND and ACL tell a command's properties.
//
// Vocabulary   A *category* is a class of commands that ACL rules name ("+@read"); it follows from
//              the flags, the group and the explicit categories of the spec.
// Threads      Pure functions; the words are constants.
#pragma once

#include <optional>
#include <string_view>
#include <vector>

#include "commands/spec.h"

namespace banyan::commands {

using Words = std::vector<std::string_view>;

std::string_view name_of(Group group);          // "sorted-set"
Words flag_names(const CommandSpec& spec);      // those that COMMAND INFO shows
Words key_flag_names(KeyFlag flags);            // "RO", "access"
Words category_names(const CommandSpec& spec);  // without '@'
// Whether `name` is a category that exists, in any case.
bool is_category(std::string_view name);
bool in_category(const CommandSpec& spec, std::string_view category);
// "a,b" as its parts.
Words split_list(std::string_view list);
// As COMMAND DOCS says: "deprecated", "syscmd".
Words doc_flag_names(const CommandSpec& spec);

// Where Redis's old clients look for the keys: first word, last word (negative: from the end) and
// step; all 0 when there are none. `movable` when that is not all.
struct LegacyKeys {
  int first = 0;
  int last = 0;
  int step = 0;
  bool movable = false;
};
LegacyKeys legacy_keys(const CommandSpec& spec);
std::size_t key_spec_count(const CommandSpec& spec);

}  // namespace banyan::commands
