// Commands that look at all keys: KEYS, RANDOMKEY, SCAN. They hold no locks of their own: the
// keyspace lets them see one partition at a time.
#include <vector>

#include "base/number.h"
#include "commands/call.h"
#include "commands/scan_options.h"
#include "generic/families.h"

namespace banyan::generic {

using namespace commands;

namespace {

using store::Entry;

bool is_visible(const Entry& entry, const Context& context) {
  return context.expiry == ExpiryMode::ignore || !entry.is_expired(context.now);
}

// Deletes the keys of `texts` that are (still) expired, and logs that while nobody else can write
// them: a later SET of another worker must not come before our DEL.
void drop_expired(Call& call, const std::vector<std::string>& texts) {
  Context& context = call.db.context();
  if (context.expiry != ExpiryMode::remove) return;
  for (const std::string& text : texts) {
    const store::Key key = call.db.key(text);
    const store::LockSet lock = store::Keyspace::lock_of(key);
    context.keyspace.lock(lock);
    (void)call.db.peek(key);
    if (context.effect_log != nullptr) context.effect_log->log_now(call.db.number());
    context.keyspace.unlock(lock);
  }
}

Result<> keys(Call& call) {
  Context& context = call.db.context();
  const ScanOptions options{.pattern = call.arg(1)};
  const auto array = call.reply.begin_array();
  std::size_t count = 0;
  context.keyspace.for_each(call.db.number(), [&](const Entry& entry) {
    if (!options.matches(entry.key()) || !is_visible(entry, context)) return;
    call.reply.bulk(entry.key());
    ++count;
  });
  call.reply.end_array(array, count);
  return {};
}

// Any key that is not expired. A few random picks find one, unless most keys are expired; then
// looking at all is the sure way.
Result<> randomkey(Call& call) {
  constexpr int kPicks = 100;
  Context& context = call.db.context();
  std::optional<std::string> found;
  std::vector<std::string> expired;
  const auto pick = [&](const Entry& entry) {
    is_visible(entry, context) ? found.emplace(entry.key()) : expired.emplace_back(entry.key());
  };
  bool any = true;
  for (int i = 0; i < kPicks && any && !found; ++i)
    any = context.keyspace.visit_random(call.db.number(), call.rng(), pick);
  if (any && !found)
    context.keyspace.for_each(call.db.number(), [&](const Entry& entry) {
      if (!found && is_visible(entry, context)) found = entry.key();
    });
  drop_expired(call, expired);
  found ? call.reply.bulk(*found) : call.reply.null();
  return {};
}

// Keys one after the other in one string.
class KeyList {
 public:
  void add(Bytes key) {
    text_ += key;
    ends_.push_back(text_.size());
  }
  void reply(resp::ReplyWriter& reply) const {
    reply.array(ends_.size());
    std::size_t begin = 0;
    for (const std::size_t end : ends_) {
      reply.bulk(Bytes(text_).substr(begin, end - begin));
      begin = end;
    }
  }

 private:
  std::string text_;
  std::vector<std::size_t> ends_;
};

Result<> scan(Call& call) {
  TRY(const std::uint64_t cursor, parse_cursor(call.arg(1)));
  TRY(const ScanOptions options, parse_scan_options(call, 2, true));
  Context& context = call.db.context();
  KeyList found;  // the cursor comes before the keys, but is known after them
  std::vector<std::string> expired;
  const auto visit = [&](const Entry& entry) {
    if (!options.matches(entry.key())) return;
    if (!is_visible(entry, context)) {
      expired.emplace_back(entry.key());
    } else if (!options.type ||
               equals_ignoring_case(*options.type, values::name_of(entry.type()))) {
      found.add(entry.key());
    }
  };
  const std::uint64_t next = context.keyspace.scan(call.db.number(), cursor, options.count, visit);
  drop_expired(call, expired);
  call.reply.array(2);
  call.reply.bulk(std::to_string(next));
  found.reply(call.reply);
  return {};
}

constexpr CommandSpec kTable[] = {
    {.name = "keys",
     .summary = "Lists all keys that match a pattern.",
     .complexity = "O(N) in the keys of the database.",
     .since = "1.0.0",
     .group = Group::generic,
     .arity = exactly(2),
     .flags = Flag::readonly | Flag::touches_arbitrary_keys,
     .categories = Category::keyspace | Category::dangerous,
     .syntax = "pattern",
     .tips = "request_policy:all_shards,nondeterministic_output_order",
     .run = keys},
    {.name = "randomkey",
     .summary = "Picks a key of the database at random.",
     .complexity = "O(1)",
     .since = "1.0.0",
     .group = Group::generic,
     .arity = exactly(1),
     .flags = Flag::readonly | Flag::touches_arbitrary_keys,
     .categories = Category::keyspace,
     .tips = "request_policy:all_shards,response_policy:special,nondeterministic_output",
     .run = randomkey},
    {.name = "scan",
     .summary = "Lists the keys of the database piece by piece; cursor 0 begins and ends.",
     .complexity = "O(1) for a call, O(N) in the keys of the database for all of them.",
     .since = "2.8.0",
     .group = Group::generic,
     .arity = at_least(2),
     .flags = Flag::readonly | Flag::touches_arbitrary_keys,
     .categories = Category::keyspace,
     .syntax = "cursor [MATCH pattern] [COUNT count] [TYPE type]",
     .tips = "nondeterministic_output,request_policy:special,response_policy:special",
     .run = scan},
};
static_assert(valid(kTable));

}  // namespace

Family scan_commands() { return kTable; }

}  // namespace banyan::generic
