// XGROUP: making, changing and removing consumer groups and their consumers.
#include "commands/help.h"
#include "streams/stream_args.h"
#include "streams/stream_handlers.h"

namespace banyan::streams {

using namespace commands;

namespace {

using values::Stream;
using values::StreamGroup;
using values::StreamValue;
using values::Type;

struct GroupOptions {
  bool make_stream = false;
  std::int64_t entries_read = StreamGroup::kReadUnknown;
};

Result<GroupOptions> parse_group_options(const Call& call, bool creates) {
  GroupOptions options;
  for (std::size_t i = 5; i < call.size(); ++i) {
    if (creates && call.is(i, "MKSTREAM")) {
      options.make_stream = true;
    } else if (call.is(i, "ENTRIESREAD") && i + 1 < call.size()) {
      TRY(options.entries_read, call.int_arg(++i));
      if (options.entries_read < StreamGroup::kReadUnknown)
        return fail("value for ENTRIESREAD must be positive or -1");
    } else {
      return wrong_subcommand(call, "XGROUP");
    }
  }
  return options;
}

std::unexpected<Error> no_key() {
  return fail(
      "The XGROUP subcommand requires the key to exist. Note that for CREATE you may want to use "
      "the MKSTREAM option to create an empty stream automatically.");
}

// The stream, to be changed.
Result<StreamValue*> open_stream(Call& call) {
  TRY(const Database::Place place, call.db.place(call.key(), Type::stream));
  if (!place) return no_key();
  return &Stream::of(call.db.writable(place)->body());
}

Result<StreamGroup*> open_group(Call& call) {
  TRY(StreamValue * stream, open_stream(call));
  StreamGroup* group = stream->find_group(call.arg(3));
  if (group == nullptr) return no_group_of_key(call.key().text, call.arg(3));
  return group;
}

void changed(Call& call, Bytes event) { call.db.changed(call.key(), EventKind::stream, event); }

}  // namespace

Result<> xgroup_create(Call& call) {
  TRY(const GroupOptions options, parse_group_options(call, true));
  TRY(const Database::Place place, call.db.place(call.key(), Type::stream));
  if (!place && !options.make_stream) return no_key();
  if (call.size() > 8) return wrong_subcommand(call, "XGROUP");
  StreamId id;
  if (call.arg(4) != "$") {
    TRY(id, stream_id_arg(call, 4));
  } else if (place) {
    id = Stream::of(place.entry()->body()).last_id();
  }
  TRY(store::Entry * entry, call.db.open(call.key(), Type::stream));
  if (!Stream::of(entry->body()).create_group(call.arg(3), id, options.entries_read))
    return fail(Errc::custom, "BUSYGROUP Consumer Group name already exists");
  changed(call, "xgroup-create");
  call.reply.ok();
  return {};
}

Result<> xgroup_setid(Call& call) {
  TRY(const GroupOptions options, parse_group_options(call, false));
  TRY(const Database::Place place, call.db.place(call.key(), Type::stream));
  if (!place) return no_key();
  StreamValue& stream = Stream::of(call.db.writable(place)->body());
  StreamGroup* group = stream.find_group(call.arg(3));
  if (group == nullptr) return no_group_of_key(call.key().text, call.arg(3));
  if (call.size() != 5 && call.size() != 7) return wrong_subcommand(call, "XGROUP");
  StreamId id = stream.last_id();
  if (call.arg(4) != "$") {
    TRY(id, stream_id_or_edge_arg(call, 4));
  }
  group->last_id = id;
  group->entries_read = options.entries_read;
  changed(call, "xgroup-setid");
  call.reply.ok();
  return {};
}

Result<> xgroup_destroy(Call& call) {
  TRY(StreamValue * stream, open_stream(call));
  const bool erased = stream->erase_group(call.arg(3));
  if (erased) changed(call, "xgroup-destroy");
  call.reply.integer(erased ? 1 : 0);
  return {};
}

Result<> xgroup_createconsumer(Call& call) {
  TRY(StreamGroup * group, open_group(call));
  const bool created = group->create_consumer(call.arg(4), call.now()) != nullptr;
  if (created) changed(call, "xgroup-createconsumer");
  call.reply.integer(created ? 1 : 0);
  return {};
}

Result<> xgroup_delconsumer(Call& call) {
  TRY(StreamGroup * group, open_group(call));
  const auto pending = group->erase_consumer(call.arg(4));
  if (pending) changed(call, "xgroup-delconsumer");
  call.reply.integer(static_cast<std::int64_t>(pending.value_or(0)));
  return {};
}

Result<> xgroup_help(Call& call) {
  static constexpr std::string_view kLines[] = {
      "CREATE <key> <groupname> <id|$> [option]",
      "    Create a consumer group that has got everything up to <id>. Options are:",
      "    * MKSTREAM",
      "      Create the stream, empty, if it does not exist.",
      "    * ENTRIESREAD entries_read",
      "      Say how many entries the group has read (for internal use).",
      "CREATECONSUMER <key> <groupname> <consumer>",
      "    Create a consumer in the group.",
      "DELCONSUMER <key> <groupname> <consumer>",
      "    Remove a consumer, and what is pending for it.",
      "DESTROY <key> <groupname>",
      "    Remove the group.",
      "SETID <key> <groupname> <id|$> [ENTRIESREAD entries_read]",
      "    Set what the group has got, and how many entries it has read.",
  };
  reply_help(call, kLines);
  return {};
}

}  // namespace banyan::streams
