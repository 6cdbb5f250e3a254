#include "commands/docs.h"

#include <map>

#include <fmt/format.h>

#include "base/bytes.h"
#include "commands/command_names.h"

namespace banyan::commands {
namespace {

std::string joined(const Words& words, std::string_view before_each) {
  std::string text;
  for (const std::string_view word : words) {
    if (!text.empty()) text += ", ";
    text.append(before_each).append(word);
  }
  return text;
}

std::string title_of(const CommandSpec& spec) {
  std::string title = upper(spec.name);
  const std::size_t bar = title.find('|');
  if (bar != std::string::npos) title[bar] = ' ';
  return title;
}

void render(std::string& out, const CommandSpec& spec) {
  const auto to = std::back_inserter(out);
  const std::string title = title_of(spec);
  fmt::format_to(to, "\n### {}\n\n", title);
  if (spec.run != nullptr)
    fmt::format_to(to, "    {}{}{}\n\n", title, spec.syntax.empty() ? "" : " ", spec.syntax);
  fmt::format_to(to, "{}\n", spec.summary);
  if (!spec.deprecated_since.empty()) {
    fmt::format_to(to, "Deprecated since {}", spec.deprecated_since);
    if (!spec.replaced_by.empty()) fmt::format_to(to, ": use {}", spec.replaced_by);
    out += ".\n";
  }
  fmt::format_to(to, "\n- Since: {}\n", spec.since);
  if (!spec.complexity.empty()) fmt::format_to(to, "- Complexity: {}\n", spec.complexity);
  if (const Words flags = flag_names(spec); !flags.empty())
    fmt::format_to(to, "- Flags: {}\n", joined(flags, ""));
  fmt::format_to(to, "- ACL categories: {}\n", joined(category_names(spec), "@"));
  for (const CommandSpec& sub : spec.subcommands) render(out, sub);
}

}  // namespace

std::string render_commands_md(const Registry& registry) {
  std::map<std::string_view, std::vector<const CommandSpec*>> groups;
  for (const CommandSpec* spec : registry.commands()) groups[name_of(spec->group)].push_back(spec);
  std::string out =
      "# Commands\n\nGenerated from the command tables. [] is optional, | separates alternatives, "
      "<> keeps\nthem together, ... repeats.\n";
  for (const auto& [group, specs] : groups) {
    fmt::format_to(std::back_inserter(out), "\n## {}\n", group);
    for (const CommandSpec* spec : specs) render(out, *spec);
  }
  return out;
}

}  // namespace banyan::commands
