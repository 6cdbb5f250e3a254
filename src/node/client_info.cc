#include <fmt/format.h>

#include "node/worker.h"

namespace banyan::node {

using commands::SessionKind;

namespace {

// Replies up to here are what Redis keeps in the client itself; beyond is its reply list.
constexpr std::size_t kOwnBufferBytes = 16 * 1024;

std::string flags_of(const Connection& connection) {
  const ClientSession& s = connection.session();
  std::string flags;
  if (s.kind == SessionKind::replica) flags += 'S';
  if (s.kind == SessionKind::primary) flags += 'M';
  const engine::ClientState* state = engine::find_state(s);
  if (connection.is_subscribed()) flags += 'P';
  if (state != nullptr && state->transaction.open) flags += 'x';
  if (connection.is_held()) flags += 'b';
  if (state != nullptr && state->watches.dirty) flags += 'd';
  if (s.close_after_reply) flags += 'c';
  if (connection.is_closing()) flags += 'A';
  if (!connection.local().path.empty()) flags += 'U';
  if (s.no_evict) flags += 'e';
  if (s.no_touch) flags += 'T';
  return flags.empty() ? "N" : flags;
}

std::string events_of(const Connection& connection) {
  if (connection.is_closing()) return "";
  return connection.awaits_room() ? "rw" : "r";
}

}  // namespace

std::string describe_client(const Connection& connection, Instant now, std::size_t argument_bytes) {
  const ClientSession& s = connection.session();
  const auto seconds = [&](Instant since) {
    // What another worker noted may be later than this worker's idea of now.
    return std::max<std::int64_t>(0, std::chrono::floor<std::chrono::seconds>(now - since).count());
  };
  const resp::Output& output = connection.output();
  const bool fits = output.size() <= kOwnBufferBytes;
  const std::size_t buffer = output.memory_bytes();
  const engine::ClientState* state = engine::find_state(s);
  const bool in_multi = state != nullptr && state->transaction.open;
  const auto subscriptions = [&](engine::Topic topic) {
    return state == nullptr ? 0 : state->subscriptions.of(topic).size();
  };
  const std::size_t queued_bytes = state == nullptr ? 0 : state->transaction.memory_bytes;
  const std::size_t memory = sizeof(Connection) + connection.input_capacity() + buffer +
                             s.name.capacity() + s.library_name.capacity() +
                             s.library_version.capacity() + argument_bytes + queued_bytes;
  return fmt::format(
      "id={} addr={} laddr={} fd={} name={} age={} idle={} flags={} db={} sub={} psub={} ssub={} "
      "multi={} qbuf={} qbuf-free={} argv-mem={} multi-mem={} rbs={} rbp={} obl={} oll={} omem={} "
      "tot-mem={} events={} cmd={} user={} redir=-1 resp={} lib-name={} lib-ver={}",
      s.id, s.peer, connection.local().to_string(), connection.descriptor(), s.name,
      seconds(s.created), seconds(s.last_used), flags_of(connection), s.database,
      subscriptions(engine::Topic::channel), subscriptions(engine::Topic::pattern),
      subscriptions(engine::Topic::shard_channel),
      in_multi ? static_cast<std::int64_t>(state->transaction.commands.size()) : -1,
      connection.input_bytes(), connection.input_free_bytes(), argument_bytes, queued_bytes,
      std::min(buffer, kOwnBufferBytes), std::min(output.size(), kOwnBufferBytes),
      fits ? output.size() : 0, fits ? 0 : (buffer + kOwnBufferBytes - 1) / kOwnBufferBytes,
      fits ? 0 : buffer, memory, events_of(connection),
      s.last_command.empty() ? "NULL" : s.last_command, s.user, static_cast<int>(s.protocol),
      s.library_name, s.library_version);
}

}  // namespace banyan::node
