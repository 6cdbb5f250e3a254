#include "config/specials.h"

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <algorithm>

#include "base/number.h"
#include "config/words.h"

namespace banyan::config::special {
namespace {

// One line, needed when the value is not the default.
Lines one_line(std::string_view name, const std::string& value, bool forced) {
  std::string text(name);
  text += ' ';
  text += value.empty() ? "\"\"" : value;
  return {{.text = std::move(text), .forced = forced}};
}

// "" alone means no value at all.
bool is_empty_list(Words words) { return words.empty() || (words.size() == 1 && words[0].empty()); }

bool is_address(const std::string& word) {
  return !word.empty() && std::ranges::all_of(word, [](char c) {
    return c > ' ' && c != '"' && c != '\'' && c != '\\' && c != '\x7f';
  });
}

}  // namespace

// ---- bind

Result<> assign_bind(Settings& settings, Words words, LoadState*) {
  constexpr std::size_t kAddressesMax = 16;
  if (words.size() > kAddressesMax) return fail("Too many bind addresses specified.");
  if (is_empty_list(words)) words = {};
  if (!std::ranges::all_of(words, is_address)) return fail("Invalid bind address");
  settings.network.bind.assign(words.begin(), words.end());
  return {};
}

std::string bind_text(const Settings& settings) {
  return fmt::format("{}", fmt::join(settings.network.bind, " "));
}

Lines bind_lines(const Settings& settings, std::string_view name) {
  return one_line(name, bind_text(settings), settings.network.bind != Network{}.bind);
}

// ---- save

Result<> assign_save(Settings& settings, Words words, LoadState* state) {
  std::vector<SavePoint>& points = settings.persistence.save_points;
  if (is_empty_list(words)) {
    if (state != nullptr) state->save_seen = true;
    points.clear();
    return {};
  }
  if (words.size() % 2 != 0) return fail("Invalid save parameters");
  std::vector<SavePoint> added;
  for (std::size_t i = 0; i < words.size(); i += 2) {
    const auto seconds = parse_int(words[i]);
    const auto changes = parse_int(words[i + 1]);
    if (!seconds || !changes || *seconds < 1 || *seconds > kIntMax || *changes < 0 ||
        *changes > kIntMax)
      return fail("Invalid save parameters");
    added.push_back({*seconds, *changes});
  }
  if (state == nullptr || !state->save_seen) points.clear();
  if (state != nullptr) state->save_seen = true;
  points.insert(points.end(), added.begin(), added.end());
  return {};
}

std::string save_text(const Settings& settings) {
  std::string text;
  for (const SavePoint& point : settings.persistence.save_points) {
    if (!text.empty()) text += ' ';
    text += fmt::format("{} {}", point.seconds, point.changes);
  }
  return text;
}

Lines save_lines(const Settings& settings, std::string_view name) {
  const auto& points = settings.persistence.save_points;
  const bool forced = points != Persistence{}.save_points;
  if (points.empty()) return one_line(name, "", forced);
  Lines lines;
  for (const SavePoint& point : points)
    lines.push_back({fmt::format("{} {} {}", name, point.seconds, point.changes), forced});
  return lines;
}

// ---- replicaof

Result<> assign_replicaof(Settings& settings, Words words, LoadState*) {
  Replication& replication = settings.replication;
  if (words.size() != 2) return fail("wrong number of arguments");
  if (equals_ignoring_case(words[0], "no") && equals_ignoring_case(words[1], "one")) {
    replication.primary_host.clear();
    replication.primary_port = 0;
    return {};
  }
  const auto port = parse_int(words[1]);
  if (!port || *port < 0 || *port > 65535) return fail("Invalid master port");
  if (!is_address(words[0])) return fail("Invalid master host");
  replication.primary_host = words[0];
  replication.primary_port = static_cast<std::uint16_t>(*port);
  return {};
}

std::string replicaof_text(const Settings& settings) {
  const Replication& replication = settings.replication;
  if (replication.primary_host.empty()) return {};
  return fmt::format("{} {}", replication.primary_host, replication.primary_port);
}

// The cluster decides who follows whom: there the file must not.
Lines replicaof_lines(const Settings& settings, std::string_view name) {
  if (settings.replication.primary_host.empty() || settings.cluster.enabled) return {};
  return one_line(name, replicaof_text(settings), true);
}

// ---- client-output-buffer-limit

namespace {

struct OutputClass {
  std::string_view name, other_name;  // the old name is what CONFIG GET shows
  OutputLimit Limits::*limit;
};
constexpr OutputClass kOutputClasses[] = {
    {"normal", "normal", &Limits::normal_output},
    {"slave", "replica", &Limits::replica_output},
    {"pubsub", "pubsub", &Limits::pubsub_output},
};

const OutputClass* find_class(Bytes name) {
  for (const OutputClass& known : kOutputClasses)
    if (equals_ignoring_case(name, known.name) || equals_ignoring_case(name, known.other_name))
      return &known;
  return nullptr;
}

std::optional<OutputLimit> parse_limit(Words words) {
  const auto hard = parse_memory(words[0]);
  const auto soft = parse_memory(words[1]);
  const auto seconds = parse_int(words[2]);
  if (!hard || *hard < 0 || !soft || *soft < 0) return std::nullopt;
  if (!seconds || *seconds < 0 || *seconds > kIntMax) return std::nullopt;
  return OutputLimit{*hard, *soft, std::chrono::seconds(*seconds)};
}

}  // namespace

Result<> assign_output_limits(Settings& settings, Words words, LoadState*) {
  constexpr std::size_t kWordsPerClass = 4;
  if (words.size() % kWordsPerClass != 0)
    return fail("Wrong number of arguments in buffer limit configuration.");
  Limits changed = settings.limits;
  for (; !words.empty(); words = words.subspan(kWordsPerClass)) {
    const OutputClass* known = find_class(words[0]);
    if (known == nullptr)
      return fail("Invalid client class specified in buffer limit configuration.");
    const auto limit = parse_limit(words.subspan(1, 3));
    if (!limit)
      return fail("Error in hard, soft or soft_seconds setting in buffer limit configuration.");
    changed.*known->limit = *limit;
  }
  settings.limits = changed;
  return {};
}

std::string output_limits_text(const Settings& settings) {
  std::string text;
  for (const OutputClass& known : kOutputClasses) {
    const OutputLimit& limit = settings.limits.*known.limit;
    if (!text.empty()) text += ' ';
    text += fmt::format("{} {} {} {}", known.name, limit.hard_bytes, limit.soft_bytes,
                        limit.soft_duration.count());
  }
  return text;
}

Lines output_limits_lines(const Settings& settings, std::string_view name) {
  Lines lines;
  for (const OutputClass& known : kOutputClasses) {
    const OutputLimit& limit = settings.limits.*known.limit;
    lines.push_back(
        {fmt::format("{} {} {} {} {}", name, known.other_name, memory_text(limit.hard_bytes),
                     memory_text(limit.soft_bytes), limit.soft_duration.count()),
         limit != Limits{}.*known.limit});
  }
  return lines;
}

void draw_small_output_limits(Settings& settings, Rng& rng) {
  const std::int64_t hard_bytes = rng.between(64 * 1024, 1024 * 1024);
  settings.limits.replica_output = {hard_bytes, hard_bytes / 2,
                                    std::chrono::seconds(rng.between(1, 5))};
}

// ---- oom-score-adj-values

Result<> assign_oom_scores(Settings& settings, Words words, LoadState*) {
  auto& scores = settings.process.oom_score_values;
  if (words.size() != scores.size()) return fail("wrong number of arguments");
  std::array<int, 3> values{};
  for (std::size_t i = 0; i < values.size(); ++i) {
    const auto value = parse_int(words[i]);
    if (!value || *value < -2000 || *value > 2000)
      return fail("Invalid oom-score-adj-values, elements must be between -2000 and 2000.");
    values[i] = static_cast<int>(*value);
  }
  scores = values;
  return {};
}

std::string oom_scores_text(const Settings& settings) {
  return fmt::format("{}", fmt::join(settings.process.oom_score_values, " "));
}

Lines oom_scores_lines(const Settings& settings, std::string_view name) {
  return one_line(name, oom_scores_text(settings),
                  settings.process.oom_score_values != Process{}.oom_score_values);
}

// ---- notify-keyspace-events

namespace {

struct EventLetter {
  char letter;
  KeyEvent event;
  bool in_all;  // part of "A"
};
// In the order in which they are shown.
constexpr EventLetter kEventLetters[] = {
    {'g', KeyEvent::generic, true},
    {'$', KeyEvent::string, true},
    {'l', KeyEvent::list, true},
    {'s', KeyEvent::set, true},
    {'h', KeyEvent::hash, true},
    {'z', KeyEvent::sorted_set, true},
    {'x', KeyEvent::expired, true},
    {'e', KeyEvent::evicted, true},
    {'t', KeyEvent::stream, true},
    {'d', KeyEvent::module, true},
    {'n', KeyEvent::new_key, false},
    {'K', KeyEvent::keyspace_channel, false},
    {'E', KeyEvent::keyevent_channel, false},
    {'m', KeyEvent::key_miss, false},
};

constexpr unsigned all_events() {
  unsigned bits = 0;
  for (const EventLetter& known : kEventLetters)
    if (known.in_all) bits |= std::to_underlying(known.event);
  return bits;
}

unsigned event_bits(char letter) {  // 0 when unknown
  if (letter == 'A') return all_events();
  for (const EventLetter& known : kEventLetters)
    if (known.letter == letter) return std::to_underlying(known.event);
  return 0;
}

}  // namespace

Result<> assign_key_events(Settings& settings, Words words, LoadState*) {
  unsigned bits = 0;
  for (const char letter : words[0]) {
    const unsigned known = event_bits(letter);
    if (known == 0) return fail("Invalid event class character. Use 'Ag$lshzxeKEtmdn'.");
    bits |= known;
  }
  settings.limits.keyspace_events.bits = static_cast<std::uint16_t>(bits);
  return {};
}

std::string key_events_text(const Settings& settings) {
  const KeyEvents events = settings.limits.keyspace_events;
  const bool has_all = (events.bits & all_events()) == all_events();
  std::string text = has_all ? "A" : "";
  for (const EventLetter& known : kEventLetters)
    if (events.has(known.event) && !(has_all && known.in_all)) text += known.letter;
  return text;
}

Lines key_events_lines(const Settings& settings, std::string_view name) {
  return one_line(name, key_events_text(settings), settings.limits.keyspace_events != KeyEvents{});
}

// ---- latency-tracking-info-percentiles

Result<> assign_percentiles(Settings& settings, Words words, LoadState*) {
  if (is_empty_list(words)) words = {};
  std::vector<double> percentiles;
  for (const std::string& word : words) {
    const auto value = parse_double(word);
    if (!value) return fail("Invalid latency-tracking-info-percentiles parameters");
    if (*value > 100.0 || *value < 0.0)
      return fail("latency-tracking-info-percentiles parameters should sit between [0.0,100.0]");
    percentiles.push_back(*value);
  }
  settings.logging.latency_percentiles = std::move(percentiles);
  return {};
}

std::string percentiles_text(const Settings& settings) {
  std::string text;
  for (const double value : settings.logging.latency_percentiles) {
    if (!text.empty()) text += ' ';
    text += format_double(value);
  }
  return text;
}

Lines percentiles_lines(const Settings& settings, std::string_view name) {
  return one_line(name, percentiles_text(settings),
                  settings.logging.latency_percentiles != Logging{}.latency_percentiles);
}

}  // namespace banyan::config::special
