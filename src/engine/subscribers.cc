#include "engine/subscribers.h"

#include "base/glob.h"
#include "resp/reply_writer.h"

namespace banyan::engine {

bool Subscribers::add(Subscriptions& own, std::uint64_t client, Topic topic, Bytes name) {
  if (own.of(topic).contains(name)) return false;
  const std::uint64_t place = ++last_place_;
  own.of(topic).emplace(std::string(name), place);
  topics_[static_cast<std::size_t>(topic)][std::string(name)].emplace(place, client);
  return true;
}

bool Subscribers::remove(Subscriptions& own, Topic topic, Bytes name) {
  const auto mine = own.of(topic).find(name);
  if (mine == own.of(topic).end()) return false;
  auto& names = topics_[static_cast<std::size_t>(topic)];
  const auto found = names.find(name);
  found->second.erase(mine->second);
  if (found->second.empty()) names.erase(found);
  own.of(topic).erase(mine);
  return true;
}

void Subscribers::deliver(const Message& message, Host& host) const {
  const auto send = [&](const Clients& clients, const std::string* pattern) {
    for (const auto& [place, id] : clients) {
      const Host::Client client = host.find_client(id);
      if (client.session == nullptr) continue;
      resp::ReplyWriter reply(*client.output, client.session->protocol);
      reply.push(pattern != nullptr ? 4 : 3);
      if (pattern != nullptr) {
        reply.bulk("pmessage");
        reply.bulk(*pattern);
      } else {
        reply.bulk(message.topic == Topic::channel ? "message" : "smessage");
      }
      reply.bulk(message.channel);
      reply.bulk(message.text);
      host.send_later(id);
    }
  };
  const auto& names = topics_[static_cast<std::size_t>(message.topic)];
  const auto found = names.find(message.channel);
  if (found != names.end()) send(found->second, nullptr);
  if (message.topic != Topic::channel) return;
  for (const auto& [pattern, clients] : topics_[static_cast<std::size_t>(Topic::pattern)])
    if (glob_match(pattern, message.channel)) send(clients, &pattern);
}

}  // namespace banyan::engine
