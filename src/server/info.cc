// INFO: which sections are asked for, and the command.
#include "server/families.h"
#include "server/info_sections.h"
#include "server/node_access.h"

namespace banyan::server {

using namespace commands;

namespace {

struct Section {
  std::string_view name;
  std::string_view headline;
  enum class Shown : std::uint8_t { by_default, with_all, by_name } shown;
  std::string (*lines)(Server&);
};

std::string no_lines(Server&) { return {}; }

using enum Section::Shown;
constexpr Section kSections[] = {
    {"server", "Server", by_default, server_info},
    {"clients", "Clients", by_default, clients_info},
    {"memory", "Memory", by_default, memory_info},
    {"persistence", "Persistence", by_default, persistence_info},
    {"stats", "Stats", by_default, stats_info},
    {"replication", "Replication", by_default, replication_info},
    {"cpu", "CPU", by_default, cpu_info},
    {"modules", "Modules", by_default, no_lines},
    {"commandstats", "Commandstats", with_all, command_stats_info},
    {"errorstats", "Errorstats", by_default, error_stats_info},
    {"latencystats", "Latencystats", with_all, latency_stats_info},
    {"cluster", "Cluster", by_default, cluster_info},
    {"workers", "Workers", with_all, workers_info},
    {"keyspace", "Keyspace", by_default, keyspace_info},
    {"debug", "Debug", by_name, debug_info},
};

bool is_wanted(const Section& section, const Call& call) {
  if (call.size() == 1) return section.shown == by_default;
  for (std::size_t i = 1; i < call.size(); ++i) {
    if (call.is(i, section.name)) return true;
    if (call.is(i, "default") && section.shown == by_default) return true;
    if ((call.is(i, "all") || call.is(i, "everything")) && section.shown != by_name) return true;
  }
  return false;
}

Result<> info(Call& call) {
  std::string text;
  for (const Section& section : kSections) {
    if (!is_wanted(section, call)) continue;
    if (!text.empty()) text += "\r\n";
    text += fmt::format("# {}\r\n", section.headline);
    text += section.lines(server_of(call));
  }
  call.reply.verbatim("txt", text);
  return {};
}

constexpr CommandSpec kTable[] = {
    {.name = "info",
     .summary = "Figures and facts about the node, by section.",
     .complexity = "O(1)",
     .since = "1.0.0",
     .group = Group::server,
     .arity = at_least(1),
     .flags = Flag::loading | Flag::stale | Flag::sentinel | Flag::exclusive,
     .categories = Category::dangerous,
     .syntax = "[section ...]",
     .tips = "nondeterministic_output,request_policy:all_shards,response_policy:special",
     .run = info},
};
static_assert(valid(kTable));

}  // namespace

Family info_commands() { return kTable; }

}  // namespace banyan::server
