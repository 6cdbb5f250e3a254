// Consumer groups: who reads a stream together, and what was delivered and not yet acknowledged.
//
// Vocabulary   A *pending* entry is one that a consumer of the group got and has not acknowledged;
//              the entry itself may have been deleted from the stream since.
// Invariants   A group's pending entries are exactly those of its consumers together; each has one
//              consumer. Consumers stay where they are while they exist.
// Threads      None.
#pragma once

#include <map>
#include <memory>
#include <optional>
#include <string>

#include "base/time.h"
#include "values/ordered_by_id.h"
#include "values/stream_id.h"

namespace banyan::values {

struct StreamConsumer {
  explicit StreamConsumer(Bytes consumer_name, UnixMs now) : name(consumer_name), seen(now) {}

  std::string name;
  UnixMs seen;         // it last asked for anything
  UnixMs active = -1;  // it last got something; -1: never
  OrderedById<StreamId> pending;
};

struct StreamPending {
  StreamId id;
  UnixMs delivered = 0;
  std::uint64_t deliveries = 0;
  StreamConsumer* consumer = nullptr;
};

class StreamGroup {
 public:
  using Consumers = std::map<Bytes, std::unique_ptr<StreamConsumer>>;  // keys view the names
  static constexpr std::int64_t kReadUnknown = -1;

  StreamGroup(StreamId last, std::int64_t read) : last_id(last), entries_read(read) {}
  StreamGroup copy() const;

  StreamId last_id;           // the last one delivered
  std::int64_t entries_read;  // how many were read since the stream began, or kReadUnknown

  const Consumers& consumers() const { return consumers_; }
  const OrderedById<StreamPending>& pending() const { return pending_; }

  StreamConsumer* find_consumer(Bytes name) const;
  // Null when it exists already.
  StreamConsumer* create_consumer(Bytes name, UnixMs now);
  // Its pending entries go with it. How many those were; nullopt when there is no such consumer.
  std::optional<std::size_t> erase_consumer(Bytes name);

  StreamPending* find_pending(StreamId id) { return pending_.find(id); }
  // Makes the entry pending for `consumer`, whoever had it. Valid until the next change.
  StreamPending& assign(StreamId id, StreamConsumer& consumer);
  // A pending entry from outside, in ascending order: requires an ID above all others.
  void append_pending(const StreamPending& pending);
  bool acknowledge(StreamId id);

  std::size_t memory_bytes() const;

 private:
  Consumers consumers_;
  OrderedById<StreamPending> pending_;
};

}  // namespace banyan::values
