#include "persist/value_stream.h"

namespace banyan::persist {
namespace {

using values::kRawStreamIdBytes;
using values::OrderedById;
using values::StreamBlock;
using values::StreamConsumer;
using values::StreamEntry;
using values::StreamGroup;
using values::StreamId;
using values::StreamPending;
using values::StreamValue;

// --- Writing.

void append_id(std::string& out, StreamId id) {
  append_length(out, id.ms);
  append_length(out, id.seq);
}

void append_raw_id(std::string& out, StreamId id) {
  char raw[kRawStreamIdBytes];
  values::write_raw_stream_id(raw, id);
  out.append(raw, sizeof raw);
}

void append_time(std::string& out, UnixMs time) {
  out.append(reinterpret_cast<const char*>(&time), sizeof time);
}

void append_consumer(std::string& out, const StreamConsumer& consumer, Compression compression) {
  append_string(out, consumer.name, compression);
  append_time(out, consumer.seen);
  const auto& ids = consumer.pending;
  append_length(out, ids.size());
  for (auto at = ids.begin(); !ids.is_end(at); at = ids.next(at)) append_raw_id(out, ids.at(at));
}

void append_group(std::string& out, Bytes name, const StreamGroup& group, Compression compression) {
  append_string(out, name, compression);
  append_id(out, group.last_id);
  append_length(out, static_cast<std::uint64_t>(group.entries_read));
  const auto& pending = group.pending();
  append_length(out, pending.size());
  for (auto at = pending.begin(); !pending.is_end(at); at = pending.next(at)) {
    append_raw_id(out, pending.at(at).id);
    append_time(out, pending.at(at).delivered);
    append_length(out, pending.at(at).deliveries);
  }
  append_length(out, group.consumers().size());
  for (const auto& [consumer_name, consumer] : group.consumers())
    append_consumer(out, *consumer, compression);
}

// --- Reading.

Result<StreamId> read_id(RdbReader& reader) {
  TRY(const std::uint64_t ms, reader.length());
  TRY(const std::uint64_t seq, reader.length());
  return StreamId{ms, seq};
}

Result<StreamId> read_raw_id(RdbReader& reader) {
  TRY(const Bytes raw, reader.raw(kRawStreamIdBytes));
  return values::read_raw_stream_id(raw.data());
}

Result<StreamValue::Blocks> read_blocks(RdbReader& reader) {
  TRY(std::uint64_t left, reader.length());
  StreamValue::Blocks blocks;
  std::string scratch;
  StreamId before;
  for (; left > 0; --left) {
    TRY(const Bytes raw, reader.string(scratch));
    if (raw.size() != kRawStreamIdBytes) return reader.corrupt("stream: a block without its ID");
    const StreamId id = values::read_raw_stream_id(raw.data());
    if (!blocks.empty() && id <= before) return reader.corrupt("stream: its blocks do not ascend");
    TRY(const Bytes bytes, reader.string(scratch));
    auto block = StreamBlock::decode(id, bytes);
    if (!block) return reader.corrupt(block.error().text());
    StreamEntry last;
    before = block->last(last) ? last.id : id;
    blocks.append(*std::move(block));
  }
  return blocks;
}

Result<StreamValue> read_entries(RdbReader& reader, RdbType type) {
  TRY(StreamValue::Blocks blocks, read_blocks(reader));
  TRY(const std::uint64_t size, reader.length());
  StreamValue::Counters counters{.entries_added = size};
  TRY(counters.last_id, read_id(reader));
  if (type != RdbType::stream_listpacks) {
    TRY_DO(read_id(reader));  // the first ID: it is seen from the entries
    TRY(counters.max_deleted_id, read_id(reader));
    TRY(counters.entries_added, reader.length());
  }
  auto stream = StreamValue::load(std::move(blocks), counters);
  if (!stream) return reader.corrupt(stream.error().text());
  if (stream->size() != size) return reader.corrupt("stream: it counts its entries wrong");
  return stream;
}

// Pending entries, as yet of nobody.
Result<OrderedById<StreamPending>> read_pending(RdbReader& reader) {
  TRY(std::uint64_t left, reader.length());
  OrderedById<StreamPending> result;
  for (; left > 0; --left) {
    StreamPending pending;
    TRY(pending.id, read_raw_id(reader));
    TRY(pending.delivered, reader.milliseconds());
    TRY(pending.deliveries, reader.length());
    if (!result.empty() && pending.id <= result.back().id)
      return reader.corrupt("stream: pending entries do not ascend");
    result.append(pending);
  }
  return result;
}

Result<> read_consumer(RdbReader& reader, RdbType type, StreamGroup& group,
                       OrderedById<StreamPending>& pending) {
  std::string scratch;
  TRY(const Bytes name, reader.string(scratch));
  StreamConsumer* consumer = group.create_consumer(name, 0);
  if (consumer == nullptr) return reader.corrupt("stream: a consumer comes twice");
  TRY(consumer->seen, reader.milliseconds());
  consumer->active = consumer->seen;
  if (type == RdbType::stream_listpacks_3) {
    TRY(consumer->active, reader.milliseconds());
  }
  TRY(std::uint64_t left, reader.length());
  for (; left > 0; --left) {
    TRY(const StreamId id, read_raw_id(reader));
    StreamPending* found = pending.find(id);
    if (found == nullptr || found->consumer != nullptr)
      return reader.corrupt("stream: a consumer has what is not pending, or another's");
    found->consumer = consumer;
  }
  return {};
}

Result<> read_group(RdbReader& reader, RdbType type, StreamValue& stream) {
  std::string scratch;
  TRY(const Bytes view, reader.string(scratch));
  const std::string name(view);
  TRY(const StreamId last_id, read_id(reader));
  std::int64_t entries_read = stream.entries_up_to(last_id);
  if (type != RdbType::stream_listpacks) {
    TRY(const std::uint64_t raw, reader.length());
    entries_read = static_cast<std::int64_t>(raw);
    if (entries_read < StreamGroup::kReadUnknown)
      return reader.corrupt("stream: a group has read less than nothing");
  }
  StreamGroup* group = stream.create_group(name, last_id, entries_read);
  if (group == nullptr) return reader.corrupt("stream: a group comes twice");
  TRY(OrderedById<StreamPending> pending, read_pending(reader));
  TRY(std::uint64_t consumers, reader.length());
  for (; consumers > 0; --consumers) TRY_DO(read_consumer(reader, type, *group, pending));
  for (auto at = pending.begin(); !pending.is_end(at); at = pending.next(at)) {
    if (pending.at(at).consumer == nullptr)
      return reader.corrupt("stream: an entry is pending for nobody");
    group->append_pending(pending.at(at));
  }
  return {};
}

}  // namespace

void append_stream(std::string& out, const StreamValue& stream, Compression compression) {
  const auto& blocks = stream.blocks();
  append_length(out, blocks.size());
  for (auto at = blocks.begin(); !blocks.is_end(at); at = blocks.next(at)) {
    append_length(out, kRawStreamIdBytes);
    append_raw_id(out, blocks.at(at).id);
    append_string(out, blocks.at(at).bytes(), compression);
  }
  append_length(out, stream.size());
  append_id(out, stream.last_id());
  append_id(out, stream.first_id());
  append_id(out, stream.max_deleted_id());
  append_length(out, stream.entries_added());
  append_length(out, stream.groups().size());
  for (const auto& [name, group] : stream.groups()) append_group(out, name, group, compression);
}

Result<StreamValue> load_stream(RdbReader& reader, RdbType type) {
  TRY(StreamValue stream, read_entries(reader, type));
  TRY(std::uint64_t groups, reader.length());
  for (; groups > 0; --groups) TRY_DO(read_group(reader, type, stream));
  return stream;
}

}  // namespace banyan::persist
