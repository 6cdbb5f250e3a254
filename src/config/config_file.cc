#include "config/config_file.h"

#include <fmt/format.h>
#include <algorithm>

#include "config/include_paths.h"
#include "config/words.h"

namespace banyan::config {
namespace {

constexpr std::string_view kVersion = "7.2.5";  // the Redis that this node claims to be
constexpr std::size_t kIncludeDepthMax = 16;
constexpr std::size_t kFilesMax = 1000;

std::string fatal(std::string_view details) {
  return fmt::format("*** FATAL CONFIG FILE ERROR (Redis {}) ***\n{}", kVersion, details);
}

}  // namespace

std::unexpected<Error> ConfigReader::fail_at(const Place& place, std::string_view reason) {
  return fail(fatal(fmt::format("Reading the configuration file, at line {} of {}\n>>> '{}'\n{}",
                                place.line, place.name, place.text, reason)));
}

Settings default_settings(bool sentinel_mode) {
  Settings settings;
  if (sentinel_mode) {
    settings.network.port = 26379;
    settings.network.protected_mode = false;
  }
  return settings;
}

bool is_obsolete(Bytes name) {
  constexpr Bytes kNames[] = {"list-max-ziplist-entries", "list-max-ziplist-value",
                              "lua-replicate-commands"};
  return std::ranges::any_of(kNames, [&](Bytes old) { return equals_ignoring_case(name, old); });
}

Result<> ConfigReader::read_file(const std::string& path) {
  const auto text = read_whole_file(files_, path);
  if (!text)
    return fail(
        fmt::format("Fatal error, can't open config file '{}': {}", path, text.error().describe()));
  ++files_read_;
  open_.push_back(path);
  TRY_DO(read_text(*text, path));
  open_.pop_back();
  return {};
}

Result<> ConfigReader::read_text(Bytes text, const std::string& name) {
  for (std::size_t line = 1; !text.empty(); ++line) {
    const std::size_t end = text.find('\n');
    TRY_DO(read_line({name, line, trim(text.substr(0, end))}));
    text.remove_prefix(end == Bytes::npos ? text.size() : end + 1);
  }
  return {};
}

Result<> ConfigReader::read_line(const Place& place) {
  if (place.text.empty() || place.text.starts_with('#')) return {};
  auto words = split_words(place.text);
  if (!words) return fail_at(place, "Unbalanced quotes in configuration line");
  if (words->empty()) return {};
  if (equals_ignoring_case(words->front(), "include") && words->size() == 2) {
    if (open_.size() >= kIncludeDepthMax) return fail_at(place, "Includes are nested too deeply");
    return include((*words)[1], place);
  }
  if (auto result = run(*words, place); !result) return fail_at(place, result.error().text());
  return {};
}

Result<> ConfigReader::include(const std::string& pattern, const Place& place) {
  std::vector<std::string> paths = {pattern};
  if (is_pattern(pattern)) paths = expand_pattern(files_, pattern, kFilesMax);
  for (const std::string& path : paths) {
    if (std::ranges::find(open_, path) != open_.end())
      return fail_at(place, fmt::format("'{}' includes itself", path));
    if (files_read_ >= kFilesMax) return fail_at(place, "Too many included files");
    TRY_DO(read_file(path));
  }
  return {};
}

Result<> ConfigReader::run(std::vector<std::string>& words, const Place& place) {
  const std::string name = lower(words.front());
  words.erase(words.begin());
  if (const Setting* setting = find_setting(name)) return run_setting(*setting, words);
  if (is_obsolete(name) && words.size() == 1) return {};
  return run_other(name, words, place);
}

// `save "900 1"` and `--save "900 1"`: one word with all values inside is as good as several.
Result<> ConfigReader::run_setting(const Setting& setting, std::vector<std::string>& words) {
  if (setting.has(Flag::several_words) && words.size() == 1 && !words[0].empty()) {
    auto inner = split_words(words[0]);
    if (!inner) return fail("Unbalanced quotes in configuration line");
    words = *std::move(inner);
  }
  return assign(setting, into_, words, &state_);
}

Result<> ConfigReader::run_other(const std::string& name, const std::vector<std::string>& words,
                                 const Place& place) {
  const RawLine raw{.words = words, .file = place.name, .line = place.line};
  if (name == "user" && !words.empty()) {
    into_.security.users.push_back(raw);
    return {};
  }
  if (name == "rename-command" && words.size() == 2) {
    into_.security.renamed_commands.push_back({.from = words[0], .to = words[1]});
    return {};
  }
  if (name == "sentinel") {
    if (words.empty()) return {};  // `--sentinel` on the command line
    if (!sentinel_mode_) return fail("sentinel directive while not in sentinel mode");
    into_.sentinel.push_back(raw);
    return {};
  }
  if (name == "loadmodule" && !words.empty())
    return fail("Modules are not supported, remove this line");
  if (name.find('.') != std::string::npos) {
    if (words.empty()) return fail("Module config specified without value");
    return fail("Modules are not supported, remove this setting of a module");
  }
  return fail("Bad directive or wrong number of arguments");
}

Result<> ConfigReader::finish(std::vector<std::string>& warnings) {
  const bool is_cluster = into_.cluster.enabled;
  if (is_cluster && !into_.replication.primary_host.empty())
    return fail(fatal("replicaof directive not allowed in cluster mode"));
  if (is_cluster && into_.limits.databases > 1) {
    warnings.push_back(
        fmt::format("WARNING: Changing databases number from {} to 1 since we are in cluster mode",
                    into_.limits.databases));
    into_.limits.databases = 1;
  }
  into_.process.hz = std::clamp(into_.process.hz, kHzMin, kHzMax);
  return {};
}

}  // namespace banyan::config
