// PubSub: who of a node is subscribed to what, and messages on their way to the workers of
// subscribers.
//
// Vocabulary   A *topic* is a kind of name: a channel, a pattern of channels, a shard channel.
//              A worker's *inbox* holds the messages that its clients are still to be sent.
// Invariants   A message goes to the inboxes of all workers concerned under one lock, so that
//              the messages of a channel have one order for all subscribers (DESIGN R5).
//              A client that subscribes gets what is published later, and nothing else.
// Threads      Any.
#pragma once

#include <array>
#include <atomic>
#include <memory>
#include <mutex>
#include <string>
#include <unordered_map>
#include <utility>
#include <vector>

#include "base/bytes.h"

namespace banyan::engine {

enum class Topic : std::uint8_t { channel, pattern, shard_channel };
inline constexpr std::size_t kTopics = 3;

struct Message {
  Topic topic;  // channel or shard_channel
  std::string channel;
  std::string text;
};
using Messages = std::vector<std::shared_ptr<const Message>>;

class PubSub {
 public:
  explicit PubSub(unsigned workers) : inboxes_(workers) {}

  // One more client of `worker` is subscribed. Returns what was in the inbox: published before.
  [[nodiscard]] Messages subscribe(unsigned worker, Topic topic, Bytes name);
  void unsubscribe(unsigned worker, Topic topic, Bytes name);

  // Returns how many clients are to get the message. Adds to `waking` the workers whose inboxes
  // were empty.
  std::size_t publish(Message message, std::vector<unsigned>& waking);
  Messages take(unsigned worker);

  std::vector<std::string> active(Topic topic, Bytes pattern) const;  // an empty one matches all
  std::size_t subscriber_count(Topic topic, Bytes name) const;
  std::size_t active_count(Topic topic) const;

 private:
  using Counts = std::vector<std::uint32_t>;  // of subscribers, by worker
  struct Hash {
    using is_transparent = void;
    std::size_t operator()(Bytes text) const { return std::hash<Bytes>()(text); }
  };
  using Names = std::unordered_map<std::string, Counts, Hash, std::equal_to<>>;

  Names& names(Topic topic) { return topics_[static_cast<std::size_t>(topic)]; }
  const Names& names(Topic topic) const { return topics_[static_cast<std::size_t>(topic)]; }

  std::atomic<std::size_t> subscriptions_ = 0;
  mutable std::mutex mutex_;  // of what follows
  std::array<Names, kTopics> topics_;
  std::vector<Messages> inboxes_;
};

}  // namespace banyan::engine
