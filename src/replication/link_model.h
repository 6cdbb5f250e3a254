// The world of link_model_test.cc: nodes with the real cores and an abstract history, joined by
// wires that delay, cut at any byte and lose. All from one seed.
//
// Vocabulary   A wire's end 0 is the replica's, end 1 the primary's.
// Threads      None.
#pragma once

#include <gtest/gtest.h>

#include <functional>
#include <map>
#include <memory>

#include "base/rng.h"
#include "replication/framing.h"
#include "replication/replica_link.h"
#include "replication/snapshot_plan.h"

namespace banyan::replication::model {

constexpr Duration kTimeout = 10s;
constexpr std::int64_t kBacklogBytes = 600;

// A node's data (only its digest) and its log.
struct History {
  std::string replid, second_replid = std::string(kReplidSize, '0');
  std::int64_t second_next = -1;
  std::int64_t first = 1;
  std::string bytes;  // numbers [first, next())
  std::uint64_t digest = 0;

  std::int64_t next() const { return first + static_cast<std::int64_t>(bytes.size()); }
  Position position() const { return {replid, next() - 1}; }
  LogWindow window() const { return {replid, second_replid, second_next, first, next(), true}; }
  Bytes from(std::int64_t number) const {
    return Bytes(bytes).substr(static_cast<std::size_t>(number - first));
  }
  void apply(Bytes command) {
    bytes += command;
    for (const char c : command) digest = (digest ^ static_cast<unsigned char>(c)) * 0x100000001b3U;
  }
  void rename(std::string id) {
    second_replid = std::exchange(replid, std::move(id));
    second_next = next();
  }
};

struct Wire {  // end 0 is the replica's, end 1 the primary's
  int node[2];
  bool open[2] = {true, true};
  bool loses = false;
  Instant last[2] = {};
};
using WirePtr = std::shared_ptr<Wire>;

class Node;

struct World {
  explicit World(std::uint64_t seed);
  void run_for(Duration duration);
  void trouble();
  void heal();
  void at(Duration delay, std::function<void()> what) {
    queue.emplace(now + delay, std::move(what));
  }
  Duration delay() {
    return std::chrono::milliseconds(rng.between(0, is_troubled && rng.chance(0.02) ? 4000 : 20));
  }
  void send(const WirePtr& wire, int end, Bytes bytes);
  void close(const WirePtr& wire, int end);
  void cut(const WirePtr& wire);
  std::string new_id();
  void record(const History& history);

  Rng rng;
  Instant now{1000s};
  std::multimap<Instant, std::function<void()>> queue;  // equal times: in order of insertion
  std::vector<std::unique_ptr<Node>> nodes;
  std::vector<WirePtr> wires;
  bool is_troubled = true;
  bool is_diskless = true;
  bool is_writing = true;
  std::map<std::pair<std::string, std::int64_t>, std::uint64_t> truth;  // digest at each position
  int full_syncs = 0, partial_syncs = 0, snapshots_adopted = 0;
};

// What the server's drivers will do: carry out actions, decide nothing.
class Node {
 public:
  Node(World& world, int index) : world_(world), index_(index) { restart_empty(); }

  const ReplicaLink& link() const { return link_; }
  const History& history() const { return history_; }
  bool is_primary() const { return link_.state() == ReplicaLink::State::none; }

  void follow(std::optional<int> primary) {
    std::optional<Address> address;
    if (primary) address = Address{"node", *primary};
    tell(link::TopologyChanged{address, history_.position()});
  }
  void write(Bytes command) {
    history_.apply(command);
    world_.record(history_);
    feed_stream();
  }
  void save() { saved_ = history_; }
  // Comes back with what it saved last.
  void crash();
  void tick();
  void attach(const WirePtr& wire) {
    const ReplicaId id = ++last_id_;
    sessions_.emplace(id, Session{ReplicaFeed{"10.0.0.1"}, wire});
  }
  void on_connected(const WirePtr& wire, bool ok);
  void on_closed(const WirePtr& wire);
  void receive(const WirePtr& wire, Bytes bytes);
  std::int64_t acked_least() const;

 private:
  struct Session {
    ReplicaFeed feed;
    WirePtr wire;
    std::string input{};
    std::int64_t hold = INT64_MAX;  // the log keeps from here
    bool is_streaming = false;
  };
  struct Running {
    SnapshotTarget target;
    Position cut;
    std::string mark, payload;
    std::size_t sent = 0;
    bool is_cancelled = false;
  };

  SnapshotPlan::Settings plan_settings() const {
    return {.diskless = world_.is_diskless, .diskless_delay = 1s};
  }
  void restart_empty() {
    history_ = {};
    history_.replid = world_.new_id();
    world_.record(history_);
    save();
  }
  std::vector<ReplicaId> ids() const {
    std::vector<ReplicaId> result;
    for (const auto& [id, session] : sessions_) result.push_back(id);
    return result;
  }
  // Runs `what` later, unless the node has crashed meanwhile.
  void later(Duration delay, std::function<void()> what) {
    world_.at(delay, [this, life = life_, what = std::move(what)] {
      if (life == life_) what();
    });
  }

  // ---- The replica's side.
  void tell(const link::Event& event) {
    tell_by([&](link::Actions& out) { link_.on(event, world_.now, out); });
  }
  template <class F>
  void tell_by(F&& act) {
    link::Actions actions;
    act(actions);
    for (const link::Action& action : actions) carry_out(action);
  }
  void carry_out(const link::Action& action);
  void connect(int primary);
  void read_up();
  void apply_stream();
  void load(std::uint64_t number);
  void adopt(const std::optional<Position>& position);

  // ---- The primary's side.
  void tell(ReplicaId id, const feed::Event& event) {
    tell_by(id, [&](ReplicaFeed& f, feed::Actions& out) { f.on(event, world_.now, out); });
  }
  template <class F>
  void tell_by(ReplicaId id, F&& act) {
    const auto found = sessions_.find(id);
    if (found == sessions_.end()) return;
    feed::Actions actions;
    act(found->second.feed, actions);
    for (const feed::Action& action : actions) carry_out(id, action);
  }
  template <class F>
  void tell_plan(F&& act) {
    plan::Actions actions;
    act(actions);
    for (const plan::Action& action : actions) carry_out(action);
  }
  void tell(const plan::Event& event) {
    tell_plan([&](plan::Actions& out) { plan_.on(event, world_.now, out); });
  }
  void carry_out(ReplicaId id, const feed::Action& action);
  void carry_out(const plan::Action& action);
  void read_session(ReplicaId id, Bytes bytes);
  void on_command(ReplicaId id, std::vector<std::string> words);
  void start_snapshot(const plan::StartSnapshot& start);
  void step_socket_snapshot();
  void finish_file_snapshot();
  void send_file(ReplicaId id, std::string payload);
  void feed_stream();
  void lose(ReplicaId id);
  void drop_replicas();

  World& world_;
  int index_;
  int life_ = 0;
  History history_, saved_;

  ReplicaLink link_{{.timeout = kTimeout}};
  WirePtr up_;
  std::string inbox_;
  LineReader lines_;
  std::optional<PayloadReader> payload_;
  std::uint64_t snapshot_ = 0;
  std::string received_, stream_;

  std::map<ReplicaId, Session> sessions_;
  ReplicaId last_id_ = 0;
  SnapshotPlan plan_{plan_settings()};
  std::optional<Running> running_;
};

}  // namespace banyan::replication::model
