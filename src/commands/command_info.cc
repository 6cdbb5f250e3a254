#include "commands/command_names.h"
#include "commands/command_replies.h"

namespace banyan::commands {
namespace {

void reply_unknown(resp::ReplyWriter& reply) {
  reply.map(2);
  reply.bulk("type");
  reply.bulk("unknown");
  reply.bulk("spec");
  reply.map(0);
}

void reply_begin_search(resp::ReplyWriter& reply, const KeySpec& key) {
  if (key.begin == KeySpec::Begin::unknown) return reply_unknown(reply);
  const bool by_keyword = key.begin == KeySpec::Begin::keyword;
  reply.map(2);
  reply.bulk("type");
  reply.bulk(by_keyword ? "keyword" : "index");
  reply.bulk("spec");
  reply.map(by_keyword ? 2 : 1);
  if (by_keyword) {
    reply.bulk("keyword");
    reply.bulk(key.keyword);
  }
  reply.bulk(by_keyword ? "startfrom" : "index");
  reply.integer(key.index);
}

void reply_find_keys(resp::ReplyWriter& reply, const KeySpec& key) {
  if (key.begin == KeySpec::Begin::unknown) return reply_unknown(reply);
  const bool counted = key.find == KeySpec::Find::count;
  const auto field = [&](Bytes name, std::int64_t value) {
    reply.bulk(name);
    reply.integer(value);
  };
  reply.map(2);
  reply.bulk("type");
  reply.bulk(counted ? "keynum" : "range");
  reply.bulk("spec");
  reply.map(3);
  if (counted) {
    field("keynumidx", key.count_at);
    field("firstkey", key.first_at);
    field("keystep", key.step);
  } else {
    field("lastkey", key.last);
    field("keystep", key.step);
    field("limit", key.limit);
  }
}

void reply_key_specs(resp::ReplyWriter& reply, const CommandSpec& spec) {
  const std::size_t count = key_spec_count(spec);
  reply.set(count);
  for (std::size_t i = 0; i < count; ++i) {
    const KeySpec& key = spec.keys[i];
    reply.map(key.notes.empty() ? 3 : 4);
    if (!key.notes.empty()) {
      reply.bulk("notes");
      reply.bulk(key.notes);
    }
    reply.bulk("flags");
    const Words flags = key_flag_names(key.flags);
    reply.set(flags.size());
    for (const std::string_view flag : flags) reply.simple(flag);
    reply.bulk("begin_search");
    reply_begin_search(reply, key);
    reply.bulk("find_keys");
    reply_find_keys(reply, key);
  }
}

}  // namespace

void reply_info(resp::ReplyWriter& reply, const CommandSpec& spec) {
  const LegacyKeys keys = legacy_keys(spec);
  reply.array(10);
  reply.bulk(spec.name);
  reply.integer(spec.arity.value);
  const Words flags = flag_names(spec);
  reply.set(flags.size());
  for (const std::string_view flag : flags) reply.simple(flag);
  reply.integer(keys.first);
  reply.integer(keys.last);
  reply.integer(keys.step);
  const Words categories = category_names(spec);
  reply.set(categories.size());
  for (const std::string_view category : categories) reply.simple("@" + std::string(category));
  const Words tips = split_list(spec.tips);
  reply.set(tips.size());
  for (const std::string_view tip : tips) reply.bulk(tip);
  reply_key_specs(reply, spec);
  if (spec.subcommands.empty()) return reply.set(0);
  reply.array(spec.subcommands.size());
  for (const CommandSpec& sub : spec.subcommands) reply_info(reply, sub);
}

}  // namespace banyan::commands
