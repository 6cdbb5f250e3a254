// Setting: one entry of the table: a name, what it accepts, where it is kept in Settings, its
// flags.
//
// Vocabulary   A *kind* is the type of a setting with its range and the way to its field. A setting
//              has one name and up to two aliases (old names, Valkey's names): one field.
// Adding one   A field in settings*.h with its default, and one line in the table_*.cc of its
// group. Invariants   Every value a kind accepts fits its field: checked at compile time. Threads
// None; immutable data and pure functions.
#pragma once

#include <array>
#include <chrono>
#include <concepts>
#include <cstdint>
#include <limits>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "base/bytes.h"
#include "base/result.h"
#include "base/rng.h"
#include "config/settings.h"

namespace banyan::config {

using Words = std::span<const std::string>;

// A line that CONFIG REWRITE writes; one that is not `forced` only replaces an existing line.
struct Line {
  std::string text;
  bool forced = true;
};

// What reading a configuration has to remember from line to line; none for CONFIG SET.
struct LoadState {
  bool save_seen = false;  // the first `save` replaces the defaults, later ones add to it
};

struct Boolean {
  bool (*get)(const Settings&) = nullptr;
  void (*set)(Settings&, bool) = nullptr;
};

enum class Notation : std::uint8_t { decimal, octal, memory, memory_or_percent };

// memory_or_percent keeps a percentage as a negative number.
struct Integer {
  std::int64_t (*get)(const Settings&) = nullptr;
  void (*set)(Settings&, std::int64_t) = nullptr;
  std::int64_t low = 0, high = 0;
  Notation notation = Notation::decimal;
};

using TextCheck = Result<> (*)(Bytes);

struct Text {
  const std::string& (*get)(const Settings&) = nullptr;
  void (*set)(Settings&, Bytes) = nullptr;
  TextCheck check = nullptr;
  bool absent_when_empty = false;  // CONFIG REWRITE drops the line of an empty value
};

struct ChoiceName {
  std::string_view name;
  int value = 0;
};

// `several`: values are bits, and the names of all that are set are listed.
struct Choice {
  int (*get)(const Settings&) = nullptr;
  void (*set)(Settings&, int) = nullptr;
  std::span<const ChoiceName> names;
  bool several = false;
  Result<> (*check)(int) = nullptr;
};

// What fits no other kind. `reset` are words that clear the value, for settings whose lines add up.
struct Special {
  Result<> (*assign)(Settings&, Words, LoadState*) = nullptr;
  std::string (*text)(const Settings&) = nullptr;
  std::vector<Line> (*lines)(const Settings&, std::string_view name) = nullptr;
  std::string_view reset = {};
  void (*draw_extreme)(Settings&, Rng&) = nullptr;
};

using Kind = std::variant<Boolean, Integer, Text, Choice, Special>;

enum class Flag : std::uint8_t {
  none = 0,
  immutable = 1 << 0,             // only at start
  sensitive = 1 << 1,             // its value is kept out of logs
  hidden = 1 << 2,                // CONFIG GET shows it only by its exact name
  guarded = 1 << 3,               // CONFIG SET needs enable-protected-configs
  denied_while_loading = 1 << 4,  // CONFIG SET answers LOADING
  several_words = 1 << 5,
  always_applied = 1 << 6,  // setting the present value again still runs the hooks (file names)
};
constexpr Flag operator|(Flag a, Flag b) {
  return static_cast<Flag>(std::to_underlying(a) | std::to_underlying(b));
}

// An interval that only the simulator draws from, to make rare paths common.
struct Extreme {
  std::int64_t low = 0, high = -1;
  constexpr bool given() const { return low <= high; }
};

struct Alias {
  std::string_view name = {};
  bool hidden = false;  // as Flag::hidden, for this name alone
};

struct Setting {
  std::string_view name;
  std::array<Alias, 2> aliases = {};
  Kind kind;
  Flag flags = Flag::none;
  Extreme extreme = {};
  std::string_view note = {};  // what the documentation says besides

  constexpr bool has(Flag flag) const {
    return (std::to_underlying(flags) & std::to_underlying(flag)) != 0;
  }
};

// All groups, each in the order of its table.
std::span<const std::span<const Setting>> all_settings();
// By name or alias, in any case of letters; nullptr when there is none.
const Setting* find_setting(Bytes name);

// Reads `words` into the field. The error text is what Redis says, without a place.
Result<> assign(const Setting& setting, Settings& settings, Words words, LoadState* state);
// As CONFIG GET answers.
std::string to_text(const Setting& setting, const Settings& settings);
// As CONFIG REWRITE writes it; none when nothing need be written at all.
std::vector<Line> to_lines(const Setting& setting, const Settings& settings);

// "64mb": the largest unit that divides `bytes`.
std::string memory_text(std::int64_t bytes);

// ---- The builders that tables are made of.

template <auto Group, auto Field>
struct Path {
  static auto& in(Settings& settings) { return (settings.*Group).*Field; }
  static const auto& in(const Settings& settings) { return (settings.*Group).*Field; }
  using Type = std::remove_cvref_t<decltype(in(std::declval<Settings&>()))>;
};

template <class T>
concept DurationType = requires { typename T::period; };

inline void value_does_not_fit_its_field() {}  // called in a constant expression: does not compile

template <class T>
consteval void check_range(std::int64_t low, std::int64_t high) {
  if constexpr (DurationType<T>) {
    using Period = typename T::period;
    const std::int64_t seconds_max = std::numeric_limits<std::int32_t>::max();
    if (high / Period::den > seconds_max / Period::num) value_does_not_fit_its_field();
  } else if (!std::in_range<T>(low) || !std::in_range<T>(high)) {
    value_does_not_fit_its_field();
  }
}

template <class P>
consteval Kind boolean() {
  return Boolean{.get = [](const Settings& s) { return P::in(s); },
                 .set = [](Settings& s, bool value) { P::in(s) = value; }};
}

template <class P>
consteval Kind integer(std::int64_t low, std::int64_t high, Notation as = Notation::decimal) {
  using T = typename P::Type;
  check_range<T>(low, high);
  Integer kind{.low = low, .high = high, .notation = as};
  if constexpr (DurationType<T>) {
    kind.get = [](const Settings& s) { return static_cast<std::int64_t>(P::in(s).count()); };
  } else {
    kind.get = [](const Settings& s) { return static_cast<std::int64_t>(P::in(s)); };
  }
  kind.set = [](Settings& s, std::int64_t value) { P::in(s) = static_cast<T>(value); };
  return kind;
}

template <class P>
consteval Kind text(TextCheck check = nullptr) {
  return Text{.get = [](const Settings& s) -> const std::string& { return P::in(s); },
              .set = [](Settings& s, Bytes value) { P::in(s) = value; },
              .check = check};
}

template <class P>
consteval Kind optional_text(TextCheck check = nullptr) {
  Text kind = std::get<Text>(text<P>(check));
  kind.absent_when_empty = true;
  return kind;
}

template <class P>
consteval Kind choice(std::span<const ChoiceName> names) {
  using T = typename P::Type;
  return Choice{.get = [](const Settings& s) { return static_cast<int>(P::in(s)); },
                .set = [](Settings& s, int value) { P::in(s) = static_cast<T>(value); },
                .names = names};
}

template <class P>
consteval Kind choices(std::span<const ChoiceName> names, Result<> (*check)(int)) {
  return Choice{.get = [](const Settings& s) { return static_cast<int>(P::in(s).bits); },
                .set = [](Settings& s, int v) { P::in(s).bits = static_cast<std::uint8_t>(v); },
                .names = names,
                .several = true,
                .check = check};
}

inline constexpr std::int64_t kIntMax = std::numeric_limits<std::int32_t>::max();
inline constexpr std::int64_t kInt64Max = std::numeric_limits<std::int64_t>::max();
// Redis takes any 64-bit count of milliseconds; more than 68 years could overflow when added up.
inline constexpr std::int64_t kMillisecondsMax = kIntMax * 1000;
inline constexpr std::int64_t kMinutesMax = kIntMax / 60;

}  // namespace banyan::config
