// The arguments of a command as a tree, from the `syntax` of its spec.
//
// Notation   word        a value; its type follows from its name, or is given: "start:string".
//            WORD        a token, taken literally; so are "*" and the like, and "" (no text).
//            WORD value  a value behind a token: one argument. WORD <...> likewise.
//            [...]       optional        <...>  a block        a | b   one of them, in [] or <>
//            a ...       it repeats; likewise <a b> ...
//            [a b ...]   behind "a b": that repeats. Alone: optional and repeats.
//            [name: ...] or <name: ...> gives a block its name in COMMAND DOCS.
//            [WORD a b], <WORD a b>  a block behind a token.
// Threads    Pure functions.
// Failure    A syntax that does not parse is an error with what was expected and where. The tests
//            parse those of all commands.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace banyan::commands {

enum class ArgumentType : std::uint8_t {
  string,
  integer,
  real,
  key,
  pattern,
  unix_time,
  pure_token,
  oneof,
  block,
};
std::string_view name_of(ArgumentType type);  // as COMMAND DOCS shows it

struct Argument {
  std::string name = {};
  ArgumentType type = ArgumentType::string;
  std::string token = {};  // empty: none; the token of no text is "\"\""
  int key_spec = -1;       // which of the command's key specs this is about
  bool optional = false;
  bool multiple = false;
  bool repeats_token = false;
  std::vector<Argument> arguments = {};  // of a oneof or block

  bool is_group() const { return type == ArgumentType::oneof || type == ArgumentType::block; }
  bool operator==(const Argument&) const = default;
};

// `key_specs` is how many key specs the command has: the first argument that is a key is about the
// first, and so on; those that are too many are about the last.
Result<std::vector<Argument>> parse_syntax(std::string_view syntax, int key_specs);

}  // namespace banyan::commands
