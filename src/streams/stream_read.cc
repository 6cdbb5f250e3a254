// XREAD and XREADGROUP: what came into streams since, for one reader or for a group that shares it.
#include "streams/stream_args.h"
#include "streams/stream_handlers.h"
#include "streams/stream_log.h"
#include "streams/stream_reply.h"

namespace banyan::streams {

using namespace commands;

namespace {

using store::Entry;
using values::kStreamIdMax;
using values::Stream;
using values::StreamConsumer;
using values::StreamGroup;
using values::StreamPending;
using values::StreamReader;
using values::StreamValue;
using values::Type;

struct ReadOptions {
  std::optional<UnixMs> deadline;  // BLOCK
  std::uint64_t count = 0;         // of each stream at most; 0: no limit
  bool no_ack = false;
  std::optional<Bytes> group;
  Bytes consumer = {};
  std::size_t first_key = 0;  // a word; 0: no STREAMS
  std::size_t streams = 0;

  Bytes id_of(const Call& call, std::size_t stream) const {
    return call.arg(first_key + streams + stream);
  }
};

std::unexpected<Error> needs_xreadgroup(std::string_view option) {
  return fail("The " + std::string(option) +
              " option is only supported by XREADGROUP. You called XREAD instead.");
}

// The option at word `i`; `i` moves to its last word.
Result<> parse_read_option(const Call& call, bool for_group, std::size_t& i, ReadOptions& options) {
  const std::size_t more = call.size() - i - 1;
  if (call.is(i, "BLOCK") && more >= 1) {
    if (call.session.kind == SessionKind::internal)
      return fail(std::string(call.arg(0)) +
                  " command is not allowed with BLOCK option from scripts");
    TRY(options.deadline, call.timeout_ms_arg(++i));
  } else if (call.is(i, "COUNT") && more >= 1) {
    TRY(const std::int64_t count, call.int_arg(++i));
    options.count = count < 0 ? 0 : static_cast<std::uint64_t>(count);
  } else if (call.is(i, "GROUP") && more >= 2) {
    if (!for_group) return needs_xreadgroup("GROUP");
    options.group = call.arg(i + 1);
    options.consumer = call.arg(i + 2);
    i += 2;
  } else if (call.is(i, "NOACK")) {
    if (!for_group) return needs_xreadgroup("NOACK");
    options.no_ack = true;
  } else {
    return fail(Errc::syntax);
  }
  return {};
}

Result<ReadOptions> parse_read(const Call& call, bool for_group) {
  ReadOptions options;
  for (std::size_t i = 1; i < call.size(); ++i) {
    if (!call.is(i, "STREAMS") || i + 1 == call.size()) {
      TRY_DO(parse_read_option(call, for_group, i, options));
      continue;
    }
    options.first_key = i + 1;
    options.streams = (call.size() - i - 1) / 2;
    if (options.streams * 2 == call.size() - i - 1) break;
    return fail("Unbalanced '" + std::string(call.spec.name) +
                "' list of streams: for each stream key an ID or '" + (for_group ? '>' : '$') +
                "' must be specified.");
  }
  if (options.first_key == 0) return fail(Errc::syntax);
  if (for_group && !options.group) return fail("Missing GROUP option for XREADGROUP");
  // An option's value that reads STREAMS makes others look for the keys elsewhere: what is locked
  // are not the streams then.
  if (call.keys.size() != options.streams ||
      call.key(0).text.data() != call.arg(options.first_key).data())
    return fail(Errc::syntax);
  return options;
}

// Counts the streams that have something, and makes the reply of those.
class StreamsReply {
 public:
  explicit StreamsReply(Call& call) : call_(call) {}

  // In front of a stream's entries.
  void add(Bytes key) {
    if (count_++ == 0)
      aggregate_ = is_resp3() ? call_.reply.begin_map() : call_.reply.begin_array();
    if (!is_resp3()) call_.reply.array(2);
    call_.reply.bulk(key);
  }
  // False when there is none, and then there is no reply.
  bool end() {
    if (count_ == 0) return false;
    is_resp3() ? call_.reply.end_map(aggregate_, count_)
               : call_.reply.end_array(aggregate_, count_);
    return true;
  }

 private:
  bool is_resp3() const { return call_.reply.protocol() == resp::Protocol::resp3; }

  Call& call_;
  std::size_t count_ = 0;
  resp::ReplyWriter::Deferred aggregate_{};
};

// --- XREAD.

// The ID behind which to read.
Result<StreamId> read_behind(const Call& call, Bytes word, std::size_t i, const Entry* entry) {
  const StreamValue* stream = entry == nullptr ? nullptr : &Stream::of(entry->body());
  if (word == "$") return stream == nullptr ? StreamId{} : stream->last_id();
  if (word == "+") {  // the last entry itself
    if (stream == nullptr) return StreamId{};
    if (stream->size() == 0) return stream->last_id();
    return stream->last_live_id().previous().value_or(StreamId{});
  }
  if (word == ">")
    return fail(
        "The > ID can be specified only when calling XREADGROUP using the GROUP <group> "
        "<consumer> option.");
  return stream_id_arg(call, i);
}

Result<std::vector<StreamId>> read_behind_ids(Call& call, const ReadOptions& options) {
  std::vector<StreamId> ids;
  for (std::size_t i = 0; i < options.streams; ++i) {
    TRY(const Entry* entry, call.db.find(call.key(i), Type::stream));
    TRY(const StreamId id,
        read_behind(call, options.id_of(call, i), options.first_key + options.streams + i, entry));
    ids.push_back(id);
  }
  return ids;
}

// "$" means the end of the stream as it was when the client began to wait.
std::vector<std::string> words_while_waiting(const Call& call, const ReadOptions& options,
                                             const std::vector<StreamId>& ids) {
  std::vector<std::string> words(call.words.begin(), call.words.end());
  for (std::size_t i = 0; i < options.streams; ++i)
    if (options.id_of(call, i) == "$")
      words[options.first_key + options.streams + i] = values::StreamIdText(ids[i]).text();
  return words;
}

}  // namespace

Result<> xread(Call& call) {
  TRY(const ReadOptions options, parse_read(call, false));
  TRY(const std::vector<StreamId> ids, read_behind_ids(call, options));
  StreamsReply reply(call);
  for (std::size_t i = 0; i < options.streams; ++i) {
    const Entry* entry = call.db.peek(call.key(i));
    const auto from = ids[i].next();
    if (entry == nullptr || !from) continue;
    const StreamValue& stream = Stream::of(entry->body());
    if (stream.size() == 0 || stream.last_live_id() < *from) continue;
    reply.add(call.key(i).text);
    StreamReader reader(stream, *from, kStreamIdMax);
    reply_entries(call, reader, options.count);
  }
  if (reply.end()) return {};
  if (options.deadline)
    return call.wait_for_keys(*options.deadline, TimeoutReply::null_array,
                              {.words = words_while_waiting(call, options, ids)});
  call.reply.null_array();
  return {};
}

// --- XREADGROUP.

namespace {

constexpr Bytes kNewEntries = ">";

// What stands behind one of the command's keys.
struct GroupRead {
  GroupName name;
  StreamValue& stream;
  StreamGroup& group;
  std::optional<StreamId> history;  // what the consumer has already got, behind that ID
};

Result<GroupRead> open_group(Call& call, const ReadOptions& options, std::size_t i) {
  TRY(const Database::Place place, call.db.place(call.key(i), Type::stream));
  if (!place || !Stream::of(place.entry()->body()).find_group(*options.group))
    return no_such_group(call.key(i).text, *options.group, " in XREADGROUP with GROUP option");
  StreamValue& stream = Stream::of(call.db.writable(place)->body());
  GroupRead read{{call.key(i), *options.group}, stream, *stream.find_group(*options.group), {}};
  const Bytes id = options.id_of(call, i);
  if (id == kNewEntries) return read;
  if (id == "$" || id == "+")
    return fail("The " + std::string(id) +
                " ID is meaningless in the context of XREADGROUP: you want to read the history of "
                "this consumer by specifying a proper ID, or use the > ID to get new messages. "
                "The " +
                std::string(id) + " ID would just return an empty result set.");
  TRY(const StreamId behind, stream_id_arg(call, options.first_key + options.streams + i));
  // Nothing lies behind the highest ID: it has always been another word for ">".
  if (behind != kStreamIdMax) read.history = behind;
  return read;
}

// An entry of the history that is gone from the stream has no fields.
void reply_history(Call& call, const GroupRead& read, const StreamConsumer& consumer,
                   std::uint64_t count_max) {
  const auto array = call.reply.begin_array();
  const auto& ids = consumer.pending;
  const auto from = read.history->next();
  std::size_t count = 0;
  for (auto at = from ? ids.lower_bound(*from) : ids.end();
       !ids.is_end(at) && (count_max == 0 || count < count_max); at = ids.next(at)) {
    const StreamId id = ids.at(at);
    if (reply_entry_with_id(call, read.stream, id)) {
      StreamPending* pending = read.group.find_pending(id);
      pending->delivered = call.now();
      ++pending->deliveries;
    } else {
      call.reply.array(2);
      reply_id(call, id);
      call.reply.null_array();
    }
    ++count;
  }
  call.reply.end_array(array, count);
}

void deliver(Call& call, const GroupRead& read, StreamConsumer& consumer, StreamId id) {
  StreamPending& pending = read.group.assign(id, consumer);
  pending.delivered = call.now();
  pending.deliveries = 1;
  consumer.active = call.now();
  log_claim(call, read.name, read.group, pending);
}

void reply_new(Call& call, const GroupRead& read, const ReadOptions& options,
               StreamConsumer& consumer) {
  const auto array = call.reply.begin_array();
  StreamReader reader(read.stream, read.group.last_id.next().value(), kStreamIdMax);
  std::size_t count = 0;
  while ((options.count == 0 || count < options.count) && reader.next()) {
    const StreamId id = reader.entry().id;
    read.stream.note_delivery(read.group, id);
    reply_entry(call, reader.entry());
    if (!options.no_ack) deliver(call, read, consumer, id);
    ++count;
  }
  call.reply.end_array(array, count);
  // The claims say where the group is, but not how many entries it has read.
  log_group_id(call, read.name, read.group);
}

}  // namespace

Result<> xreadgroup(Call& call) {
  TRY(const ReadOptions options, parse_read(call, true));
  std::vector<GroupRead> reads;
  for (std::size_t i = 0; i < options.streams; ++i) {
    TRY(const GroupRead read, open_group(call, options, i));
    reads.push_back(read);
  }
  call.effects().nothing();  // but for what is logged below
  StreamsReply reply(call);
  for (const GroupRead& read : reads) {
    StreamConsumer& consumer = seen_consumer(call, read.name, read.group, options.consumer);
    if (read.history) {
      reply.add(read.name.key.text);
      reply_history(call, read, consumer, options.count);
    } else if (read.stream.size() > 0 && read.stream.last_live_id() > read.group.last_id) {
      reply.add(read.name.key.text);
      reply_new(call, read, options, consumer);
    }
  }
  if (reply.end()) return {};
  if (options.deadline)
    return call.wait_for_keys(*options.deadline, TimeoutReply::null_array,
                              {.also_when_gone = true});
  call.reply.null_array();
  return {};
}

}  // namespace banyan::streams
