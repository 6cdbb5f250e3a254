// MEMORY: what keys, and the node as a whole, take of memory.
#include "commands/help.h"
#include "server/families.h"
#include "server/memory_figures.h"
#include "server/node_access.h"

namespace banyan::server {

using namespace commands;

namespace {

// Options in any order; what is not counted as it changes is estimated from some samples.
Result<> usage(Call& call) {
  std::int64_t samples = 5;
  for (std::size_t i = 3; i < call.size(); i += 2) {
    if (!call.is(i, "samples") || i + 1 >= call.size()) return fail(Errc::syntax);
    TRY(samples, call.int_arg(i + 1));
    if (samples < 0) return fail(Errc::syntax);
  }
  const store::Entry* entry = call.db.peek(call.key());
  if (entry == nullptr) {
    call.reply.null();
  } else {
    const std::size_t blocks =
        samples == 0 ? values::kAllBlocks : static_cast<std::size_t>(samples);
    // A key's share of its bucket is counted as one pointer.
    call.reply.integer(static_cast<std::int64_t>(entry->memory_bytes(blocks) + sizeof(void*)));
  }
  return {};
}

class Pairs {
 public:
  explicit Pairs(resp::ReplyWriter& reply) : reply_(reply), map_(reply.begin_map()) {}
  void add(Bytes name, std::uint64_t value) { add(name, static_cast<std::int64_t>(value)); }
  void add(Bytes name, std::int64_t value) {
    key(name);
    reply_.integer(value);
  }
  void add(Bytes name, double value) {
    key(name);
    reply_.real(value);
  }
  void add(Bytes name, Bytes bytes_name, const MemoryFigures::Waste& waste) {
    add(name, waste.ratio);
    add(bytes_name, waste.bytes);
  }
  void key(Bytes name) {
    reply_.bulk(name);
    ++count_;
  }
  void end() { reply_.end_map(map_, count_); }

 private:
  resp::ReplyWriter& reply_;
  resp::ReplyWriter::Deferred map_;
  std::size_t count_ = 0;
};

Result<> stats(Call& call) {
  const MemoryFigures m = memory_figures(server_of(call));
  Pairs pairs(call.reply);
  pairs.add("peak.allocated", m.peak);
  pairs.add("total.allocated", m.used);
  pairs.add("startup.allocated", m.startup);
  pairs.add("replication.backlog", m.backlog);
  pairs.add("clients.slaves", m.clients_replicas);
  pairs.add("clients.normal", m.clients_normal);
  for (const Bytes none : {"cluster.links", "aof.buffer", "lua.caches", "functions.caches"})
    pairs.add(none, std::uint64_t{0});
  for (const MemoryFigures::Database& database : m.databases) {
    pairs.key(fmt::format("db.{}", database.number));
    call.reply.map(3);
    call.reply.bulk("overhead.hashtable.main");
    call.reply.integer(static_cast<std::int64_t>(database.table_bytes));
    call.reply.bulk("overhead.hashtable.expires");
    call.reply.integer(0);
    call.reply.bulk("overhead.hashtable.slot-to-keys");
    call.reply.integer(0);
  }
  pairs.add("overhead.total", m.overhead());
  pairs.add("keys.count", m.keys);
  pairs.add("keys.bytes-per-key", m.keys == 0 ? 0 : m.above_startup() / m.keys);
  pairs.add("dataset.bytes", m.dataset());
  pairs.add("dataset.percentage", m.dataset_percent());
  pairs.add("peak.percentage", m.peak_percent());
  pairs.add("allocator.allocated", m.used);
  pairs.add("allocator.active", m.active);
  pairs.add("allocator.resident", m.allocator_resident);
  pairs.add("allocator-fragmentation.ratio", "allocator-fragmentation.bytes", m.fragmentation());
  pairs.add("allocator-rss.ratio", "allocator-rss.bytes", m.allocator_rss());
  pairs.add("rss-overhead.ratio", "rss-overhead.bytes", m.rss_overhead());
  pairs.add("fragmentation", "fragmentation.bytes", m.total_waste());
  pairs.end();
  return {};
}

bool is_high(const MemoryFigures::Waste& waste, double ratio) {
  return waste.ratio > ratio && waste.bytes > 10 * 1024 * 1024;
}

std::string diagnosis(const MemoryFigures& m) {
  if (m.used < 5 * 1024 * 1024)
    return "Hi Sam, this instance is empty or is using very little memory: there is nothing that "
           "could be told about it yet.\n";
  std::string report;
  if (m.peak * 2 > m.used * 3)
    report +=
        " * Peak memory: more than 150% of what is in use now was in use once. Pages of that "
        "time may still be with the process; MEMORY PURGE asks to give them back.\n\n";
  if (is_high(m.total_waste(), 1.4))
    report +=
        " * High total RSS: the process holds more than 1.4 times the memory that it uses. "
        "See whether there was a peak, or fragmentation (below).\n\n";
  if (is_high(m.fragmentation(), 1.1))
    report += " * High allocator fragmentation: pages are only partly in use.\n\n";
  if (is_high(m.allocator_rss(), 1.1))
    report +=
        " * High allocator RSS overhead: the allocator holds pages that nobody uses; MEMORY "
        "PURGE asks to give them back.\n\n";
  if (is_high(m.rss_overhead(), 1.1))
    report += " * High process RSS overhead: much memory is taken past the allocator.\n\n";
  if (m.replicas > 0 && m.clients_replicas / m.replicas > 10 * 1024 * 1024)
    report +=
        " * Big replica buffers: replicas are more than 10 MB behind on average. See the "
        "slaveN lines of INFO replication.\n\n";
  if (m.clients > 0 && m.clients_normal / m.clients > 200 * 1024)
    report +=
        " * Big client buffers: more than 200 kB a client on average. See CLIENT LIST for "
        "who does not read its replies.\n\n";
  if (report.empty()) return "Hi Sam, I can't find any memory issue in your instance.\n";
  return "Sam, I detected a few issues in this instance:\n\n" + report;
}

Result<> doctor(Call& call) {
  call.reply.verbatim("txt", diagnosis(memory_figures(server_of(call))));
  return {};
}

Result<> malloc_stats(Call& call) {
  const std::string report = server_of(call).env().allocator_report();
  if (report.empty()) {
    call.reply.bulk("Stats not supported for the current allocator");
  } else {
    call.reply.verbatim("txt", report);
  }
  return {};
}

Result<> purge(Call& call) {
  server_of(call).env().return_free_memory();
  call.reply.ok();
  return {};
}

Result<> help(Call& call) {
  static constexpr std::string_view kLines[] = {
      "DOCTOR",
      "    Tell what is unusual about the node's use of memory.",
      "MALLOC-STATS",
      "    Show the allocator's own report.",
      "PURGE",
      "    Ask the allocator to give free pages back to the system.",
      "STATS",
      "    Show figures on the node's use of memory.",
      "USAGE <key> [SAMPLES <count>]",
      "    Tell how many bytes <key> and its value take. <count> elements of a",
      "    collection are looked at (default 5, 0 = all).",
  };
  reply_help(call, kLines);
  return {};
}

constexpr std::string_view kSpecial =
    "nondeterministic_output,request_policy:all_shards,response_policy:special";

constexpr CommandSpec kSubcommands[] = {
    {.name = "memory|doctor",
     .summary = "Tells what is unusual about the use of memory.",
     .complexity = "O(1)",
     .since = "4.0.0",
     .group = Group::server,
     .arity = exactly(2),
     .flags = Flag::exclusive,
     .tips = kSpecial,
     .run = doctor},
    {.name = "memory|help",
     .summary = "Lists the subcommands.",
     .complexity = "O(1)",
     .since = "4.0.0",
     .group = Group::server,
     .arity = exactly(2),
     .flags = Flag::loading | Flag::stale,
     .run = help},
    {.name = "memory|malloc-stats",
     .summary = "Shows the allocator's own report.",
     .complexity = "Depends on how much memory is allocated.",
     .since = "4.0.0",
     .group = Group::server,
     .arity = exactly(2),
     .tips = kSpecial,
     .run = malloc_stats},
    {.name = "memory|purge",
     .summary = "Asks the allocator to give free pages back.",
     .complexity = "Depends on how much memory is allocated.",
     .since = "4.0.0",
     .group = Group::server,
     .arity = exactly(2),
     .tips = "request_policy:all_shards,response_policy:all_succeeded",
     .run = purge},
    {.name = "memory|stats",
     .summary = "Shows figures on the use of memory.",
     .complexity = "O(1)",
     .since = "4.0.0",
     .group = Group::server,
     .arity = exactly(2),
     .flags = Flag::exclusive,
     .tips = kSpecial,
     .run = stats},
    {.name = "memory|usage",
     .summary = "Tells how many bytes a key and its value take.",
     .complexity = "O(N) with N samples",
     .since = "4.0.0",
     .group = Group::server,
     .arity = at_least(3),
     .flags = Flag::readonly,
     .keys = {key_at(2, KeyFlag::ro)},
     .syntax = "key [SAMPLES count]",
     .run = usage},
};
static_assert(valid(kSubcommands));

constexpr CommandSpec kTable[] = {
    {.name = "memory",
     .summary = "Tells what takes memory.",
     .complexity = "Depends on the subcommand.",
     .since = "4.0.0",
     .group = Group::server,
     .arity = at_least(2),
     .subcommands = kSubcommands},
};
static_assert(valid(kTable));

}  // namespace

Family memory_commands() { return kTable; }

}  // namespace banyan::server
