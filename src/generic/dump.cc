// DUMP and RESTORE: values as bytes that another server takes.
#include <algorithm>
#include <limits>
#include <vector>

#include "commands/call.h"
#include "commands/lfu.h"
#include "generic/dump_codec.h"
#include "generic/families.h"

namespace banyan::generic {

using namespace commands;

namespace {

using store::Entry;

Result<> dump(Call& call) {
  const Entry* entry = call.db.find(call.key());
  entry == nullptr ? call.reply.null() : call.reply.bulk(dump_value(*entry));
  return {};
}

struct RestoreOptions {
  bool replace = false;
  bool absolute = false;
  std::optional<std::int64_t> idle_seconds = std::nullopt;
  std::optional<std::int64_t> frequency = std::nullopt;
};

Result<RestoreOptions> restore_options(const Call& call) {
  RestoreOptions options;
  for (std::size_t i = 4; i < call.size(); ++i) {
    const bool has_value = i + 1 < call.size();
    if (call.is(i, "replace")) {
      options.replace = true;
    } else if (call.is(i, "absttl")) {
      options.absolute = true;
    } else if (call.is(i, "idletime") && has_value && !options.frequency) {
      TRY(options.idle_seconds, call.int_arg(++i));
      if (*options.idle_seconds < 0) return fail("Invalid IDLETIME value, must be >= 0");
    } else if (call.is(i, "freq") && has_value && !options.idle_seconds) {
      TRY(options.frequency, call.int_arg(++i));
      if (*options.frequency < 0 || *options.frequency > 255)
        return fail("Invalid FREQ value, must be >= 0 and <= 255");
    } else {
      return fail(Errc::syntax);
    }
  }
  return options;
}

// kNoExpiry for a time to live of 0.
Result<UnixMs> restore_expiry(const Call& call, bool absolute) {
  TRY(const std::int64_t ttl, call.int_arg(2));
  if (ttl < 0) return fail("Invalid TTL value, must be >= 0");
  if (ttl == 0) return kNoExpiry;
  UnixMs at = ttl;
  if (!absolute && __builtin_add_overflow(ttl, call.now(), &at))
    at = std::numeric_limits<UnixMs>::max();
  return at;
}

// The access clock as it was where the value comes from, as far as our policy can express it.
void set_access(Entry& entry, const RestoreOptions& options, const Context& context) {
  if (context.lfu) {
    if (options.frequency)
      entry.set_access(lfu_minutes(context.now) << 8 |
                       static_cast<std::uint32_t>(*options.frequency));
  } else if (options.idle_seconds) {
    constexpr std::int64_t kIdleMax = 0x7fffff;  // half of what the clock can tell apart
    const std::int64_t idle = std::min(*options.idle_seconds, kIdleMax);
    entry.set_access(static_cast<std::uint32_t>(context.now / 1000 - idle));
  }
}

// A replica must not reckon with its own clock: the time to live is logged as a moment.
void log_restore(Call& call, UnixMs expiry) {
  std::vector<Bytes> words(call.words.begin(), call.words.end());
  const std::string at = std::to_string(expiry);
  words[2] = at;
  words.push_back("ABSTTL");
  call.effects().instead(std::span<const Bytes>(words));
}

Result<> restore(Call& call) {
  TRY(const RestoreOptions options, restore_options(call));
  const store::Key& key = call.key();
  if (!options.replace && call.db.place(key))
    return fail(Errc::custom, "BUSYKEY Target key name already exists.");
  TRY(const UnixMs expiry, restore_expiry(call, options.absolute));
  const persist::LoadOptions load{.limits = call.db.context().limits,
                                  .now = call.now(),
                                  .keep_expired = call.db.context().expiry == ExpiryMode::ignore};
  TRY(Entry * entry, restore_value(key.text, call.arg(3), load));

  const bool replaced = options.replace && call.db.erase(key);
  call.reply.ok();
  const bool is_over = expiry != kNoExpiry && call.db.is_past(expiry);
  if (entry == nullptr || is_over) {
    if (entry != nullptr) call.db.dispose(entry);
    if (!replaced) return {};
    call.db.changed(key, EventKind::generic, "del");
    call.effects().instead({call.db.context().own_deletion, key.text});
    return {};
  }
  if (expiry != kNoExpiry) entry = Entry::with_expiry(entry, expiry);
  call.db.insert(key, entry);
  set_access(*entry, options, call.db.context());
  call.db.changed(key, EventKind::generic, "restore");
  if (expiry != kNoExpiry && !options.absolute) log_restore(call, expiry);
  return {};
}

constexpr std::string_view kRestoreSyntax =
    "key ttl serialized-value [REPLACE] [ABSTTL] [IDLETIME seconds] [FREQ frequency]";
constexpr std::string_view kRestoreComplexity =
    "O(N) in the bytes of the payload; O(N*log(N)) for sorted sets.";
constexpr Category kRestoreCategories = Category::keyspace | Category::dangerous;
constexpr KeySpecs kRestoreKeys = {key_at(1, KeyFlag::ow | KeyFlag::update)};

constexpr CommandSpec kTable[] = {
    {.name = "dump",
     .summary = "Gives the value of a key as bytes that RESTORE takes.",
     .complexity = "O(N) in the bytes of the value.",
     .since = "2.6.0",
     .group = Group::generic,
     .arity = exactly(2),
     .flags = Flag::readonly,
     .categories = Category::keyspace,
     .keys = {key_at(1, KeyFlag::ro | KeyFlag::access)},
     .syntax = "key",
     .tips = "nondeterministic_output",
     .run = dump},
    {.name = "restore",
     .summary = "Makes a key of the bytes that DUMP gave.",
     .complexity = kRestoreComplexity,
     .since = "2.6.0",
     .group = Group::generic,
     .arity = at_least(4),
     .flags = Flag::write | Flag::deny_oom,
     .categories = kRestoreCategories,
     .keys = kRestoreKeys,
     .syntax = kRestoreSyntax,
     .run = restore},
    {.name = "restore-asking",
     .summary = "RESTORE as nodes of a cluster send it when they move a key.",
     .complexity = kRestoreComplexity,
     .since = "3.0.0",
     .group = Group::server,
     .arity = at_least(4),
     .flags = Flag::write | Flag::deny_oom | Flag::asking,
     .categories = kRestoreCategories,
     .keys = kRestoreKeys,
     .syntax = kRestoreSyntax,
     .run = restore},
};
static_assert(valid(kTable));

}  // namespace

Family dump_commands() { return kTable; }

}  // namespace banyan::generic
