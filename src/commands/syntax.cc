#include "commands/syntax.h"

#include <algorithm>
#include <array>
#include <span>

#include "base/bytes.h"
#include "commands/syntax_nodes.h"

namespace banyan::commands {
namespace {

using Kind = SyntaxNode::Kind;
using Nodes = std::span<const SyntaxNode>;

struct TypeOfName {
  std::string_view name;
  ArgumentType type;
};

// What the values of the commands are usually called.
constexpr ArgumentType kInteger = ArgumentType::integer;
constexpr ArgumentType kReal = ArgumentType::real;
constexpr ArgumentType kKey = ArgumentType::key;

constexpr TypeOfName kTypes[] = {
    {"bit", kInteger},
    {"count", kInteger},
    {"cursor", kInteger},
    {"db", kInteger},
    {"decrement", kInteger},
    {"destination", kKey},
    {"destination-db", kInteger},
    {"destkey", kKey},
    {"end", kInteger},
    {"end-slot", kInteger},
    {"epoch", kInteger},
    {"frequency", kInteger},
    {"height", kReal},
    {"increment", kInteger},
    {"index", kInteger},
    {"index1", kInteger},
    {"index2", kInteger},
    {"key", kKey},
    {"key1", kKey},
    {"key2", kKey},
    {"latitude", kReal},
    {"len", kInteger},
    {"limit", kInteger},
    {"longitude", kReal},
    {"milliseconds", kInteger},
    {"min-match-len", kInteger},
    {"newkey", kKey},
    {"numkeys", kInteger},
    {"numlocal", kInteger},
    {"numreplicas", kInteger},
    {"offset", kInteger},
    {"pattern", ArgumentType::pattern},
    {"port", kInteger},
    {"protover", kInteger},
    {"radius", kReal},
    {"rank", kInteger},
    {"score", kReal},
    {"seconds", kInteger},
    {"slot", kInteger},
    {"source", kKey},
    {"sourcekey", kKey},
    {"start", kInteger},
    {"start-slot", kInteger},
    {"stop", kInteger},
    {"timeout", kInteger},
    {"ttl", kInteger},
    {"unix-time-milliseconds", ArgumentType::unix_time},
    {"unix-time-seconds", ArgumentType::unix_time},
    {"weight", kInteger},
    {"width", kReal},
};

constexpr std::array<std::string_view, 9> kTypeNames = {
    "string", "integer", "double", "key", "pattern", "unix-time", "pure-token", "oneof", "block"};

std::string name_of_token(std::string_view token) {
  if (token == "*") return "auto-id";
  if (token == "$") return "last-id";
  if (token == "=") return "equal";
  if (token == "~") return "approximately";
  if (token == "\"\"") return "empty-string";
  return lower(token);
}

// What clients know some choices by.
std::string usual_name(std::string joined) {
  if (joined == "nx-or-xx" || joined == "nx-or-xx-or-gt-or-lt") return "condition";
  if (joined == "gt-or-lt") return "comparison";
  if (joined == "asc-or-desc") return "order";
  if (joined == "m-or-km-or-ft-or-mi") return "unit";
  if (joined.starts_with("seconds-or-milliseconds-or-unix-time-seconds")) return "expiration";
  return joined;
}

class Builder {
 public:
  explicit Builder(int key_specs) : key_specs_(key_specs) {}

  Result<std::vector<Argument>> sequence(Nodes nodes) {
    std::vector<Argument> arguments;
    while (!nodes.empty()) {
      const std::size_t unit = unit_at_front(nodes);
      const std::size_t repeated = repeated_at_front(nodes);
      const bool behind_token = repeated == 0 && unit == 2;
      const std::size_t inner = behind_token ? repeated_at_front(nodes.subspan(1)) : 0;
      Argument argument;
      if (repeated != 0) {
        TRY(argument, repetition(nodes.first(repeated), unit));
        nodes = nodes.subspan(repeated + 1);
      } else if (inner != 0) {
        TRY(argument, repetition(nodes.subspan(1, inner), 1));
        argument.token = nodes.front().text;
        nodes = nodes.subspan(inner + 2);
      } else {
        TRY(argument, one(nodes.first(unit)));
        nodes = nodes.subspan(unit);
      }
      arguments.push_back(std::move(argument));
    }
    return arguments;
  }

 private:
  // How many nodes are the first argument: two for a token and what belongs to it.
  static std::size_t unit_at_front(Nodes nodes) {
    if (nodes[0].kind != Kind::token || nodes.size() == 1) return 1;
    const Kind next = nodes[1].kind;
    return next == Kind::value || next == Kind::block ? 2 : 1;
  }

  // When a later "[...]" repeats all that stands before it: how many nodes that is; else 0.
  static std::size_t repeated_at_front(Nodes nodes) {
    for (std::size_t i = 1; i < nodes.size(); ++i) {
      const SyntaxNode& node = nodes[i];
      if (node.kind != Kind::optional || !node.repeats || node.alternatives.size() != 1) continue;
      const Nodes again = node.alternatives[0];
      if (std::equal(nodes.begin(), nodes.begin() + static_cast<std::ptrdiff_t>(i), again.begin(),
                     again.end()))
        return i;
    }
    return 0;
  }

  // What repeats is one argument when it is no longer than its first.
  Result<Argument> repetition(Nodes nodes, std::size_t unit) {
    Argument argument;
    if (nodes.size() == unit) {
      TRY(argument, one(nodes));
      argument.repeats_token = nodes.front().kind == Kind::token;
    } else {
      TRY(argument, block(nodes));
      argument.name = "data";
    }
    argument.multiple = true;
    return argument;
  }

  Result<Argument> one(Nodes unit) {
    const SyntaxNode& node = unit.back();
    Argument argument;
    if (node.is_group()) {
      TRY(argument, group(node));
    } else if (node.kind == Kind::token) {
      argument = {.name = name_of_token(node.text),
                  .type = ArgumentType::pure_token,
                  .token = std::string(node.text),
                  .multiple = node.repeats};
    } else {
      TRY(argument, value(node));
    }
    if (unit.size() == 2) argument.token = unit[0].text;
    return argument;
  }

  Result<Argument> value(const SyntaxNode& node) {
    const std::size_t colon = node.text.find(':');
    const std::string_view name = node.text.substr(0, colon);
    Argument argument{.name = std::string(name), .multiple = node.repeats};
    if (colon != std::string_view::npos) {
      const auto found =
          std::find(kTypeNames.begin(), kTypeNames.end(), node.text.substr(colon + 1));
      if (found == kTypeNames.end()) return fail("no such type: " + std::string(node.text));
      argument.type = static_cast<ArgumentType>(found - kTypeNames.begin());
    } else {
      const auto* found = std::find_if(std::begin(kTypes), std::end(kTypes),
                                       [&](const TypeOfName& t) { return t.name == name; });
      if (found != std::end(kTypes)) argument.type = found->type;
    }
    if (argument.type == ArgumentType::key && key_specs_ > 0)
      argument.key_spec = std::min(keys_++, key_specs_ - 1);
    return argument;
  }

  Result<Argument> group(const SyntaxNode& node) {
    Argument argument;
    if (node.alternatives.size() == 1) {
      TRY(argument, alternative(node.alternatives[0]));
    } else {
      argument.type = ArgumentType::oneof;
      for (const SyntaxSequence& sequence : node.alternatives) {
        TRY(Argument choice, alternative(sequence));
        if (!argument.name.empty()) argument.name += "-or-";
        argument.name += choice.name;
        argument.arguments.push_back(std::move(choice));
      }
    }
    if (argument.type == ArgumentType::oneof) argument.name = usual_name(std::move(argument.name));
    if (!node.text.empty()) argument.name = node.text;
    argument.optional |= node.kind == Kind::optional;
    if (node.repeats) {
      if (node.text.empty() && argument.type == ArgumentType::block && argument.token.empty())
        argument.name = "data";
      argument.multiple = true;
      argument.repeats_token = !argument.token.empty();
    }
    return argument;
  }

  // One argument, or a block of several.
  Result<Argument> alternative(Nodes nodes) {
    const bool has_token = nodes.front().kind == Kind::token;
    const auto is_plain = [](const SyntaxNode& n) { return n.kind == Kind::value; };
    if (has_token && nodes.size() > 2 && std::all_of(nodes.begin() + 1, nodes.end(), is_plain)) {
      TRY(Argument argument, block(nodes.subspan(1)));
      argument.token = nodes.front().text;
      argument.name = name_of_token(nodes.front().text);
      return argument;
    }
    TRY(std::vector<Argument> arguments, sequence(nodes));
    if (arguments.size() == 1) return std::move(arguments.front());
    return block_of(std::move(arguments));
  }

  Result<Argument> block(Nodes nodes) {
    TRY(std::vector<Argument> arguments, sequence(nodes));
    return block_of(std::move(arguments));
  }
  static Argument block_of(std::vector<Argument> arguments) {
    Argument argument{.name = arguments.front().name, .type = ArgumentType::block};
    argument.arguments = std::move(arguments);
    return argument;
  }

  int key_specs_;
  int keys_ = 0;
};

}  // namespace

std::string_view name_of(ArgumentType type) { return kTypeNames[static_cast<std::size_t>(type)]; }

Result<std::vector<Argument>> parse_syntax(std::string_view syntax, int key_specs) {
  TRY(const SyntaxSequence nodes, parse_syntax_nodes(syntax));
  return Builder(key_specs).sequence(nodes);
}

}  // namespace banyan::commands
