// OBJECT: how a value is held, and when it was last used.
#include "commands/call.h"
#include "commands/help.h"
#include "commands/lfu.h"
#include "generic/families.h"

namespace banyan::generic {

using namespace commands;

namespace {

using store::Entry;

// Counts a hit or a miss, as every lookup; but that a key is missing is no event here.
const Entry* find_quietly(Call& call) {
  const Entry* entry = call.db.peek(call.key());
  KeyCounters& counters = call.db.context().counters;
  ++(entry != nullptr ? counters.hits : counters.misses);
  return entry;
}

Result<> encoding(Call& call) {
  const Entry* entry = find_quietly(call);
  entry == nullptr ? call.reply.null() : call.reply.bulk(values::name_of(entry->encoding()));
  return {};
}

std::unexpected<Error> not_tracked(std::string_view policy, std::string_view what) {
  return fail(std::string(policy) + ", " + std::string(what) +
              " not tracked. Please note that when switching between policies at runtime LRU and "
              "LFU data will take some time to adjust.");
}

Result<> freq(Call& call) {
  const Context& context = call.db.context();
  const Entry* entry = find_quietly(call);
  if (entry == nullptr) {
    call.reply.null();
    return {};
  }
  if (!context.lfu)
    return not_tracked("An LFU maxmemory policy is not selected", "access frequency");
  call.reply.integer(lfu_decayed(entry->access(), context.now, context.lfu_decay_minutes));
  return {};
}

Result<> idletime(Call& call) {
  const Context& context = call.db.context();
  const Entry* entry = find_quietly(call);
  if (entry == nullptr) {
    call.reply.null();
    return {};
  }
  if (context.lfu) return not_tracked("An LFU maxmemory policy is selected", "idle time");
  const auto clock = static_cast<std::uint32_t>(context.now / 1000);
  call.reply.integer((clock - entry->access()) & 0xffffff);
  return {};
}

// Values are never shared.
Result<> refcount(Call& call) {
  find_quietly(call) == nullptr ? call.reply.null() : call.reply.integer(1);
  return {};
}

Result<> help(Call& call) {
  static constexpr std::string_view kLines[] = {
      "ENCODING <key>",
      "    Tell how the value of <key> is held in memory.",
      "FREQ <key>",
      "    Tell how often <key> is used: a counter that grows logarithmically",
      "    and decays. Needs an LFU maxmemory policy.",
      "IDLETIME <key>",
      "    Tell how many seconds ago <key> was last used.",
      "REFCOUNT <key>",
      "    Tell how many references the value of <key> has.",
  };
  reply_help(call, kLines);
  return {};
}

constexpr CommandSpec about_key(std::string_view name, std::string_view since,
                                std::string_view summary, Result<> (*run)(Call&)) {
  return {.name = name,
          .summary = summary,
          .complexity = "O(1)",
          .since = since,
          .group = Group::generic,
          .arity = exactly(3),
          .flags = Flag::readonly,
          .categories = Category::keyspace,
          .keys = {key_at(2, KeyFlag::ro)},
          .syntax = "key",
          .tips = "nondeterministic_output",
          .run = run};
}

constexpr CommandSpec kSubcommands[] = {
    about_key("object|encoding", "2.2.3", "Tells how a value is held in memory.", encoding),
    about_key("object|freq", "4.0.0", "Tells how often a key is used, on a logarithmic scale.",
              freq),
    {.name = "object|help",
     .summary = "Explains the subcommands.",
     .complexity = "O(1)",
     .since = "6.2.0",
     .group = Group::generic,
     .arity = exactly(2),
     .flags = Flag::loading | Flag::stale,
     .categories = Category::keyspace,
     .run = help},
    about_key("object|idletime", "2.2.3", "Tells how long ago a key was last used, in seconds.",
              idletime),
    about_key("object|refcount", "2.2.3", "Tells how many references a value has.", refcount),
};
static_assert(valid(kSubcommands));

constexpr CommandSpec kTable[] = {
    {.name = "object",
     .summary = "Looks at how values are held and used.",
     .complexity = "Depends on the subcommand.",
     .since = "2.2.3",
     .group = Group::generic,
     .arity = at_least(2),
     .subcommands = kSubcommands},
};
static_assert(valid(kTable));

}  // namespace

Family object_commands() { return kTable; }

}  // namespace banyan::generic
