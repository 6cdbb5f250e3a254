// The brackets and words of a syntax, before they are given a meaning (commands/syntax.h).
//
// Threads   Pure functions.
#pragma once

#include <string_view>
#include <vector>

#include "base/result.h"

namespace banyan::commands {

struct SyntaxNode;
using SyntaxSequence = std::vector<SyntaxNode>;

struct SyntaxNode {
  enum class Kind : std::uint8_t { value, token, block, optional };
  Kind kind = Kind::value;
  std::string_view text = {};                     // of a value or token; the label of a group
  bool repeats = false;                           // "..."
  std::vector<SyntaxSequence> alternatives = {};  // of a group

  bool is_group() const { return kind == Kind::block || kind == Kind::optional; }
  bool operator==(const SyntaxNode&) const = default;
};

Result<SyntaxSequence> parse_syntax_nodes(std::string_view syntax);

}  // namespace banyan::commands
