#include "values/stream_groups.h"

namespace banyan::values {

StreamGroup StreamGroup::copy() const {
  StreamGroup result(last_id, entries_read);
  for (const auto& [name, consumer] : consumers_) {
    StreamConsumer* made = result.create_consumer(name, consumer->seen);
    made->active = consumer->active;
  }
  for (auto at = pending_.begin(); !pending_.is_end(at); at = pending_.next(at)) {
    StreamPending pending = pending_.at(at);
    pending.consumer = result.find_consumer(pending.consumer->name);
    result.append_pending(pending);
  }
  return result;
}

StreamConsumer* StreamGroup::find_consumer(Bytes name) const {
  const auto found = consumers_.find(name);
  return found == consumers_.end() ? nullptr : found->second.get();
}

StreamConsumer* StreamGroup::create_consumer(Bytes name, UnixMs now) {
  const auto place = consumers_.lower_bound(name);
  if (place != consumers_.end() && place->first == name) return nullptr;
  auto consumer = std::make_unique<StreamConsumer>(name, now);
  const Bytes key = consumer->name;
  return consumers_.emplace_hint(place, key, std::move(consumer))->second.get();
}

std::optional<std::size_t> StreamGroup::erase_consumer(Bytes name) {
  const auto found = consumers_.find(name);
  if (found == consumers_.end()) return std::nullopt;
  const OrderedById<StreamId>& ids = found->second->pending;
  const std::size_t count = ids.size();
  for (auto at = ids.begin(); !ids.is_end(at); at = ids.next(at)) pending_.erase(ids.at(at));
  consumers_.erase(found);
  return count;
}

StreamPending& StreamGroup::assign(StreamId id, StreamConsumer& consumer) {
  StreamPending& pending = pending_.insert({.id = id});
  if (pending.consumer != &consumer) {
    if (pending.consumer != nullptr) pending.consumer->pending.erase(id);
    consumer.pending.insert(id);
    pending.consumer = &consumer;
  }
  return pending;
}

void StreamGroup::append_pending(const StreamPending& pending) {
  pending_.append(pending);
  if (pending.consumer != nullptr) pending.consumer->pending.append(pending.id);
}

bool StreamGroup::acknowledge(StreamId id) {
  const auto at = pending_.lower_bound(id);
  if (pending_.is_end(at) || pending_.at(at).id != id) return false;
  pending_.at(at).consumer->pending.erase(id);
  pending_.erase(at);
  return true;
}

std::size_t StreamGroup::memory_bytes() const {
  std::size_t bytes = pending_.memory_bytes();
  for (const auto& [name, consumer] : consumers_)
    bytes += sizeof(Consumers::value_type) + 32 + name.size() + sizeof(StreamConsumer) +
             consumer->pending.memory_bytes();
  return bytes;
}

}  // namespace banyan::values
