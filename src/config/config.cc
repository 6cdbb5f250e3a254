#include "config/config.h"

#include <fmt/format.h>
#include <algorithm>

#include "base/check.h"
#include "base/glob.h"
#include "config/rewrite.h"

namespace banyan::config {
namespace {

// CONFIG SET has one argument where a file has words; only the space separates, as in Redis.
std::vector<std::string> words_of(const Setting& setting, const std::string& value) {
  if (!setting.has(Flag::several_words)) return {value};
  std::vector<std::string> words;
  for (std::size_t at = 0; at < value.size();) {
    const std::size_t space = std::min(value.find(' ', at), value.size());
    words.push_back(value.substr(at, space - at));
    at = space + 1;
    if (at == value.size()) words.emplace_back();
  }
  return words;
}

std::string_view name_in_table(const Setting& setting, Bytes asked) {
  for (const Alias& alias : setting.aliases)
    if (equals_ignoring_case(alias.name, asked)) return alias.name;
  return setting.name;
}

Error set_failed(std::string_view name, std::string_view reason) {
  return Error(Errc::err, fmt::format("CONFIG SET failed (possibly related to argument '{}') - {}",
                                      name, reason));
}

// Collects answers, each name once.
class Answers {
 public:
  explicit Answers(const Settings& settings) : settings_(settings) {}

  void add(std::string_view name, const Setting& setting) {
    const bool is_known = std::ranges::any_of(
        pairs_, [&](const NameAndValue& pair) { return equals_ignoring_case(pair.first, name); });
    if (!is_known) pairs_.emplace_back(name, to_text(setting, settings_));
  }

  void add_matches(Bytes pattern, const Setting& setting) {
    if (setting.has(Flag::hidden)) return;
    if (glob_match(pattern, setting.name, true)) add(setting.name, setting);
    for (const Alias& alias : setting.aliases) {
      if (alias.name.empty() || alias.hidden) continue;
      if (glob_match(pattern, alias.name, true)) add(alias.name, setting);
    }
  }

  std::vector<NameAndValue> take() { return std::move(pairs_); }

 private:
  const Settings& settings_;
  std::vector<NameAndValue> pairs_;
};

}  // namespace

bool is_sensitive(Bytes name) {
  const Setting* setting = find_setting(name);
  return setting != nullptr && setting->has(Flag::sensitive);
}

void Config::on_change(const std::vector<std::string_view>& names, Hook hook) {
  Watch watch{.settings = {}, .hook = std::move(hook)};
  for (const std::string_view name : names) {
    const Setting* setting = find_setting(name);
    CHECK(setting != nullptr);
    watch.settings.push_back(setting);
  }
  watches_.push_back(std::move(watch));
}

std::vector<NameAndValue> Config::get(std::span<const std::string> patterns) const {
  Answers answers(settings());
  for (const std::string& pattern : patterns) {
    if (pattern.find_first_of("*?[") == std::string::npos) {
      if (const Setting* setting = find_setting(pattern)) answers.add(pattern, *setting);
      continue;
    }
    for (const std::span<const Setting> group : all_settings())
      for (const Setting& setting : group) answers.add_matches(pattern, setting);
  }
  return answers.take();
}

Result<std::vector<Config::Change>> Config::check(std::span<const NameAndValue> pairs,
                                                  SetContext context) const {
  const Allowed guarded = settings().security.protected_configs;
  const bool may_set_guarded =
      guarded == Allowed::yes || (guarded == Allowed::local && context.client_is_local);
  std::vector<Change> changes;
  for (const auto& [name, value] : pairs) {
    const Setting* found = find_setting(name);
    if (found == nullptr)
      return fail(fmt::format("Unknown option or number of arguments for CONFIG SET - '{}'", name));
    const Setting& setting = *found;
    if (setting.has(Flag::immutable))
      return std::unexpected(set_failed(name, "can't set immutable config"));
    if (setting.has(Flag::guarded) && !may_set_guarded)
      return std::unexpected(set_failed(name, "can't set protected config"));
    if (context.is_loading && setting.has(Flag::denied_while_loading)) return fail(Errc::loading);
    const bool is_repeated =
        std::ranges::any_of(changes, [&](const Change& c) { return c.setting == &setting; });
    if (is_repeated) return std::unexpected(set_failed(name, "duplicate parameter"));
    changes.push_back({&setting, name_in_table(setting, name)});
  }
  return changes;
}

Result<Config::Changes> Config::set(std::span<const NameAndValue> pairs, SetContext context) {
  TRY(std::vector<Change> changes, check(pairs, context));
  const Settings old = settings();
  Settings changed = old;
  for (std::size_t i = 0; i < pairs.size(); ++i) {
    const std::vector<std::string> words = words_of(*changes[i].setting, pairs[i].second);
    if (const auto result = assign(*changes[i].setting, changed, words, nullptr); !result)
      return std::unexpected(set_failed(changes[i].name, result.error().text()));
  }
  changed.process.hz = std::clamp(changed.process.hz, kHzMin, kHzMax);

  std::erase_if(changes, [&](const Change& change) {
    const Setting& setting = *change.setting;
    return to_text(setting, old) == to_text(setting, changed) && !setting.has(Flag::always_applied);
  });
  loaded_.settings = std::move(changed);
  TRY_DO(apply(changes, old));
  Changes names;
  for (const Change& change : changes) names.push_back(change.setting->name);
  return names;
}

const Config::Change* Config::first_watched(const Watch& watch, std::span<const Change> changes) {
  if (watch.settings.empty() && !changes.empty()) return &changes.front();
  for (const Change& change : changes)
    if (std::ranges::find(watch.settings, change.setting) != watch.settings.end()) return &change;
  return nullptr;
}

Result<> Config::apply(std::span<const Change> changes, const Settings& old) {
  for (std::size_t i = 0; i < watches_.size(); ++i) {
    const Change* cause = first_watched(watches_[i], changes);
    if (cause == nullptr) continue;
    if (const auto result = watches_[i].hook(loaded_.settings); !result) {
      put_back(old, i + 1, changes);
      return std::unexpected(set_failed(cause->name, result.error().text()));
    }
  }
  return {};
}

void Config::put_back(const Settings& old, std::size_t hooks_tried,
                      std::span<const Change> changes) {
  loaded_.settings = old;
  for (Watch& watch : std::span(watches_).first(hooks_tried)) {
    if (first_watched(watch, changes) == nullptr) continue;
    if (const auto result = watch.hook(loaded_.settings); !result)
      loaded_.warnings.push_back("Failed applying restored failed CONFIG SET command: " +
                                 result.error().describe());
  }
}

Result<> Config::rewrite(Files& files, bool write_defaults) const {
  const std::string& path = file();
  if (path.empty()) return fail("The server is running without a config file");
  std::string old_text;
  if (files.exists(path)) {
    TRY_IN(old_text, read_whole_file(files, path), "Rewriting config file");
  }
  TRY_IN(const std::string text,
         rewrite_text(files, path, old_text, settings(),
                      {.sentinel_mode = loaded_.sentinel, .write_defaults = write_defaults}),
         "Rewriting config file");
  if (auto result = write_whole_file(files, path, text); !result)
    return std::unexpected(std::move(result).error().in("Rewriting config file"));
  return {};
}

std::span<const std::string_view> help() {
  static constexpr std::string_view kLines[] = {
      "GET <pattern> [<pattern> ...]",
      "    List the settings whose names match a pattern, with their values.",
      "SET <setting> <value> [<setting> <value> ...]",
      "    Change settings, all of them or, when one is refused, none.",
      "RESETSTAT",
      "    Start the counters that INFO shows again from zero.",
      "REWRITE",
      "    Store the present settings in the configuration file.",
  };
  return kLines;
}

}  // namespace banyan::config
