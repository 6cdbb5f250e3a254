// The dispatcher's part in publish and subscribe, and the messages about keys.
#include <fmt/format.h>

#include "engine/dispatcher.h"

namespace banyan::engine {

using commands::EventKind;
using config::KeyEvent;

namespace {

KeyEvent class_of(EventKind kind) {
  switch (kind) {
    case EventKind::generic:
      return KeyEvent::generic;
    case EventKind::string:
      return KeyEvent::string;
    case EventKind::list:
      return KeyEvent::list;
    case EventKind::set:
      return KeyEvent::set;
    case EventKind::hash:
      return KeyEvent::hash;
    case EventKind::sorted_set:
      return KeyEvent::sorted_set;
    case EventKind::stream:
      return KeyEvent::stream;
    case EventKind::expired:
      return KeyEvent::expired;
    case EventKind::evicted:
      return KeyEvent::evicted;
    case EventKind::new_key:
      return KeyEvent::new_key;
    case EventKind::key_miss:
      return KeyEvent::key_miss;
  }
  return KeyEvent::generic;
}

}  // namespace

void Dispatcher::on_change(unsigned database, Bytes key, EventKind kind, Bytes event) {
  if (shared_.key_events.has(class_of(kind))) tell_subscribers(database, key, event);
  if (kind == EventKind::key_miss) return;
  if (shared_.interest.on_change(database, shared_.keyspace.key(key)))
    add_ready({database, std::string(key)});
}

void Dispatcher::tell_subscribers(unsigned database, Bytes key, Bytes event) {
  if (shared_.key_events.has(KeyEvent::keyspace_channel))
    (void)publish(Topic::channel, fmt::format("__keyspace@{}__:{}", database, key), event);
  if (shared_.key_events.has(KeyEvent::keyevent_channel))
    (void)publish(Topic::channel, fmt::format("__keyevent@{}__:{}", database, event), key);
}

// The worker's own clients get it behind the command, so that it cannot come into a reply.
std::size_t Dispatcher::publish(Topic topic, std::string channel, Bytes text) {
  std::vector<unsigned> waking;
  const std::size_t receivers =
      shared_.pubsub.publish({topic, std::move(channel), std::string(text)}, waking);
  for (const unsigned worker : waking) {
    if (worker == worker_) {
      has_messages_ = context_.aftermath = true;
    } else {
      Dispatcher& other = *shared_.dispatchers[worker];
      other.host_.post_inside([&other] { other.deliver(); });
    }
  }
  return receivers;
}

void Dispatcher::deliver() {
  has_messages_ = false;
  for (const auto& message : shared_.pubsub.take(worker_)) subscribers_.deliver(*message, host_);
}

bool Dispatcher::subscribe(commands::Session& session, Topic topic, Bytes name) {
  Subscriptions& own = state_of(session).subscriptions;
  if (own.of(topic).contains(name)) return false;
  // What was published before is for those only who are here already.
  for (const auto& message : shared_.pubsub.subscribe(worker_, topic, name))
    subscribers_.deliver(*message, host_);
  return subscribers_.add(own, session.id, topic, name);
}

bool Dispatcher::unsubscribe(commands::Session& session, Topic topic, Bytes name) {
  ClientState* state = find_state(session);
  if (state == nullptr || !state->subscriptions.of(topic).contains(name)) return false;
  shared_.pubsub.unsubscribe(worker_, topic, name);
  return subscribers_.remove(state->subscriptions, topic, name);
}

void Dispatcher::unsubscribe_all(commands::Session& session) {
  ClientState* state = find_state(session);
  if (state == nullptr) return;
  for (const Topic topic : {Topic::channel, Topic::pattern, Topic::shard_channel})
    while (!state->subscriptions.of(topic).empty())
      (void)unsubscribe(session, topic, std::string(state->subscriptions.of(topic).begin()->first));
}

}  // namespace banyan::engine
