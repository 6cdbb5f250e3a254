#include "config/setting.h"

#include <fmt/format.h>

#include "base/number.h"
#include "config/words.h"

namespace banyan::config {
namespace {

template <class... Fs>
struct Overloaded : Fs... {
  using Fs::operator()...;
};

Result<> assign_boolean(const Boolean& kind, Settings& settings, Bytes word) {
  const bool is_yes = equals_ignoring_case(word, "yes");
  if (!is_yes && !equals_ignoring_case(word, "no")) return fail("argument must be 'yes' or 'no'");
  kind.set(settings, is_yes);
  return {};
}

std::optional<std::int64_t> parse_octal(Bytes word) {
  if (word.empty() || word.size() > 20) return std::nullopt;
  std::int64_t value = 0;
  for (const char c : word) {
    if (c < '0' || c > '7') return std::nullopt;
    value = value * 8 + (c - '0');
  }
  return value;
}

std::optional<std::int64_t> parse_percent(Bytes word) {
  if (word.size() < 2 || word.back() != '%') return std::nullopt;
  const auto value = parse_int(word.substr(0, word.size() - 1));
  if (!value || *value < 0) return std::nullopt;
  return -*value;
}

Result<std::int64_t> parse_number(Bytes word, Notation notation) {
  const bool is_negative = word.starts_with('-');
  switch (notation) {
    case Notation::decimal:
      if (const auto value = parse_int(word)) return *value;
      return fail("argument couldn't be parsed into an integer");
    case Notation::octal:
      if (const auto value = parse_octal(word)) return *value;
      return fail("argument couldn't be parsed as an octal number");
    case Notation::memory:
      if (const auto value = parse_memory(word); value && !is_negative) return *value;
      return fail("argument must be a memory value");
    case Notation::memory_or_percent:
      if (const auto value = parse_memory(word); value && !is_negative) return *value;
      if (const auto value = parse_percent(word)) return *value;
      return fail("argument must be a memory or percent value");
  }
  return fail("argument couldn't be parsed into an integer");
}

Result<> assign_integer(const Integer& kind, Settings& settings, Bytes word) {
  TRY(const std::int64_t value, parse_number(word, kind.notation));
  if (kind.notation == Notation::memory_or_percent && value < kind.low)
    return fail(fmt::format("percentage argument must be less or equal to {}", -kind.low));
  if (value < kind.low || value > kind.high) {
    if (kind.notation == Notation::octal)
      return fail(
          fmt::format("argument must be between {:o} and {:o} inclusive", kind.low, kind.high));
    return fail(fmt::format("argument must be between {} and {} inclusive", kind.low, kind.high));
  }
  kind.set(settings, value);
  return {};
}

Result<> assign_text(const Text& kind, Settings& settings, Bytes word) {
  if (kind.check != nullptr) TRY_DO(kind.check(word));
  kind.set(settings, word);
  return {};
}

Error no_such_choice(const Choice& kind) {
  std::string names;
  for (const ChoiceName& known : kind.names) {
    if (!names.empty()) names += ", ";
    names += known.name;
  }
  return Error(Errc::err, "argument(s) must be one of the following: " + names);
}

Result<> assign_choice(const Choice& kind, Settings& settings, Words words) {
  if (words.empty() || (!kind.several && words.size() != 1))
    return std::unexpected(no_such_choice(kind));
  int value = 0;
  for (const std::string& word : words) {
    bool is_known = false;
    for (const ChoiceName& known : kind.names) {
      if (!equals_ignoring_case(word, known.name)) continue;
      value |= known.value;
      is_known = true;
    }
    if (!is_known) return std::unexpected(no_such_choice(kind));
  }
  if (kind.check != nullptr) TRY_DO(kind.check(value));
  kind.set(settings, value);
  return {};
}

std::string choice_text(const Choice& kind, int value) {
  std::string names;
  for (const ChoiceName& known : kind.names) {
    if (value == known.value) return std::string(known.name);
    if (!kind.several || known.value == 0 || (value & known.value) != known.value) continue;
    if (!names.empty()) names += ' ';
    names += known.name;
  }
  return names;
}

std::string integer_text(const Integer& kind, std::int64_t value) {
  if (kind.notation == Notation::octal) return fmt::format("{:o}", value);
  if (kind.notation == Notation::memory_or_percent && value < 0) return fmt::format("{}%", -value);
  return std::to_string(value);
}

// In a file, memory is written in the largest unit that divides it.
std::string integer_file_text(const Integer& kind, std::int64_t value) {
  const bool is_memory =
      kind.notation == Notation::memory || kind.notation == Notation::memory_or_percent;
  return is_memory && value > 0 ? memory_text(value) : integer_text(kind, value);
}

bool is_default(const Setting& setting, const Settings& settings) {
  return to_text(setting, settings) == to_text(setting, Settings{});
}

}  // namespace

std::string memory_text(std::int64_t bytes) {
  constexpr std::pair<std::int64_t, const char*> kUnits[] = {
      {1024 * 1024 * 1024, "gb"}, {1024 * 1024, "mb"}, {1024, "kb"}};
  for (const auto& [unit, name] : kUnits)
    if (bytes > 0 && bytes % unit == 0) return std::to_string(bytes / unit) + name;
  return std::to_string(bytes);
}

Result<> assign(const Setting& setting, Settings& settings, Words words, LoadState* state) {
  if (!setting.has(Flag::several_words) && words.size() != 1)
    return fail("wrong number of arguments");
  return std::visit(
      Overloaded{
          [&](const Boolean& kind) { return assign_boolean(kind, settings, words[0]); },
          [&](const Integer& kind) { return assign_integer(kind, settings, words[0]); },
          [&](const Text& kind) { return assign_text(kind, settings, words[0]); },
          [&](const Choice& kind) { return assign_choice(kind, settings, words); },
          [&](const Special& kind) { return kind.assign(settings, words, state); },
      },
      setting.kind);
}

std::string to_text(const Setting& setting, const Settings& settings) {
  return std::visit(
      Overloaded{
          [&](const Boolean& kind) { return std::string(kind.get(settings) ? "yes" : "no"); },
          [&](const Integer& kind) { return integer_text(kind, kind.get(settings)); },
          [&](const Text& kind) { return kind.get(settings); },
          [&](const Choice& kind) { return choice_text(kind, kind.get(settings)); },
          [&](const Special& kind) { return kind.text(settings); },
      },
      setting.kind);
}

std::vector<Line> to_lines(const Setting& setting, const Settings& settings) {
  const std::string start = std::string(setting.name) + ' ';
  const auto line = [&](const std::string& value) {
    return std::vector<Line>{{.text = start + value, .forced = !is_default(setting, settings)}};
  };
  return std::visit(
      Overloaded{
          [&](const Boolean& kind) { return line(kind.get(settings) ? "yes" : "no"); },
          [&](const Integer& kind) { return line(integer_file_text(kind, kind.get(settings))); },
          [&](const Text& kind) {
            const std::string& value = kind.get(settings);
            if (value.empty() && kind.absent_when_empty) return std::vector<Line>{};
            return line(quote_if_needed(value));
          },
          [&](const Choice& kind) { return line(choice_text(kind, kind.get(settings))); },
          [&](const Special& kind) { return kind.lines(settings, setting.name); },
      },
      setting.kind);
}

}  // namespace banyan::config
