// Subscribers: the clients of one worker that are subscribed, and how messages reach them.
//
// Vocabulary   Topic and message: see pubsub.h. Clients of one name get a message in the order in
//              which they subscribed.
// Threads      The worker's.
#pragma once

#include <map>

#include "engine/host.h"
#include "engine/pubsub.h"

namespace banyan::engine {

// What one client is subscribed to: each name with its place in the order.
struct Subscriptions {
  using Names = std::map<std::string, std::uint64_t, std::less<>>;
  std::array<Names, kTopics> topics;

  Names& of(Topic topic) { return topics[static_cast<std::size_t>(topic)]; }
  const Names& of(Topic topic) const { return topics[static_cast<std::size_t>(topic)]; }
  // What a reply about `topic` tells: shard channels are counted for themselves.
  std::size_t count_beside(Topic topic) const {
    return topic == Topic::shard_channel ? of(topic).size()
                                         : of(Topic::channel).size() + of(Topic::pattern).size();
  }
  bool any() const { return !topics[0].empty() || !topics[1].empty() || !topics[2].empty(); }
};

class Subscribers {
 public:
  // False when it is already.
  bool add(Subscriptions& own, std::uint64_t client, Topic topic, Bytes name);
  // False when it was not.
  bool remove(Subscriptions& own, Topic topic, Bytes name);
  // Writes `message` to the clients that are to have it.
  void deliver(const Message& message, Host& host) const;

 private:
  using Clients = std::map<std::uint64_t, std::uint64_t>;  // by their places
  std::array<std::map<std::string, Clients, std::less<>>, kTopics> topics_;
  std::uint64_t last_place_ = 0;
};

}  // namespace banyan::engine
