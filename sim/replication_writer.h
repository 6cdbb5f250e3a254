// ReplicationWriter: a client that writes to the primary of a tree and remembers what was
// acknowledged.
//
// Vocabulary   Keys are *shared* (all writers change them in all ways), *own*: set by one
//              connection of one writer, to growing numbers, and never removed; or *fresh*: set
//              once, so that tables grow.
// Invariants   What was acknowledged in an era is there until the era ends. A write that WAIT
//              counted n times was in n replicas at that moment.
// Threads      None. Must not outlive its World.
#pragma once

#include "sim/client.h"
#include "sim/replication_checker.h"

namespace banyan::sim {

class ReplicationWriter {
 public:
  struct Habits {
    unsigned number = 1;
    std::uint64_t seed = 1;
    double fresh_share = 0;  // of its writes in the first database
  };
  ReplicationWriter(ReplicationTree& tree, ReplicationChecker& checker, const Habits& habits);

  // Takes replies; sends more when `writes`.
  void tick(bool writes);
  // Everything acknowledged in this era must be in the primary. Call when all is quiet.
  void check_acknowledged();
  std::uint64_t acknowledged() const { return acknowledged_; }

 private:
  struct OwnKey {
    unsigned database = 0;
    std::string name;
    friend auto operator<=>(const OwnKey&, const OwnKey&) = default;
  };
  enum class Kind : std::uint8_t { other, own, wait };
  struct Sent {
    Kind kind = Kind::other;
    OwnKey key{};
    std::int64_t number = 0;
    std::uint64_t era = 0;
    std::vector<unsigned>
        starts{};  // of the nodes; for `wait`, empty when the plan is not in force
  };

  void connect();
  void send_batch();
  void send(std::initializer_list<Bytes> words) { send(words, Sent()); }
  void send(std::initializer_list<Bytes> words, Sent sent);
  void send_shared(unsigned database);
  void send_own(unsigned database);
  void send_fresh();
  void send_list();
  void send_rare();
  void send_keys_again();
  void take_reply(const std::string& line);
  void on_wait(const Sent& sent, std::size_t reached);
  std::vector<unsigned> starts();
  std::string shared_key();
  std::string fresh_value();
  std::optional<std::int64_t> number_in(server::Server& server, const OwnKey& key);

  ReplicationTree& tree_;
  ReplicationChecker& checker_;
  Rng rng_;
  Client client_;
  unsigned writer_;
  unsigned connections_ = 0;
  NodeId to_ = NodeId::none;
  Instant heard_at_{};
  std::int64_t counter_ = 0;
  std::size_t depth_ = 1;
  double fresh_share_ = 0;
  unsigned fresh_keys_ = 0;
  std::string batch_;
  std::deque<Sent> sent_;
  OwnKey last_own_;
  std::int64_t last_number_ = 0;
  std::map<OwnKey, std::int64_t> kept_;  // acknowledged in kept_era_
  std::uint64_t kept_era_ = 0;
  std::uint64_t acknowledged_ = 0;
};

}  // namespace banyan::sim
