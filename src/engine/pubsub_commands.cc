// PUBLISH, SPUBLISH, SUBSCRIBE and its like, PUBSUB.
#include <fmt/format.h>

#include "commands/help.h"
#include "engine/families.h"
#include "engine/handlers.h"

namespace banyan::engine {

using namespace commands;

namespace {

Result<> publish_to(Call& call, Topic topic) {
  const std::size_t receivers =
      dispatcher_of(call).publish(topic, std::string(call.arg(1)), call.arg(2));
  // It changes nothing, but the subscribers of replicas must hear it. (In a cluster the bus tells.)
  if (!call.db.context().keyspace.has_slots()) call.effects().instead(call.words);
  call.reply.integer(static_cast<std::int64_t>(receivers));
  return {};
}

Result<> publish(Call& call) { return publish_to(call, Topic::channel); }
Result<> spublish(Call& call) { return publish_to(call, Topic::shard_channel); }

struct Verb {
  Bytes subscribe, unsubscribe;
};

Verb verb_of(Topic topic) {
  switch (topic) {
    case Topic::channel:
      return {"subscribe", "unsubscribe"};
    case Topic::pattern:
      return {"psubscribe", "punsubscribe"};
    case Topic::shard_channel:
      return {"ssubscribe", "sunsubscribe"};
  }
  return {};
}

Result<> subscribe_to(Call& call, Topic topic) {
  if (call.session.kind != SessionKind::normal)
    return fail(fmt::format("{} isn't allowed for a DENY BLOCKING client", upper(call.spec.name)));
  for (std::size_t i = 1; i < call.size(); ++i) {
    (void)dispatcher_of(call).subscribe(call.session, topic, call.arg(i));
    call.reply.push(3);
    call.reply.bulk(verb_of(topic).subscribe);
    call.reply.bulk(call.arg(i));
    call.reply.integer(
        static_cast<std::int64_t>(state_of(call.session).subscriptions.count_beside(topic)));
  }
  return {};
}

void reply_unsubscribed(Call& call, Topic topic, const std::optional<std::string>& name) {
  const ClientState* state = find_state(call.session);
  call.reply.push(3);
  call.reply.bulk(verb_of(topic).unsubscribe);
  name ? call.reply.bulk(*name) : call.reply.null();
  call.reply.integer(
      state == nullptr ? 0 : static_cast<std::int64_t>(state->subscriptions.count_beside(topic)));
}

Result<> unsubscribe_from(Call& call, Topic topic) {
  std::vector<std::string> names(call.words.begin() + 1, call.words.end());
  const ClientState* state = find_state(call.session);
  if (names.empty() && state != nullptr)
    for (const auto& [name, place] : state->subscriptions.of(topic)) names.push_back(name);
  if (names.empty()) reply_unsubscribed(call, topic, std::nullopt);
  for (const std::string& name : names) {
    (void)dispatcher_of(call).unsubscribe(call.session, topic, name);
    reply_unsubscribed(call, topic, name);
  }
  return {};
}

Result<> subscribe(Call& call) { return subscribe_to(call, Topic::channel); }
Result<> psubscribe(Call& call) { return subscribe_to(call, Topic::pattern); }
Result<> ssubscribe(Call& call) { return subscribe_to(call, Topic::shard_channel); }
Result<> unsubscribe(Call& call) { return unsubscribe_from(call, Topic::channel); }
Result<> punsubscribe(Call& call) { return unsubscribe_from(call, Topic::pattern); }
Result<> sunsubscribe(Call& call) { return unsubscribe_from(call, Topic::shard_channel); }

Result<> list_active(Call& call, Topic topic) {
  if (call.size() > 3)
    return fail(fmt::format(
        "unknown subcommand or wrong number of arguments for '{}'. Try PUBSUB HELP.", call.arg(1)));
  const Bytes pattern = call.size() == 3 ? call.arg(2) : "*";
  const auto names = dispatcher_of(call).pubsub().active(topic, pattern);
  call.reply.array(names.size());
  for (const std::string& name : names) call.reply.bulk(name);
  return {};
}

Result<> count_subscribers(Call& call, Topic topic) {
  call.reply.array(2 * (call.size() - 2));
  for (std::size_t i = 2; i < call.size(); ++i) {
    call.reply.bulk(call.arg(i));
    call.reply.integer(static_cast<std::int64_t>(
        dispatcher_of(call).pubsub().subscriber_count(topic, call.arg(i))));
  }
  return {};
}

Result<> channels(Call& call) { return list_active(call, Topic::channel); }
Result<> shardchannels(Call& call) { return list_active(call, Topic::shard_channel); }
Result<> numsub(Call& call) { return count_subscribers(call, Topic::channel); }
Result<> shardnumsub(Call& call) { return count_subscribers(call, Topic::shard_channel); }

Result<> numpat(Call& call) {
  call.reply.integer(
      static_cast<std::int64_t>(dispatcher_of(call).pubsub().active_count(Topic::pattern)));
  return {};
}

Result<> help(Call& call) {
  static constexpr std::string_view kLines[] = {
      "CHANNELS [<pattern>]",
      "    List the channels that have subscribers, those that match <pattern> (default: all).",
      "NUMPAT",
      "    Count the patterns that clients are subscribed to.",
      "NUMSUB [<channel> ...]",
      "    Count the subscribers of each channel; those of patterns do not count.",
      "SHARDCHANNELS [<pattern>]",
      "    List the shard channels that have subscribers.",
      "SHARDNUMSUB [<shardchannel> ...]",
      "    Count the subscribers of each shard channel.",
  };
  reply_help(call, kLines);
  return {};
}

constexpr Flag kAsk = Flag::pubsub | Flag::loading | Flag::stale;
constexpr Flag kShardSubscribe = kAsk | Flag::no_script;
constexpr Flag kSubscribe = kShardSubscribe | Flag::sentinel;
constexpr Flag kShardPublish = kAsk | Flag::fast | Flag::may_replicate;

constexpr CommandSpec kSubcommands[] = {
    {.name = "pubsub|channels",
     .summary = "Lists the channels that have subscribers.",
     .complexity = "O(N) in the channels.",
     .since = "2.8.0",
     .group = Group::pubsub,
     .arity = at_least(2),
     .flags = kAsk,
     .syntax = "[pattern]",
     .run = channels},
    {.name = "pubsub|help",
     .summary = "Tells what the subcommands are for.",
     .complexity = "O(1)",
     .since = "6.2.0",
     .group = Group::pubsub,
     .arity = exactly(2),
     .flags = Flag::loading | Flag::stale,
     .run = help},
    {.name = "pubsub|numpat",
     .summary = "Counts the patterns that clients are subscribed to.",
     .complexity = "O(1)",
     .since = "2.8.0",
     .group = Group::pubsub,
     .arity = exactly(2),
     .flags = kAsk,
     .run = numpat},
    {.name = "pubsub|numsub",
     .summary = "Counts the subscribers of channels.",
     .complexity = "O(N) in the channels asked for.",
     .since = "2.8.0",
     .group = Group::pubsub,
     .arity = at_least(2),
     .flags = kAsk,
     .syntax = "[channel [channel ...]]",
     .run = numsub},
    {.name = "pubsub|shardchannels",
     .summary = "Lists the shard channels that have subscribers.",
     .complexity = "O(N) in the shard channels.",
     .since = "7.0.0",
     .group = Group::pubsub,
     .arity = at_least(2),
     .flags = kAsk,
     .syntax = "[pattern]",
     .run = shardchannels},
    {.name = "pubsub|shardnumsub",
     .summary = "Counts the subscribers of shard channels.",
     .complexity = "O(N) in the shard channels asked for.",
     .since = "7.0.0",
     .group = Group::pubsub,
     .arity = at_least(2),
     .flags = kAsk,
     .syntax = "[shardchannel [shardchannel ...]]",
     .run = shardnumsub},
};
static_assert(valid(kSubcommands));

constexpr CommandSpec kTable[] = {
    {.name = "psubscribe",
     .summary = "Subscribes to the channels whose names match patterns.",
     .complexity = "O(N) in the patterns.",
     .since = "2.0.0",
     .group = Group::pubsub,
     .arity = at_least(2),
     .flags = kSubscribe,
     .syntax = "pattern [pattern ...]",
     .run = psubscribe},
    {.name = "publish",
     .summary = "Sends a message to the subscribers of a channel.",
     .complexity = "O(N+M), N being the subscribers and M the patterns of all clients.",
     .since = "2.0.0",
     .group = Group::pubsub,
     .arity = exactly(3),
     .flags = kShardPublish | Flag::sentinel,
     .syntax = "channel message",
     .run = publish},
    {.name = "pubsub",
     .summary = "Contains the commands that tell of subscriptions.",
     .complexity = "Depends on the subcommand.",
     .since = "2.8.0",
     .group = Group::pubsub,
     .arity = at_least(2),
     .subcommands = kSubcommands},
    {.name = "punsubscribe",
     .summary = "Ends subscriptions to patterns: to those given, or to all.",
     .complexity = "O(N) in the patterns.",
     .since = "2.0.0",
     .group = Group::pubsub,
     .arity = at_least(1),
     .flags = kSubscribe,
     .syntax = "[pattern [pattern ...]]",
     .run = punsubscribe},
    {.name = "spublish",
     .summary = "Sends a message to the subscribers of a shard channel.",
     .complexity = "O(N) in the subscribers.",
     .since = "7.0.0",
     .group = Group::pubsub,
     .arity = exactly(3),
     .flags = kShardPublish,
     .keys = {key_at(1, KeyFlag::not_key)},
     .syntax = "shardchannel message",
     .run = spublish},
    {.name = "ssubscribe",
     .summary = "Subscribes to shard channels.",
     .complexity = "O(N) in the shard channels.",
     .since = "7.0.0",
     .group = Group::pubsub,
     .arity = at_least(2),
     .flags = kShardSubscribe,
     .keys = {keys_from(1, KeyFlag::not_key)},
     .syntax = "shardchannel [shardchannel ...]",
     .run = ssubscribe},
    {.name = "subscribe",
     .summary = "Subscribes to channels.",
     .complexity = "O(N) in the channels.",
     .since = "2.0.0",
     .group = Group::pubsub,
     .arity = at_least(2),
     .flags = kSubscribe,
     .syntax = "channel [channel ...]",
     .run = subscribe},
    {.name = "sunsubscribe",
     .summary = "Ends subscriptions to shard channels: to those given, or to all.",
     .complexity = "O(N) in the shard channels.",
     .since = "7.0.0",
     .group = Group::pubsub,
     .arity = at_least(1),
     .flags = kShardSubscribe,
     .keys = {keys_from(1, KeyFlag::not_key)},
     .syntax = "[shardchannel [shardchannel ...]]",
     .run = sunsubscribe},
    {.name = "unsubscribe",
     .summary = "Ends subscriptions to channels: to those given, or to all.",
     .complexity = "O(N) in the channels.",
     .since = "2.0.0",
     .group = Group::pubsub,
     .arity = at_least(1),
     .flags = kSubscribe,
     .syntax = "[channel [channel ...]]",
     .run = unsubscribe},
};
static_assert(valid(kTable));

}  // namespace

Family pubsub_commands() { return kTable; }

}  // namespace banyan::engine
