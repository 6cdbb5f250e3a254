#include "sim/replication_writer.h"

#include <fmt/format.h>

#include "base/number.h"
#include "resp/request_writer.h"

namespace banyan::sim {
namespace {

constexpr unsigned kDatabases = 3;
constexpr unsigned kSharedKeys = 300;     // in each database
constexpr unsigned kFreshKeysMax = 1500;  // of each writer
constexpr Duration kPatience = 3s;

// What a server may say to a writer of this world.
bool is_expected(Bytes error) {
  constexpr std::array<Bytes, 11> kExpected{
      "-READONLY",
      "-LOADING",
      "-MISCONF",
      "-NOREPLICAS",
      "-ERR no such key",
      "-ERR source and destination objects are the same",
      "-ERR WAIT cannot be used with replica",
      "-ERR Background save already in progress",
      "-ERR error saving, see the log",
      "-ERR Another child process is active",
      "-ERR value is not an integer",
  };
  return std::any_of(kExpected.begin(), kExpected.end(),
                     [&](Bytes start) { return error.starts_with(start); });
}

}  // namespace

ReplicationWriter::ReplicationWriter(ReplicationTree& tree, ReplicationChecker& checker,
                                     const Habits& habits)
    : tree_(tree),
      checker_(checker),
      rng_(habits.seed),
      client_(tree.world(), fmt::format("writer{}", habits.number)),
      writer_(habits.number),
      depth_(rng_.chance(0.3) ? 1 : 1 + rng_.below(40)),
      fresh_share_(habits.fresh_share) {}

void ReplicationWriter::connect() {
  to_ = tree_.primary();
  ++connections_;
  sent_.clear();
  last_own_ = {};
  heard_at_ = tree_.world().now();
  client_.connect(to_, ServerNode::kPort);
}

void ReplicationWriter::tick(bool writes) {
  while (const auto line = client_.take_line()) take_reply(*line);
  const bool is_late = tree_.world().now() - heard_at_ > kPatience;
  const bool is_gone = client_.state() != Client::State::connecting && !client_.is_connected();
  const bool is_waiting = !sent_.empty() || !client_.is_connected();
  if (to_ != tree_.primary() || is_gone || (is_late && is_waiting)) return connect();
  if (!is_waiting) heard_at_ = tree_.world().now();
  if (writes && client_.is_connected() && sent_.size() <= depth_) send_batch();
}

std::string ReplicationWriter::fresh_value() {
  std::string value = fmt::format("{}-{}", writer_, ++counter_);
  if (rng_.chance(0.01)) return value + std::string(rng_.below(30'000), 'x');
  return value + std::string(rng_.below(40), '.');
}

std::string ReplicationWriter::shared_key() { return fmt::format("k{}", rng_.below(kSharedKeys)); }

void ReplicationWriter::send(std::initializer_list<Bytes> words, Sent sent) {
  batch_ += resp::encode_command(words);
  sent.era = tree_.era();
  sent_.push_back(std::move(sent));
}

void ReplicationWriter::send_batch() {
  const unsigned database = static_cast<unsigned>(rng_.below(kDatabases));
  send({"SELECT", std::to_string(database)});
  server::Server* const server = tree_.find(to_);
  if (server && server->keyspace().database(database).size() < kSharedKeys / 2) send_keys_again();
  for (std::size_t left = 1 + rng_.below(depth_); left > 0; --left) {
    if (fresh_share_ > 0 && database == 0 && rng_.chance(fresh_share_)) {
      send_fresh();
    } else if (rng_.chance(0.2)) {
      send_own(database);
    } else if (rng_.chance(0.003)) {
      send_rare();
    } else {
      send_shared(database);
    }
  }
  if (rng_.chance(0.1) && last_own_.database == database && !last_own_.name.empty()) {
    const std::string copies = std::to_string(1 + rng_.below(2));
    send({"WAIT", copies, std::to_string(rng_.between(1, 1000))},
         {.kind = Kind::wait, .key = last_own_, .number = last_number_, .starts = starts()});
  }
  client_.send(std::exchange(batch_, {}));
}

// At the start, and when a restart lost most of them: many keys, so that walks meet writers.
void ReplicationWriter::send_keys_again() {
  std::vector<std::string> words{"MSET"};
  for (unsigned i = 0; i < kSharedKeys; ++i) {
    words.push_back(fmt::format("k{}", i));
    words.push_back(fresh_value());
  }
  resp::append_command(batch_, std::vector<Bytes>(words.begin(), words.end()));
  sent_.push_back({.era = tree_.era()});
}

void ReplicationWriter::send_own(unsigned database) {
  last_own_ = {database, fmt::format("own:{}:{}:{}", writer_, connections_, rng_.below(4))};
  last_number_ = ++counter_;
  std::string value = std::to_string(last_number_);
  if (rng_.chance(0.5)) value += " padded so that it is no integer";
  send({"SET", last_own_.name, value},
       {.kind = Kind::own, .key = last_own_, .number = last_number_});
}

void ReplicationWriter::send_fresh() {
  if (fresh_keys_ == kFreshKeysMax) return;
  send({"SET", fmt::format("fresh:{}:{}", writer_, ++fresh_keys_), fresh_value()});
}

void ReplicationWriter::send_shared(unsigned database) {
  const std::string key = shared_key();
  switch (rng_.below(15)) {
    case 0:
      return send({"DEL", key});
    case 1:
      return send({"INCR", "n" + key});
    case 2:
    case 3:
      return send({"APPEND", key, fmt::format("+{}", ++counter_)});
    case 4:
      return send({"PEXPIRE", key, std::to_string(rng_.between(1, 4000))});
    case 5:
      return send({"MSET", key, fresh_value(), shared_key(), fresh_value()});
    case 6:
      return send({"SETRANGE", key, std::to_string(rng_.below(60)), "<...>"});
    case 7:
      return send({"SET", key, fresh_value(), "PX", std::to_string(rng_.between(1, 4000))});
    case 8:
      return send({"RENAME", key, shared_key()});
    case 9:
      return send(
          {"COPY", key, shared_key(), "DB", std::to_string(rng_.below(kDatabases)), "REPLACE"});
    case 10:
      return send({"MOVE", key, std::to_string((database + 1) % kDatabases)});
    case 11:
      return send({"EXPIRE", key, std::to_string(rng_.between(-1, 3))});
    case 12:
      return send({"PERSIST", key});
    case 13:
      return send_list();
    default:
      return send({"SET", key, fresh_value()});
  }
}

// Lists become large enough for snapshots to write them in pieces.
void ReplicationWriter::send_list() {
  const std::string key = fmt::format("list{}", rng_.below(2));
  std::vector<std::string> words{"RPUSH", key};
  for (int i = 0; i < 30; ++i)
    words.push_back(fmt::format("{}-{}{}", writer_, ++counter_, std::string(400, ',')));
  resp::append_command(batch_, std::vector<Bytes>(words.begin(), words.end()));
  sent_.push_back({.era = tree_.era()});
  send({"LTRIM", key, "-300", "-1"});
}

void ReplicationWriter::send_rare() {
  if (rng_.chance(0.7)) return send({"BGSAVE"});
  send({"SAVE"});
}

std::vector<unsigned> ReplicationWriter::starts() {
  std::vector<unsigned> all;
  for (const NodeId node : tree_.world().nodes()) {
    if (!tree_.is_in_place(node)) return {};
    all.push_back(tree_.starts(node));
  }
  return all;
}

void ReplicationWriter::take_reply(const std::string& line) {
  heard_at_ = tree_.world().now();
  if (sent_.empty()) return checker_.fail("a reply that nobody asked for: " + line);
  const Sent sent = std::move(sent_.front());
  sent_.pop_front();
  if (line.starts_with('-') && !is_expected(line)) checker_.fail("an unexpected error: " + line);
  if (sent.era != tree_.era() || line.starts_with('-')) return;
  if (sent.kind == Kind::own) {
    if (line != "+OK") return checker_.fail("SET was answered by " + line);
    if (std::exchange(kept_era_, sent.era) != sent.era) kept_.clear();
    kept_[sent.key] = sent.number;
    ++acknowledged_;
  } else if (sent.kind == Kind::wait && !sent.starts.empty()) {
    const auto reached = parse_unsigned(Bytes(line).substr(1));
    if (!line.starts_with(':') || !reached) return checker_.fail("WAIT was answered by " + line);
    on_wait(sent, static_cast<std::size_t>(*reached));
  }
}

// A node that started anew since then may have lost what it had acknowledged.
void ReplicationWriter::on_wait(const Sent& sent, std::size_t reached) {
  const auto kept = kept_.find(sent.key);
  if (kept_era_ != sent.era || kept == kept_.end() || kept->second < sent.number) return;
  std::size_t present = 0;
  const std::vector<NodeId>& nodes = tree_.world().nodes();
  for (std::size_t i = 0; i < nodes.size(); ++i) {
    if (nodes[i] == tree_.primary()) continue;
    server::Server* const server = tree_.find(nodes[i]);
    if (!server || tree_.starts(nodes[i]) != sent.starts[i]) {
      ++present;
    } else if (const auto number = number_in(*server, sent.key); number >= sent.number) {
      ++present;
    }
  }
  if (present < reached)
    checker_.fail(fmt::format("WAIT counted {} copies of {} = {}, but there are {}", reached,
                              sent.key.name, sent.number, present));
}

std::optional<std::int64_t> ReplicationWriter::number_in(server::Server& server,
                                                         const OwnKey& key) {
  const auto text = ReplicationChecker::value(server, key.database, key.name);
  if (!text) return std::nullopt;
  return parse_int(Bytes(*text).substr(0, text->find(' ')));
}

void ReplicationWriter::check_acknowledged() {
  server::Server* const primary = tree_.find(tree_.primary());
  if (kept_era_ != tree_.era() || !primary) return;
  for (const auto& [key, number] : kept_) {
    const auto found = number_in(*primary, key);
    if (found >= number) continue;
    checker_.fail(fmt::format("{} = {} in database {} was acknowledged and is lost: it is {}",
                              key.name, number, key.database, found.value_or(-1)));
  }
}

}  // namespace banyan::sim
