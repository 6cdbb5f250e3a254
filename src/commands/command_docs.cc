#include "commands/command_names.h"
#include "commands/command_replies.h"
#include "commands/syntax.h"

namespace banyan::commands {
namespace {

// A map that counts its pairs.
class MapReply {
 public:
  explicit MapReply(resp::ReplyWriter& reply) : reply_(reply), map_(reply.begin_map()) {}
  ~MapReply() { reply_.end_map(map_, pairs_); }
  MapReply(const MapReply&) = delete;
  MapReply& operator=(const MapReply&) = delete;

  // The value is written next.
  void key(Bytes name) {
    reply_.bulk(name);
    ++pairs_;
  }
  void text(Bytes name, Bytes value) {
    if (value.empty()) return;
    key(name);
    reply_.bulk(value);
  }

 private:
  resp::ReplyWriter& reply_;
  resp::ReplyWriter::Deferred map_;
  std::size_t pairs_ = 0;
};

void reply_names(resp::ReplyWriter& reply, const Words& names) {
  reply.set(names.size());
  for (const std::string_view name : names) reply.simple(name);
}

void reply_arguments(resp::ReplyWriter& reply, const std::vector<Argument>& arguments) {
  reply.array(arguments.size());
  for (const Argument& argument : arguments) {
    MapReply map(reply);
    map.text("name", argument.name);
    map.text("type", name_of(argument.type));
    if (!argument.is_group()) map.text("display_text", argument.name);
    if (argument.key_spec >= 0) {
      map.key("key_spec_index");
      reply.integer(argument.key_spec);
    }
    map.text("token", argument.token);
    Words flags;
    if (argument.optional) flags.push_back("optional");
    if (argument.multiple) flags.push_back("multiple");
    if (argument.repeats_token) flags.push_back("multiple_token");
    if (!flags.empty()) {
      map.key("flags");
      reply_names(reply, flags);
    }
    if (!argument.is_group()) continue;
    map.key("arguments");
    reply_arguments(reply, argument.arguments);
  }
}

}  // namespace

void reply_docs(resp::ReplyWriter& reply, const CommandSpec& spec) {
  MapReply map(reply);
  map.text("summary", spec.summary);
  map.text("since", spec.since);
  map.text("group", name_of(spec.group));
  map.text("complexity", spec.complexity);
  if (const Words flags = doc_flag_names(spec); !flags.empty()) {
    map.key("doc_flags");
    reply_names(reply, flags);
  }
  map.text("deprecated_since", spec.deprecated_since);
  map.text("replaced_by", spec.replaced_by);
  const auto arguments = parse_syntax(spec.syntax, static_cast<int>(key_spec_count(spec)));
  if (arguments && !arguments->empty()) {
    map.key("arguments");
    reply_arguments(reply, *arguments);
  }
  if (spec.subcommands.empty()) return;
  map.key("subcommands");
  reply.map(spec.subcommands.size());
  for (const CommandSpec& sub : spec.subcommands) {
    reply.bulk(sub.name);
    reply_docs(reply, sub);
  }
}

}  // namespace banyan::commands
