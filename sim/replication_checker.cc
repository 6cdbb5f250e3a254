#include "sim/replication_checker.h"

#include <set>

#include <fmt/format.h>

#include "log/reader.h"
#include "replication/replica_link.h"
#include "values/list.h"

namespace banyan::sim {
namespace {

constexpr HashSecret kSecret{0x243f6a8885a308d3ULL, 0x13198a2e03707344ULL};

std::string id_of(const log::ReplicationId& id) { return std::string(id.text()); }

// The bytes [from, from + count) of a log that holds them.
std::string read_log(log::Log& log, log::Offset from, std::size_t count) {
  const auto reader = log::Reader::open(log, from);
  std::string bytes;
  std::array<Bytes, 64> pieces;
  while (reader && bytes.size() < count) {
    const std::size_t n = reader->read(pieces, count - bytes.size());
    if (n == 0) break;
    std::size_t read = 0;
    for (const Bytes piece : std::span(pieces).first(n)) {
      bytes += piece;
      read += piece.size();
    }
    reader->advance(read);
  }
  return bytes;
}

// A string, or the elements of a list.
std::string text_of(const store::Entry& entry) {
  IntegerText room;
  if (entry.is_string()) return std::string(entry.text(room));
  std::string all;
  values::ListView(entry.body()).visit_all([&](const encodings::ListpackValue& value) {
    all += value.as_text(room);
    all += ' ';
  });
  return all;
}

// Each key with its value and expiry.
std::map<std::string, std::string> dump_of(store::Keyspace& keyspace) {
  std::map<std::string, std::string> dump;
  for (unsigned db = 0; db < keyspace.database_count(); ++db)
    keyspace.for_each(db, [&](store::Entry& entry) {
      dump[fmt::format("{}/{}", db, entry.key())] =
          fmt::format("'{}' expires {}", text_of(entry), entry.expiry());
    });
  return dump;
}

// The first keys that differ.
std::string difference(store::Keyspace& a, store::Keyspace& b) {
  const auto left = dump_of(a), right = dump_of(b);
  std::set<std::string> keys;
  for (const auto& [key, value] : left) keys.insert(key);
  for (const auto& [key, value] : right) keys.insert(key);
  std::string out;
  int shown = 0;
  const auto text = [](const auto& dump, const std::string& key) {
    const auto found = dump.find(key);
    return found == dump.end() ? "nothing" : found->second.substr(0, 100);
  };
  for (const std::string& key : keys) {
    if (text(left, key) == text(right, key)) continue;
    if (++shown > 5) return out + "...\n";
    out += fmt::format("{}: {}\n     not {}\n", key, text(left, key), text(right, key));
  }
  return out;
}

}  // namespace

std::uint64_t digest_of(store::Keyspace& keyspace) {
  std::uint64_t sum = 0;
  for (unsigned db = 0; db < keyspace.database_count(); ++db) {
    if (keyspace.database(db).size() == 0) continue;
    const HashSecret secret{kSecret.a + db, kSecret.b};
    keyspace.for_each(db, [&](store::Entry& entry) {
      const std::uint64_t key = hash_bytes(entry.key(), secret);
      const std::uint64_t text = hash_bytes(text_of(entry), secret);
      sum += fold(key ^ kSecret.a, text + static_cast<std::uint64_t>(entry.expiry()));
    });
  }
  return sum;
}

std::optional<std::string> ReplicationChecker::value(server::Server& server, unsigned database,
                                                     Bytes key) {
  store::Keyspace& keyspace = server.keyspace();
  const store::Key place = keyspace.key(key);
  const store::Table::Slot slot = keyspace.table(database, place).find(key, place.hash);
  if (!slot) return std::nullopt;
  IntegerText room;
  return std::string(slot.entry()->text(room));
}

void ReplicationChecker::fail(std::string what) {
  if (failure_.empty()) failure_ = std::move(what);
}

void ReplicationChecker::compare(const std::string& history, std::int64_t offset,
                                 std::uint64_t digest, NodeId node) {
  const std::string seen =
      fmt::format("{} at {} us", ip_of(node), tree_.world().now().time_since_epoch().count());
  const auto [known, is_new] =
      contents_.try_emplace(fmt::format("{}:{}", history, offset), digest, seen);
  if (is_new) return;
  ++contents_compared_;
  if (known->second.digest != digest)
    fail(fmt::format("two contents at {}:{}: that of {} and that of {}", history, offset,
                     known->second.seen, seen));
}

void ReplicationChecker::look_at(NodeId node, server::Server& server) {
  if (!server.log().active()) return;
  const log::History& history = server.replication().history();
  const log::Window window = server.log().window();
  const Place now{tree_.starts(node), id_of(history.id), window.first,
                  &server.keyspace().database(0), window.next.bytes()};
  Place& before = places_[node];
  if (before.start == now.start && before.history == now.history) {
    // A snapshot begins a new log, and may be older where a chain was rebuilt: it may even begin
    // where the last one did.
    const bool is_same_log = now.first == before.first && now.tables == before.tables;
    if (now.offset < before.offset && is_same_log)
      fail(fmt::format("{} went back from {} to {} in history {}", ip_of(node), before.offset,
                       now.offset, now.history));
    if (now.offset == before.offset) return;
  }
  before = now;
  const std::uint64_t digest = digest_of(server.keyspace());
  compare(now.history, now.offset, digest, node);
  if (history.previous_valid_up_to == log::byte_after(server.log().next()))
    compare(id_of(history.previous_id), now.offset, digest, node);
}

void ReplicationChecker::look() {
  for (const NodeId node : tree_.world().nodes())
    if (server::Server* const server = tree_.find(node)) look_at(node, *server);
}

void ReplicationChecker::compare_logs() {
  const std::vector<NodeId>& nodes = tree_.world().nodes();
  for (std::size_t i = 0; i < nodes.size(); ++i)
    for (std::size_t j = i + 1; j < nodes.size(); ++j) compare_logs(nodes[i], nodes[j]);
}

void ReplicationChecker::compare_logs(NodeId a, NodeId b) {
  server::Server* const first = tree_.find(a);
  server::Server* const second = tree_.find(b);
  if (!first || !second || !first->log().active() || !second->log().active()) return;
  if (first->replication().history().id != second->replication().history().id) return;
  const log::Window x = first->log().window(), y = second->log().window();
  const log::Offset from = std::max(x.first, y.first), to = std::min(x.next, y.next);
  if (from >= to) return;
  const auto count = static_cast<std::size_t>(to - from);
  const std::string left = read_log(first->log(), from, count);
  const std::string right = read_log(second->log(), from, count);
  if (left == right && left.size() == count) return;
  const auto differ = std::mismatch(left.begin(), left.end(), right.begin(), right.end());
  const auto at = static_cast<std::size_t>(differ.first - left.begin());
  const std::size_t start = at - std::min<std::size_t>(at, 60);
  fail(fmt::format("the logs of {} and {} differ at byte {} of {}:\n{:?}\n{:?}", ip_of(a), ip_of(b),
                   from.bytes() + static_cast<std::int64_t>(at),
                   id_of(first->replication().history().id), left.substr(start, 160),
                   right.substr(start, 160)));
}

bool ReplicationChecker::is_in_step() {
  server::Server* const primary = tree_.find(tree_.primary());
  if (!primary) return false;
  for (const NodeId node : tree_.world().nodes()) {
    server::Server* const server = tree_.find(node);
    if (!server || !tree_.is_in_place(node)) return false;
    if (node == tree_.primary()) continue;
    if (!server->replication().is_link_up() || !server->log().active()) return false;
    if (server->log().next() != primary->log().next()) return false;
    if (server->replication().history().id != primary->replication().history().id) return false;
  }
  return true;
}

void ReplicationChecker::compare_contents() {
  std::map<std::uint64_t, std::string> by_digest;
  for (const NodeId node : tree_.world().nodes())
    by_digest[digest_of(tree_.find(node)->keyspace())] += " " + ip_of(node);
  if (by_digest.size() > 1) fail("the nodes are in step, but their contents differ");
}

std::string ReplicationChecker::describe() {
  std::string out;
  for (const NodeId node : tree_.world().nodes()) {
    server::Server* const server = tree_.find(node);
    out += fmt::format("{}{}: ", ip_of(node), node == tree_.primary() ? " (the primary)" : "");
    if (!server) {
      out += "down\n";
      continue;
    }
    const server::Replication& replication = server->replication();
    out +=
        fmt::format("{}:{}{} link {}, {} replicas, content {:x}\n", replication.history().id.text(),
                    server->log().next().bytes(), server->log().active() ? "" : " (no log)",
                    replication::to_string(replication.upstream().link().state()),
                    replication.feeds().size(), digest_of(server->keyspace()));
  }
  return out + describe_differences();
}

// Between nodes at the same position.
std::string ReplicationChecker::describe_differences() {
  std::map<std::string, server::Server*> first_at;
  std::string out;
  for (const NodeId node : tree_.world().nodes()) {
    server::Server* const server = tree_.find(node);
    if (!server || !server->log().active()) continue;
    const std::string position = fmt::format("{}:{}", server->replication().history().id.text(),
                                             server->log().next().bytes());
    const auto [at, is_new] = first_at.emplace(position, server);
    if (!is_new) out += difference(at->second->keyspace(), server->keyspace());
  }
  return out;
}

}  // namespace banyan::sim
