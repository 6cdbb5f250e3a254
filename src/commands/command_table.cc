// COMMAND: what the commands are, as the registry has them.
#include "commands/command_table.h"

#include <fmt/format.h>

#include "base/glob.h"
#include "commands/call.h"
#include "commands/command_keys.h"
#include "commands/command_names.h"
#include "commands/command_replies.h"
#include "commands/help.h"
#include "commands/registry.h"

namespace banyan::commands {
namespace {

using Specs = std::vector<const CommandSpec*>;

// "config" or "config|get".
const CommandSpec* find_spec(const Registry& registry, std::string_view name) {
  const std::size_t bar = name.find('|');
  const CommandSpec* spec = registry.find(name.substr(0, bar));
  if (bar == std::string_view::npos || spec == nullptr) return spec;
  return Registry::find_subcommand(*spec, name.substr(bar + 1));
}

Result<> all(Call& call) {
  const Specs& specs = call.registry.commands();
  call.reply.array(specs.size());
  for (const CommandSpec* spec : specs) reply_info(call.reply, *spec);
  return {};
}

Result<> command(Call& call) {
  if (call.size() == 1) return all(call);
  return fail(
      fmt::format("unknown subcommand '{}'. Try COMMAND HELP.", call.arg(1).substr(0, 128)));
}

Result<> count(Call& call) {
  call.reply.integer(static_cast<std::int64_t>(call.registry.commands().size()));
  return {};
}

Result<> info(Call& call) {
  if (call.size() == 2) return all(call);
  call.reply.array(call.size() - 2);
  for (const Bytes name : call.words.subspan(2)) {
    const CommandSpec* spec = find_spec(call.registry, name);
    spec == nullptr ? call.reply.null() : reply_info(call.reply, *spec);
  }
  return {};
}

Result<> docs(Call& call) {
  Specs specs;
  if (call.size() == 2) specs = call.registry.commands();
  for (const Bytes name : call.words.subspan(2))
    if (const CommandSpec* spec = find_spec(call.registry, name)) specs.push_back(spec);
  call.reply.map(specs.size());
  for (const CommandSpec* spec : specs) {
    call.reply.bulk(spec->name);
    reply_docs(call.reply, *spec);
  }
  return {};
}

enum class Filter : std::uint8_t { none, module_name, category, pattern };

bool passes(const CommandSpec& spec, Filter filter, Bytes text) {
  switch (filter) {
    case Filter::none:
      return true;
    case Filter::module_name:  // there are no modules
      return false;
    case Filter::category:
      return in_category(spec, text);
    case Filter::pattern:
      return glob_match(text, spec.name, true);
  }
  return false;
}

Result<Filter> filter_of(const Call& call) {
  if (call.size() == 2) return Filter::none;
  if (call.size() == 5 && call.is(2, "filterby")) {
    if (call.is(3, "module")) return Filter::module_name;
    if (call.is(3, "aclcat")) return Filter::category;
    if (call.is(3, "pattern")) return Filter::pattern;
  }
  return fail(Errc::syntax);
}

Result<> list(Call& call) {
  TRY(const Filter filter, filter_of(call));
  const Bytes text = filter == Filter::none ? Bytes() : call.arg(4);
  const auto array = call.reply.begin_array();
  std::size_t found = 0;
  const auto consider = [&](const CommandSpec& spec) {
    if (!passes(spec, filter, text)) return;
    call.reply.bulk(spec.name);
    ++found;
  };
  for (const CommandSpec* spec : call.registry.commands()) {
    consider(*spec);
    for (const CommandSpec& sub : spec->subcommands) consider(sub);
  }
  call.reply.end_array(array, found);
  return {};
}

Result<> help(Call& call) {
  static constexpr std::string_view kLines[] = {
      "(no subcommand)",
      "    Tell all about all commands.",
      "COUNT",
      "    Count the commands.",
      "DOCS [<command-name> ...]",
      "    Explain the given commands, or all.",
      "GETKEYS <full-command>",
      "    List the keys in a command.",
      "GETKEYSANDFLAGS <full-command>",
      "    List the keys in a command, and what the command does with each.",
      "INFO [<command-name> ...]",
      "    Tell all about the given commands, or about all.",
      "LIST [FILTERBY (MODULE <module-name>|ACLCAT <category>|PATTERN <pattern>)]",
      "    List the names of all commands, or of some.",
  };
  reply_help(call, kLines);
  return {};
}

constexpr CommandSpec about(std::string_view name, std::string_view since, Arity arity,
                            std::string_view summary, Result<> (*run)(Call&)) {
  return {.name = name,
          .summary = summary,
          .complexity = "O(1)",
          .since = since,
          .group = Group::server,
          .arity = arity,
          .flags = Flag::loading | Flag::stale | Flag::sentinel,
          .categories = Category::connection,
          .run = run};
}
constexpr CommandSpec with(CommandSpec spec, std::string_view complexity, std::string_view syntax,
                           std::string_view tips) {
  spec.complexity = complexity;
  spec.syntax = syntax;
  spec.tips = tips;
  return spec;
}

constexpr std::string_view kPerName = "O(N) in the commands asked for.";
constexpr std::string_view kPerWord = "O(N) in the words of the command.";
constexpr std::string_view kPerCommand = "O(N) in the commands that there are.";
constexpr std::string_view kUnordered = "nondeterministic_output_order";

constexpr CommandSpec kSubcommands[] = {
    about("command|count", "2.8.13", exactly(2), "Counts the commands.", count),
    with(about("command|docs", "7.0.0", at_least(2), "Explains commands.", docs), kPerName,
         "[command-name ...]", kUnordered),
    with(about("command|getkeys", "2.8.13", at_least(3), "Lists the keys in a command.",
               command_getkeys),
         kPerWord, "command [arg ...]", ""),
    with(about("command|getkeysandflags", "7.0.0", at_least(3),
               "Lists the keys in a command, and what it does with each.", command_getkeysandflags),
         kPerWord, "command [arg ...]", ""),
    about("command|help", "5.0.0", exactly(2), "Explains the subcommands.", help),
    with(about("command|info", "2.8.13", at_least(2), "Tells how commands are to be called.", info),
         kPerName, "[command-name ...]", kUnordered),
    with(about("command|list", "7.0.0", at_least(2), "Lists the names of commands.", list),
         kPerCommand,
         "[FILTERBY <filterby: MODULE module-name | ACLCAT category | PATTERN pattern>]",
         kUnordered),
};
static_assert(valid(kSubcommands));

constexpr CommandSpec make_container() {
  CommandSpec spec = with(
      about("command", "2.8.13", at_least(1), "Tells how all commands are to be called.", command),
      kPerCommand, "", kUnordered);
  spec.subcommands = kSubcommands;
  return spec;
}
constexpr CommandSpec kTable[] = {make_container()};
static_assert(valid(kTable));

}  // namespace

Family command_commands() { return kTable; }

}  // namespace banyan::commands
