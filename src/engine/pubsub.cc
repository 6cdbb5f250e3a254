#include "engine/pubsub.h"

#include "base/glob.h"

namespace banyan::engine {

Messages PubSub::subscribe(unsigned worker, Topic topic, Bytes name) {
  const std::lock_guard lock(mutex_);
  auto found = names(topic).find(name);
  if (found == names(topic).end())
    found = names(topic).emplace(std::string(name), Counts(inboxes_.size())).first;
  ++found->second[worker];
  subscriptions_.fetch_add(1, std::memory_order_relaxed);
  return std::exchange(inboxes_[worker], {});
}

void PubSub::unsubscribe(unsigned worker, Topic topic, Bytes name) {
  const std::lock_guard lock(mutex_);
  const auto found = names(topic).find(name);
  --found->second[worker];
  subscriptions_.fetch_sub(1, std::memory_order_relaxed);
  for (const std::uint32_t count : found->second)
    if (count != 0) return;
  names(topic).erase(found);
}

std::size_t PubSub::publish(Message message, std::vector<unsigned>& waking) {
  if (subscriptions_.load(std::memory_order_relaxed) == 0) return 0;
  const std::lock_guard lock(mutex_);
  Counts receivers(inboxes_.size());
  const auto add = [&](const Counts& counts) {
    for (std::size_t worker = 0; worker < counts.size(); ++worker)
      receivers[worker] += counts[worker];
  };
  const auto found = names(message.topic).find(message.channel);
  if (found != names(message.topic).end()) add(found->second);
  if (message.topic == Topic::channel)
    for (const auto& [pattern, counts] : names(Topic::pattern))
      if (glob_match(pattern, message.channel)) add(counts);
  std::size_t sum = 0;
  const auto shared = std::make_shared<const Message>(std::move(message));
  for (unsigned worker = 0; worker < receivers.size(); ++worker) {
    if (receivers[worker] == 0) continue;
    sum += receivers[worker];
    if (inboxes_[worker].empty()) waking.push_back(worker);
    inboxes_[worker].push_back(shared);
  }
  return sum;
}

Messages PubSub::take(unsigned worker) {
  const std::lock_guard lock(mutex_);
  return std::exchange(inboxes_[worker], {});
}

std::vector<std::string> PubSub::active(Topic topic, Bytes pattern) const {
  const std::lock_guard lock(mutex_);
  std::vector<std::string> all;
  for (const auto& [name, counts] : names(topic))
    if (pattern.empty() || glob_match(pattern, name)) all.push_back(name);
  return all;
}

std::size_t PubSub::subscriber_count(Topic topic, Bytes name) const {
  const std::lock_guard lock(mutex_);
  const auto found = names(topic).find(name);
  if (found == names(topic).end()) return 0;
  std::size_t sum = 0;
  for (const std::uint32_t count : found->second) sum += count;
  return sum;
}

std::size_t PubSub::active_count(Topic topic) const {
  const std::lock_guard lock(mutex_);
  return names(topic).size();
}

}  // namespace banyan::engine
