// CLIENT INFO, LIST, KILL, UNBLOCK: looking at clients, and ending them. All but the first run
// alone on the node, so they may walk the connections of all workers.
#include <algorithm>
#include <optional>

#include <fmt/format.h>

#include "server/auth.h"
#include "server/client_handlers.h"
#include "server/node_access.h"

namespace banyan::server {

using commands::Call;
using commands::SessionKind;

namespace {

enum class ClientType : std::uint8_t { normal, replica, primary, pubsub };

Result<ClientType> parse_type(Bytes word) {
  if (equals_ignoring_case(word, "normal")) return ClientType::normal;
  if (equals_ignoring_case(word, "slave")) return ClientType::replica;
  if (equals_ignoring_case(word, "replica")) return ClientType::replica;
  if (equals_ignoring_case(word, "master")) return ClientType::primary;
  if (equals_ignoring_case(word, "pubsub")) return ClientType::pubsub;
  return fail(fmt::format("Unknown client type '{}'", word));
}

ClientType type_of(const Connection& connection) {
  switch (connection.session().kind) {
    case SessionKind::replica:
      return ClientType::replica;
    case SessionKind::primary:
      return ClientType::primary;
    case SessionKind::normal:
      return connection.is_subscribed() ? ClientType::pubsub : ClientType::normal;
    case SessionKind::internal:
      return ClientType::normal;
  }
  return ClientType::normal;
}

// The oldest first.
std::vector<Connection*> all_clients(Server& server) {
  std::vector<Connection*> all;
  for (const auto& worker : server.workers())
    for (const auto& [id, connection] : worker->connections())
      if (!connection->is_closing()) all.push_back(connection.get());
  std::sort(all.begin(), all.end(), [](const Connection* a, const Connection* b) {
    return a->session().id < b->session().id;
  });
  return all;
}

Connection* find_client(Server& server, std::uint64_t id) {
  for (const auto& worker : server.workers()) {
    Connection* connection = worker->find(id);
    if (connection != nullptr && !connection->is_closing()) return connection;
  }
  return nullptr;
}

// Writes the lines of CLIENT LIST and INFO; knows which of the clients is asking.
class Describer {
 public:
  Describer(const Call& call, ClientSession& self)
      : self_(self), now_(self.connection->worker().loop().now()) {
    self.last_command = call.spec.name;
    for (const Bytes word : call.words) argument_bytes_ += word.size();
  }
  void add(const Connection& client) {
    const bool is_self = &client == self_.connection;
    text_ += describe_client(client, now_, is_self ? argument_bytes_ : 0);
    text_ += '\n';
  }
  const std::string& text() const { return text_; }

 private:
  const ClientSession& self_;
  Instant now_;
  std::size_t argument_bytes_ = 0;
  std::string text_;
};

// What CLIENT KILL must match, all of it.
struct KillFilter {
  std::uint64_t id = 0;  // 0 = any, and so for the others
  std::optional<Bytes> address, local_address, user;
  std::optional<ClientType> type;
  std::int64_t age_seconds_min = 0;
  bool skips_self = true;

  // A link of replication: it has no client's id, user or age.
  bool matches_link(ClientType link_type, const Address& peer) const {
    if (id != 0 || user || local_address || age_seconds_min != 0) return false;
    return (!address || peer.to_string() == *address) && (!type || *type == link_type);
  }

  bool matches(const Connection& client, Instant now) const {
    const ClientSession& session = client.session();
    if (id != 0 && session.id != id) return false;
    if (address && client.peer().to_string() != *address) return false;
    if (local_address && client.local().to_string() != *local_address) return false;
    if (user && session.user != *user) return false;
    if (type && type_of(client) != *type) return false;
    const auto age = std::chrono::floor<std::chrono::seconds>(now - session.created);
    return age_seconds_min == 0 || age.count() >= age_seconds_min;
  }
};

Result<std::int64_t> positive(Bytes word, std::string_view not_positive,
                              std::string_view no_number) {
  const auto value = parse_int(word);
  if (!value) return fail(std::string(no_number));
  if (*value < 1) return fail(std::string(not_positive));
  return *value;
}

Result<> parse_option(Bytes name, Bytes value, KillFilter& filter) {
  if (equals_ignoring_case(name, "id")) {
    constexpr std::string_view kError = "client-id should be greater than 0";
    TRY(const std::int64_t id, positive(value, kError, kError));
    filter.id = static_cast<std::uint64_t>(id);
  } else if (equals_ignoring_case(name, "type")) {
    TRY(filter.type, parse_type(value));
  } else if (equals_ignoring_case(name, "addr")) {
    filter.address = value;
  } else if (equals_ignoring_case(name, "laddr")) {
    filter.local_address = value;
  } else if (equals_ignoring_case(name, "user")) {
    if (!user_exists(value)) return fail(fmt::format("No such user '{}'", value));
    filter.user = value;
  } else if (equals_ignoring_case(name, "maxage")) {
    TRY(filter.age_seconds_min, positive(value, "maxage should be greater than 0",
                                         "maxage is not an integer or out of range"));
  } else if (equals_ignoring_case(name, "skipme") && equals_ignoring_case(value, "yes")) {
    filter.skips_self = true;
  } else if (equals_ignoring_case(name, "skipme") && equals_ignoring_case(value, "no")) {
    filter.skips_self = false;
  } else {
    return fail(Errc::syntax);
  }
  return {};
}

Result<KillFilter> parse_filter(const Call& call) {
  KillFilter filter;
  if (call.size() == 3) {
    filter.address = call.arg(2);
    filter.skips_self = false;
    return filter;
  }
  for (std::size_t i = 2; i < call.size(); i += 2) {
    if (i + 1 == call.size()) return fail(Errc::syntax);
    TRY_DO(parse_option(call.arg(i), call.arg(i + 1), filter));
  }
  return filter;
}

// Runs `task` on the client's own worker, if the client is still there by then.
template <class Fn>
void post_to(Connection& client, Fn task) {
  auto& worker = static_cast<Worker&>(client.worker());
  worker.loop().post([&worker, id = client.session().id, task] {
    const Worker::Inside inside(worker);
    if (Connection* found = worker.find(id)) task(*found);
  });
}

bool is_waiting_for_keys(const ClientSession& session) {
  const engine::ClientState* state = engine::find_state(session);
  return state != nullptr && state->waiter != nullptr && state->waiter->waiting;
}

// It counts as gone from now on.
void kill(Server& server, Connection& client) {
  if (is_waiting_for_keys(client.session()))
    server.interest().remove(*engine::find_state(client.session())->waiter);
  client.session().close_asap = true;
  post_to(client, [](Connection& found) { found.close(); });
}

// The links to our replicas and to our primary. Returns how many go.
std::int64_t kill_links(Call& call, const KillFilter& filter) {
  Server& server = server_of(call);
  std::vector<std::uint64_t> feeds;
  for (const auto& [id, feed] : server.replication().feeds())
    if (filter.matches_link(ClientType::replica, feed->peer())) feeds.push_back(id);
  const auto primary = server.replication().upstream().peer();
  const bool kills_primary = primary && filter.matches_link(ClientType::primary, *primary);
  if (feeds.empty() && !kills_primary) return 0;
  const auto killed = static_cast<std::int64_t>(feeds.size()) + (kills_primary ? 1 : 0);
  const bool is_here = &worker_of(call) == &server.main_worker();
  // At once where that can be: whatever comes next in a transaction finds the link gone.
  if (kills_primary && is_here) server.replication().kill_link();
  server.env().main_loop().post(
      [&server, feeds = std::move(feeds), kills_later = kills_primary && !is_here] {
        const Worker::Inside inside(server.main_worker());
        for (const std::uint64_t id : feeds) server.replication().kill_feed(id);
        if (kills_later) server.replication().kill_link();
      });
  return killed;
}

}  // namespace

Result<> client_info(Call& call) {
  TRY(ClientSession * self, client_of(call));
  Describer describer(call, *self);
  describer.add(*self->connection);
  call.reply.verbatim("txt", describer.text());
  return {};
}

Result<> client_list(Call& call) {
  TRY(ClientSession * self, client_of(call));
  Server& server = server_of(call);
  Describer describer(call, *self);
  if (call.size() > 3 && call.is(2, "id")) {
    for (std::size_t i = 3; i < call.size(); ++i) {
      const auto id = parse_int(call.arg(i));
      if (!id) return fail("Invalid client ID");
      Connection* client = *id > 0 ? find_client(server, static_cast<std::uint64_t>(*id)) : nullptr;
      if (client != nullptr) describer.add(*client);
    }
  } else if (call.size() == 4 && call.is(2, "type")) {
    TRY(const ClientType type, parse_type(call.arg(3)));
    for (const Connection* client : all_clients(server))
      if (type_of(*client) == type) describer.add(*client);
  } else if (call.size() == 2) {
    for (const Connection* client : all_clients(server)) describer.add(*client);
  } else {
    return fail(Errc::syntax);
  }
  call.reply.verbatim("txt", describer.text());
  return {};
}

Result<> client_kill(Call& call) {
  TRY(ClientSession * self, client_of(call));
  TRY(const KillFilter filter, parse_filter(call));
  const Instant now = self->connection->worker().loop().now();
  std::int64_t killed = kill_links(call, filter);
  for (Connection* client : all_clients(server_of(call))) {
    const bool is_self = client == self->connection;
    if ((is_self && filter.skips_self) || !filter.matches(*client, now)) continue;
    ++killed;
    if (is_self) {
      self->close_after_reply = true;
    } else {
      kill(server_of(call), *client);
    }
  }
  if (call.size() > 3) {
    call.reply.integer(killed);
  } else if (killed == 0) {
    return fail("No such client");
  } else {
    call.reply.ok();
  }
  return {};
}

Result<> client_unblock(Call& call) {
  Unblock how = Unblock::timeout;
  if (call.size() > 4) return too_many_arguments(call);
  if (call.size() == 4 && call.is(3, "error")) {
    how = Unblock::error;
  } else if (call.size() == 4 && !call.is(3, "timeout")) {
    return fail("CLIENT UNBLOCK reason should be TIMEOUT or ERROR");
  }
  TRY(const std::int64_t id, call.int_arg(2));
  Connection* client =
      id > 0 ? find_client(server_of(call), static_cast<std::uint64_t>(id)) : nullptr;
  TRY(const ClientSession* self, client_of(call));
  const bool waits_for_keys = client != nullptr && is_waiting_for_keys(client->session());
  const bool is_blocked =
      waits_for_keys || (client != nullptr && client->session().unblock != nullptr);
  const auto unblock = [how, waits_for_keys](Connection& found) {
    if (waits_for_keys) {
      using engine::WaitEnd;
      (void)found.worker().dispatcher().end_wait(
          found.session().id, how == Unblock::error ? WaitEnd::error : WaitEnd::timeout);
    } else if (auto end = std::exchange(found.session().unblock, nullptr)) {
      end(how);  // taken out first: releasing the connection forgets it
    }
  };
  if (is_blocked && &client->worker() == &self->connection->worker()) {
    unblock(*client);
  } else if (is_blocked) {
    post_to(*client, unblock);
  }
  call.reply.integer(is_blocked ? 1 : 0);
  return {};
}

}  // namespace banyan::server
