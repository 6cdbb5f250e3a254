// LATENCY: what took long, and how long commands take.
#include "commands/help.h"
#include "server/families.h"
#include "server/info_sections.h"
#include "server/node_access.h"

namespace banyan::server {

using namespace commands;

namespace {

LatencyMonitor& monitor_of(Call& call) { return server_of(call).slow_log().latency(); }

Result<> history(Call& call) {
  const LatencyMonitor::Events events = monitor_of(call).events();
  const auto found = events.find(call.arg(2));
  if (found == events.end()) {
    call.reply.array(0);
    return {};
  }
  call.reply.array(found->second.samples.size());
  for (const LatencySample& sample : found->second.samples) {
    call.reply.array(2);
    call.reply.integer(sample.second);
    call.reply.integer(sample.ms);
  }
  return {};
}

Result<> latest(Call& call) {
  const LatencyMonitor::Events events = monitor_of(call).events();
  call.reply.array(events.size());
  for (const auto& [name, event] : events) {
    call.reply.array(4);
    call.reply.bulk(name);
    call.reply.integer(event.samples.back().second);
    call.reply.integer(event.samples.back().ms);
    call.reply.integer(event.worst_ms);
  }
  return {};
}

Result<> reset(Call& call) {
  LatencyMonitor& monitor = monitor_of(call);
  std::size_t count = 0;
  if (call.size() == 2) count = monitor.clear();
  for (std::size_t i = 2; i < call.size(); ++i) count += monitor.clear(call.arg(i)) ? 1 : 0;
  call.reply.integer(static_cast<std::int64_t>(count));
  return {};
}

// Columns of '#', one a sample, at most 80 of them.
std::string drawing(Bytes name, const LatencyEvent& event) {
  constexpr std::size_t kColumns = 80, kRows = 4;
  const std::size_t skipped = event.samples.size() - std::min(event.samples.size(), kColumns);
  const std::span<const LatencySample> shown = std::span(event.samples).subspan(skipped);
  const auto [low, high] = std::ranges::minmax(shown, {}, &LatencySample::ms);
  std::string text = fmt::format("{} - high {} ms, low {} ms (all time high {} ms)\n", name,
                                 high.ms, low.ms, event.worst_ms);
  text += std::string(kColumns, '-') + "\n";
  for (std::size_t row = kRows; row > 0; --row) {
    for (const LatencySample& sample : shown) {
      const auto height = sample.ms * static_cast<std::int64_t>(kRows);
      text += height > high.ms * static_cast<std::int64_t>(row - 1) ? '#' : ' ';
    }
    text += '\n';
  }
  return text;
}

Result<> graph(Call& call) {
  const LatencyMonitor::Events events = monitor_of(call).events();
  const auto found = events.find(call.arg(2));
  if (found == events.end())
    return fail(fmt::format("No samples available for event '{}'", call.arg(2)));
  call.reply.verbatim("txt", drawing(found->first, found->second));
  return {};
}

Result<> doctor(Call& call) {
  const LatencyMonitor::Events events = monitor_of(call).events();
  std::string text;
  if (events.empty() && server_of(call).settings().logging.latency_monitor_threshold.count() == 0) {
    text =
        "I'm sorry, Dave, I can't do that. Latency monitoring is disabled in this instance. You "
        "may use \"CONFIG SET latency-monitor-threshold <milliseconds>.\" in order to enable "
        "it.\n";
  } else if (events.empty()) {
    text = "Dave, no latency spike was observed during the lifetime of this instance.\n";
  } else {
    text = "Dave, I have observed latency spikes in this instance:\n\n";
    for (const auto& [name, event] : events) {
      std::int64_t sum = 0;
      for (const LatencySample& sample : event.samples) sum += sample.ms;
      text += fmt::format("{}: {} latency spikes (average {}ms). Worst all time event {}ms.\n",
                          name, event.samples.size(),
                          sum / static_cast<std::int64_t>(event.samples.size()), event.worst_ms);
    }
    text += "\nSee SLOWLOG GET for the commands that took long.\n";
  }
  call.reply.verbatim("txt", text);
  return {};
}

// Cumulative counts at 1, 2, 4 ... microseconds (times 1.024, as HdrHistogram's boundaries are).
void reply_distribution(Call& call, const CommandTotals& totals) {
  using engine::LatencyHistogram;
  const Metrics& metrics = server_of(call).metrics();
  call.reply.map(2);
  call.reply.bulk("calls");
  call.reply.integer(static_cast<std::int64_t>(totals.latency_count));
  call.reply.bulk("histogram_usec");
  const auto map = call.reply.begin_map();
  std::size_t pairs = 0, bucket = 0;
  std::uint64_t seen = 0, told = 0;
  for (double limit = 1.024; bucket < LatencyHistogram::kBuckets; limit *= 2) {
    for (; bucket < LatencyHistogram::kBuckets; ++bucket) {
      if (metrics.to_us(LatencyHistogram::last_of(bucket)) > limit) break;
      seen += totals.latency.count_in(bucket);
    }
    if (seen == told) continue;
    call.reply.integer(static_cast<std::int64_t>(limit));
    call.reply.integer(static_cast<std::int64_t>(seen));
    told = seen;
    ++pairs;
  }
  call.reply.end_map(map, pairs);
}

Result<> histogram(Call& call) {
  const Registry& registry = call.registry;
  const auto map = call.reply.begin_map();
  std::size_t pairs = 0;
  const auto is_wanted = [&](Bytes name) {
    if (call.size() == 2) return true;
    for (const Bytes word : call.words.subspan(2)) {
      if (equals_ignoring_case(name, word)) return true;
      if (equals_ignoring_case(name.substr(0, name.find('|')), word)) return true;
    }
    return false;
  };
  for (std::uint32_t id = 0; id < registry.id_count(); ++id) {
    if (!is_wanted(registry.by_id(id).name)) continue;
    const CommandTotals totals = command_totals(server_of(call), id);
    if (totals.latency_count == 0) continue;
    call.reply.bulk(registry.by_id(id).name);
    reply_distribution(call, totals);
    ++pairs;
  }
  call.reply.end_map(map, pairs);
  return {};
}

Result<> help(Call& call) {
  static constexpr std::string_view kLines[] = {
      "DOCTOR",
      "    Tell in words what took long.",
      "GRAPH <event>",
      "    Draw the samples of <event>.",
      "HISTOGRAM [COMMAND ...]",
      "    Show how long the calls of commands took: counts by microseconds, cumulative.",
      "HISTORY <event>",
      "    Show the samples of <event>: time and milliseconds.",
      "LATEST",
      "    Show the last sample of each event.",
      "RESET [<event> ...]",
      "    Drop the samples of events (default: of all).",
  };
  reply_help(call, kLines);
  return {};
}

constexpr Flag kFlags =
    Flag::admin | Flag::no_script | Flag::loading | Flag::stale | Flag::exclusive;
constexpr std::string_view kSpecial =
    "nondeterministic_output,request_policy:all_nodes,response_policy:special";

constexpr CommandSpec kSubcommands[] = {
    {.name = "latency|doctor",
     .summary = "Tells in words what took long.",
     .complexity = "O(1)",
     .since = "2.8.13",
     .group = Group::server,
     .arity = exactly(2),
     .flags = kFlags,
     .tips = kSpecial,
     .run = doctor},
    {.name = "latency|graph",
     .summary = "Draws the samples of an event.",
     .complexity = "O(1)",
     .since = "2.8.13",
     .group = Group::server,
     .arity = exactly(3),
     .flags = kFlags,
     .syntax = "event",
     .tips = kSpecial,
     .run = graph},
    {.name = "latency|help",
     .summary = "Lists the subcommands.",
     .complexity = "O(1)",
     .since = "2.8.13",
     .group = Group::server,
     .arity = exactly(2),
     .flags = Flag::loading | Flag::stale,
     .run = help},
    {.name = "latency|histogram",
     .summary = "Shows how long the calls of commands took.",
     .complexity = "O(N) with N commands",
     .since = "7.0.0",
     .group = Group::server,
     .arity = at_least(2),
     .flags = kFlags,
     .syntax = "[command ...]",
     .tips = kSpecial,
     .run = histogram},
    {.name = "latency|history",
     .summary = "Shows the samples of an event.",
     .complexity = "O(1)",
     .since = "2.8.13",
     .group = Group::server,
     .arity = exactly(3),
     .flags = kFlags,
     .syntax = "event",
     .tips = kSpecial,
     .run = history},
    {.name = "latency|latest",
     .summary = "Shows the last sample of each event.",
     .complexity = "O(1)",
     .since = "2.8.13",
     .group = Group::server,
     .arity = exactly(2),
     .flags = kFlags,
     .tips = kSpecial,
     .run = latest},
    {.name = "latency|reset",
     .summary = "Drops the samples of events.",
     .complexity = "O(1)",
     .since = "2.8.13",
     .group = Group::server,
     .arity = at_least(2),
     .flags = kFlags,
     .syntax = "[event ...]",
     .tips = "request_policy:all_nodes,response_policy:agg_sum",
     .run = reset},
};
static_assert(valid(kSubcommands));

constexpr CommandSpec kTable[] = {
    {.name = "latency",
     .summary = "Tells what took long, and how long commands take.",
     .complexity = "Depends on the subcommand.",
     .since = "2.8.13",
     .group = Group::server,
     .arity = at_least(2),
     .subcommands = kSubcommands},
};
static_assert(valid(kTable));

}  // namespace

Family latency_commands() { return kTable; }

}  // namespace banyan::server
