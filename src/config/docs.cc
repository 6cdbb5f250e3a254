#include "config/docs.h"

#include <fmt/format.h>

#include <array>

#include "base/overloaded.h"
#include "config/setting.h"

namespace banyan::config {
namespace {

// As all_settings() orders the groups.
constexpr std::array kGroups = {"Network", "Process",   "Logging", "Replication", "Persistence",
                                "Memory",  "Encodings", "Cluster", "Security",    "Limits"};

std::string bound(std::int64_t value, Notation notation) {
  if (notation == Notation::octal) return fmt::format("{:o}", value);
  const bool is_memory = notation == Notation::memory || notation == Notation::memory_or_percent;
  if (!is_memory || value <= 0) return fmt::format("{}", value);
  return value == kInt64Max ? "no limit" : memory_text(value);
}

std::string names_of(const Choice& choice) {
  std::string text;
  for (const ChoiceName& name : choice.names)
    text += fmt::format("{}`{}`", text.empty() ? "" : ", ", name.name);
  return (choice.several ? "any of " : "one of ") + text;
}

std::string values_of(const Kind& kind) {
  return std::visit(overloaded{
                        [](const Boolean&) -> std::string { return "`yes` or `no`"; },
                        [](const Integer& i) {
                          const std::string high =
                              i.notation == Notation::decimal && i.high == kInt64Max
                                  ? "no limit"
                                  : bound(i.high, i.notation);
                          return fmt::format("{}, from {} to {}",
                                             i.notation == Notation::memory ? "bytes" : "a number",
                                             bound(i.low, i.notation), high);
                        },
                        [](const Text&) -> std::string { return "text"; },
                        [](const Choice& c) { return names_of(c); },
                        [](const Special&) -> std::string { return "words of its own"; },
                    },
                    kind);
}

void render(std::string& out, const Setting& setting, const Settings& defaults) {
  const auto to = std::back_inserter(out);
  fmt::format_to(to, "\n### {}\n\n", setting.name);
  for (const Alias& alias : setting.aliases)
    if (!alias.name.empty()) fmt::format_to(to, "Also called `{}`.\n\n", alias.name);
  fmt::format_to(to, "- Values: {}\n", values_of(setting.kind));
  if (!setting.note.empty()) fmt::format_to(to, "- {}\n", setting.note);
  const std::string value = to_text(setting, defaults);
  fmt::format_to(to, "- Default: {}\n", value.empty() ? "empty" : "`" + value + "`");
  if (setting.has(Flag::immutable)) out += "- Only at start: CONFIG SET refuses it\n";
  if (setting.has(Flag::guarded)) out += "- CONFIG SET needs `enable-protected-configs`\n";
  if (setting.has(Flag::denied_while_loading)) out += "- Not while data are being loaded\n";
  if (setting.has(Flag::sensitive)) out += "- Its value is kept out of logs\n";
  if (setting.has(Flag::hidden)) out += "- CONFIG GET shows it only by its exact name\n";
}

}  // namespace

std::string render_settings_md() {
  std::string out =
      "# Settings\n\nGenerated from the table of settings: what a configuration file, the command "
      "line and\nCONFIG SET take.\n";
  const Settings defaults;
  const auto groups = all_settings();
  for (std::size_t i = 0; i < groups.size(); ++i) {
    fmt::format_to(std::back_inserter(out), "\n## {}\n", kGroups.at(i));
    for (const Setting& setting : groups[i]) render(out, setting, defaults);
  }
  return out;
}

}  // namespace banyan::config
