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

// A number for each place in a row, 0 for its begin.
template <class T>
constexpr std::uint64_t kRun = values::OrderedById<T>::kRunMax;

// write(item) for each item of the row from number progress.next on. False when the piece is over
// first.
template <class T, class Write>
bool append_row(const values::OrderedById<T>& items, ValueProgress& progress, const Write& write) {
  const std::size_t first = items.begin().run;
  typename values::OrderedById<T>::Cursor at{first + progress.next / kRun<T>,
                                             progress.next % kRun<T>};
  for (; !progress.is_piece_over(); at = items.next(at)) {
    if (items.is_end(at)) return true;
    write(items.at(at));
  }
  progress.next = (at.run - first) * kRun<T> + at.item;
  return false;
}

// Writes a stream, or a piece of it: its rows, and what stands before each.
class Writer {
 public:
  using Row = ValueProgress::Row;
  Writer(std::string& out, const StreamValue& stream, Compression compression,
         ValueProgress& progress)
      : out_(out), stream_(stream), compression_(compression), progress_(progress) {}

  // False when the piece was over first.
  bool write() {
    if (progress_.row == Row::begin) {
      append_length(out_, stream_.blocks().size());
      enter(Row::blocks);
    }
    if (progress_.row == Row::blocks) {
      if (!write_blocks()) return false;
      write_counters();
      progress_.group = stream_.groups().begin();
      enter(Row::group);
    }
    for (; progress_.group != stream_.groups().end(); ++progress_.group) {
      if (!write_group(progress_.group->first, progress_.group->second)) return false;
      enter(Row::group);
    }
    return true;
  }

 private:
  void enter(Row row) {
    progress_.row = row;
    progress_.next = 0;
  }

  bool write_blocks() {
    return append_row(stream_.blocks(), progress_, [&](const StreamBlock& block) {
      append_length(out_, kRawStreamIdBytes);
      append_raw_id(out_, block.id);
      append_string(out_, block.bytes(), compression_);
      progress_.spend(block.bytes().size());
    });
  }

  void write_counters() {
    append_length(out_, stream_.size());
    append_id(out_, stream_.last_id());
    append_id(out_, stream_.first_id());
    append_id(out_, stream_.max_deleted_id());
    append_length(out_, stream_.entries_added());
    append_length(out_, stream_.groups().size());
  }

  bool write_group(Bytes name, const StreamGroup& group) {
    if (progress_.row == Row::group) {
      append_string(out_, name, compression_);
      append_id(out_, group.last_id);
      append_length(out_, static_cast<std::uint64_t>(group.entries_read));
      append_length(out_, group.pending().size());
      progress_.spend(name.size());
      enter(Row::pending);
    }
    if (progress_.row == Row::pending) {
      if (!write_pending(group)) return false;
      append_length(out_, group.consumers().size());
      progress_.consumer = group.consumers().begin();
      enter(Row::consumer);
    }
    for (; progress_.consumer != group.consumers().end(); ++progress_.consumer) {
      if (!write_consumer(*progress_.consumer->second)) return false;
      enter(Row::consumer);
    }
    return true;
  }

  bool write_pending(const StreamGroup& group) {
    return append_row(group.pending(), progress_, [&](const StreamPending& pending) {
      append_raw_id(out_, pending.id);
      append_time(out_, pending.delivered);
      append_length(out_, pending.deliveries);
      progress_.spend(sizeof pending);
    });
  }

  bool write_consumer(const StreamConsumer& consumer) {
    if (progress_.row == Row::consumer) {
      append_string(out_, consumer.name, compression_);
      append_time(out_, consumer.seen);
      append_length(out_, consumer.pending.size());
      progress_.spend(consumer.name.size());
      enter(Row::consumer_pending);
    }
    return append_row(consumer.pending, progress_, [&](StreamId id) {
      append_raw_id(out_, id);
      progress_.spend(sizeof id);
    });
  }

  std::string& out_;
  const StreamValue& stream_;
  Compression compression_;
  ValueProgress& progress_;
};

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

bool append_stream(std::string& out, const StreamValue& stream, Compression compression,
                   ValueProgress& progress) {
  return Writer(out, stream, compression, progress).write();
}

Result<StreamValue> load_stream(RdbReader& reader, RdbType type) {
  TRY(StreamValue stream, read_entries(reader, type));
  TRY(std::uint64_t groups, reader.length());
  for (; groups > 0; --groups) TRY_DO(read_group(reader, type, stream));
  return stream;
}

}  // namespace banyan::persist
