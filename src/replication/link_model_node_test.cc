// The node of the link model: what the server's drivers will do with the cores' actions.
#include <fmt/format.h>

#include <sstream>

#include "base/number.h"
#include "replication/link_model.h"

namespace banyan::replication::model {
namespace {
template <class... F>
struct Overloaded : F... {
  using F::operator()...;
};
template <class... F>
Overloaded(F...) -> Overloaded<F...>;
}  // namespace

void Node::crash() {
  ++life_;
  for (const WirePtr& wire : world_.wires)
    if (wire->node[0] == index_ || wire->node[1] == index_) world_.cut(wire);
  const std::optional<Address> primary = link_.primary();
  history_ = saved_;
  history_.first = history_.next();
  history_.bytes.clear();
  up_.reset();
  sessions_.clear();
  running_.reset();
  plan_ = SnapshotPlan{plan_settings()};
  link_ = ReplicaLink{{.timeout = kTimeout}};
  if (primary) {
    tell(link::TopologyChanged{primary, history_.position()});
  } else {
    history_.rename(world_.new_id());
    world_.record(history_);
  }
  save();
}

void Node::tick() {
  tell_by([&](link::Actions& out) { link_.tick(world_.now, out); });
  for (const ReplicaId id : ids()) {
    tell_by(id, [&](ReplicaFeed& f, feed::Actions& out) { f.tick(world_.now, kTimeout, out); });
  }
  tell_plan([&](plan::Actions& out) { plan_.tick(world_.now, out); });
}

void Node::on_closed(const WirePtr& wire) {
  if (wire == up_) {
    up_.reset();
    return tell(link::Closed{});
  }
  for (const ReplicaId id : ids())
    if (sessions_.at(id).wire == wire) return lose(id);
}

void Node::receive(const WirePtr& wire, Bytes bytes) {
  if (wire == up_) {
    inbox_ += bytes;
    return read_up();
  }
  for (const ReplicaId id : ids())
    if (sessions_.at(id).wire == wire) return read_session(id, bytes);
}

std::int64_t Node::acked_least() const {
  std::int64_t least = history_.next() - 1;
  for (const auto& [id, session] : sessions_) {
    if (session.feed.state() != ReplicaFeed::State::handshake)
      least = std::min(least, session.feed.acked());
  }
  return least;
}

void Node::on_connected(const WirePtr& wire, bool ok) {
  if (wire != up_) return;
  if (!ok) up_.reset();
  ok ? tell(link::Connected{}) : tell(link::ConnectFailed{"connection refused"});
}

void Node::drop_replicas() {
  for (const ReplicaId id : ids()) {
    world_.close(sessions_.at(id).wire, 1);
    lose(id);
  }
}

void Node::connect(int primary) {
  up_ = std::make_shared<Wire>(Wire{{index_, primary}});
  inbox_.clear();
  stream_.clear();
  payload_.reset();
  lines_.reset();
  world_.wires.push_back(up_);
  const bool ok = !(world_.is_troubled && world_.rng.chance(0.1));
  world_.at(world_.delay(), [this, wire = up_, ok] {
    if (!wire->open[0] || wire->loses) return;
    if (ok) world_.nodes[static_cast<std::size_t>(wire->node[1])]->attach(wire);
    on_connected(wire, ok);
  });
}

void Node::carry_out(const link::Action& action) {
  std::visit(Overloaded{
                 [](const Log&) {},
                 [&](const link::Connect& a) { connect(a.primary.port); },
                 [&](const link::Disconnect&) { world_.close(std::exchange(up_, nullptr), 0); },
                 [&](const link::SendCommand& a) {
                   std::string line;
                   EXPECT_TRUE(up_);
                   for (const std::string& word : a.words) line += word + " ";
                   world_.send(up_, 0, line + "\n");
                 },
                 [&](const link::SendNewline&) { world_.send(up_, 0, "\n"); },
                 [&](const link::SendAck& a) {
                   EXPECT_EQ(a.offset, history_.next() - 1) << "acknowledged what it does not have";
                   EXPECT_TRUE(up_);
                   world_.send(up_, 0, fmt::format("REPLCONF ACK {} \n", a.offset));
                 },
                 [&](const link::BeginSnapshot& a) {
                   received_.clear();
                   snapshot_ = a.number;
                   std::array<char, kReplidSize> mark{};
                   std::copy(a.mark.begin(), a.mark.end(), mark.begin());
                   a.mark.empty() ? payload_.emplace(a.length) : payload_.emplace(mark);
                 },
                 [&](const link::LoadSnapshot& a) { load(a.number); },
                 [&](const link::AbortSnapshot&) { payload_.reset(); },
                 [&](const link::AdoptSnapshot& a) { adopt(a.position); },
                 [&](const link::AdoptId& a) {
                   history_.rename(a.replid);
                   world_.record(history_);
                   drop_replicas();
                 },
                 [&](const link::ResumeStream& a) {
                   EXPECT_EQ(a.position, history_.position())
                       << "the stream would skip or repeat bytes";
                   EXPECT_TRUE(up_);
                 },
                 [&](const link::BecomePrimary& a) {
                   if (a.position) {
                     EXPECT_EQ(*a.position, history_.position());
                     history_.rename(world_.new_id());
                   } else {
                     EXPECT_EQ(history_.next(), 1) << "has data, but forgot its position";
                   }
                   world_.record(history_);
                   drop_replicas();
                 },
             },
             action);
}

void Node::read_up() {
  Bytes input = inbox_;
  const WirePtr wire = up_;
  while (!input.empty() && up_ == wire) {
    if (link_.wants_lines()) {
      const auto outcome = lines_.next(input);
      if (outcome == LineReader::Outcome::line) tell(link::ReplyLine{lines_.line()});
      if (outcome == LineReader::Outcome::too_long) tell(link::LineTooLong{});
    } else if (link_.state() == ReplicaLink::State::receiving_snapshot) {
      const auto piece = payload_->next(input);
      received_ += piece.held;
      received_ += piece.fresh;
      tell(link::SnapshotProgress{static_cast<std::int64_t>(piece.fresh.size())});
      if (piece.done) tell(link::SnapshotReceived{snapshot_});
    } else if (link_.state() == ReplicaLink::State::streaming) {
      stream_ += input;
      input = {};
      tell(link::StreamBytes{});
      apply_stream();
    } else {
      break;  // loading: what comes stays in the socket
    }
  }
  if (up_ == wire) inbox_.erase(0, inbox_.size() - input.size());
}

void Node::apply_stream() {
  for (std::size_t end = 0; (end = stream_.find(';')) != std::string::npos;) {
    write(Bytes(stream_).substr(0, end + 1));
    stream_.erase(0, end + 1);
  }
  tell(link::StreamApplied{history_.next() - 1});
}

void Node::load(std::uint64_t number) {
  if (world_.is_troubled && world_.rng.chance(0.1)) {  // no room for both
    later(0s, [this] {
      restart_empty();
      drop_replicas();
      tell(link::OldDataDropped{});
    });
  }
  const bool ok = !(world_.is_troubled && world_.rng.chance(0.1));
  later(std::chrono::milliseconds(world_.rng.between(1, 3000)), [this, number, ok] {
    if (!ok && number == snapshot_) received_ = "0 ";
    tell(link::SnapshotLoaded{number, ok ? "" : "bad checksum"});
    if (up_) read_up();
  });
}

void Node::adopt(const std::optional<Position>& position) {
  ASSERT_TRUE(position);
  ++world_.snapshots_adopted;
  history_ = {};
  history_.replid = position->replid;
  history_.first = position->offset + 1;
  history_.digest = *parse_unsigned(Bytes(received_).substr(0, received_.find(' ')));
  world_.record(history_);
  drop_replicas();
  save();
}

void Node::carry_out(ReplicaId id, const feed::Action& action) {
  Session& session = sessions_.at(id);
  std::visit(
      Overloaded{
          [](const Log&) {},
          [&](const feed::SendLine& a) { world_.send(session.wire, 1, a.text + "\r\n"); },
          [&](const feed::SendNewline&) { world_.send(session.wire, 1, "\n"); },
          [&](const feed::RequestSnapshot&) {
            const ReplicaProfile& profile = session.feed.profile();
            tell(plan::ReplicaWaiting{id, profile.capa_eof, profile.rdb_only, profile.wishes});
          },
          [&](const feed::HoldStream& a) { session.hold = a.from; },
          [&](const feed::SendSnapshotFile&) { send_file(id, running_->payload); },
          [&](const feed::StartStream& a) {
            EXPECT_EQ(a.from, session.hold);
            EXPECT_LE(a.from, history_.next()) << "continues what was never written";
            session.is_streaming = true;
            feed_stream();
          },
          [&](const feed::Disconnect&) {
            world_.close(session.wire, 1);
            lose(id);
          },
          [&](const feed::Count& a) {
            world_.full_syncs += a.counter == feed::Counter::sync_full;
            world_.partial_syncs += a.counter == feed::Counter::sync_partial_ok;
          },
          [](const feed::AcksMoved&) {},
          [](const feed::PassAckRequest&) {},
      },
      action);
}

void Node::carry_out(const plan::Action& action) {
  std::visit(
      Overloaded{
          [](const Log&) {},
          [&](const plan::StartSnapshot& a) { start_snapshot(a); },
          [&](const plan::JoinSnapshot& a) {
            tell(a.id, feed::SnapshotStarted{running_->cut, running_->target, running_->mark});
          },
          [&](const plan::CancelSnapshot&) { running_->is_cancelled = true; },
      },
      action);
}

void Node::read_session(ReplicaId id, Bytes bytes) {
  std::string& input = sessions_.at(id).input;
  input += bytes;
  for (std::size_t end = 0;
       sessions_.contains(id) && (end = input.find('\n')) != std::string::npos;) {
    std::istringstream line(input.substr(0, end));
    input.erase(0, end + 1);
    std::vector<std::string> words;
    for (std::string word; line >> word;) words.push_back(word);
    on_command(id, std::move(words));
  }
}

void Node::on_command(ReplicaId id, std::vector<std::string> words) {
  if (words.empty()) return tell(id, feed::Newline{});
  const std::string name = words.front();
  words.erase(words.begin());
  if (name == "PING") return world_.send(sessions_.at(id).wire, 1, "+PONG\r\n");
  if (name == "REPLCONF") return tell(id, feed::ReplConf{words, history_.next() - 1});
  ASSERT_EQ(name, "PSYNC");
  const auto request = parse_psync(words);
  ASSERT_TRUE(request);
  const bool can_serve = is_primary() || link_.state() == ReplicaLink::State::streaming;
  tell(id, feed::Psync{*request, judge(*request, history_.window()),
                       can_serve ? feed::Refusal::no : feed::Refusal::not_connected_to_primary});
}

void Node::start_snapshot(const plan::StartSnapshot& start) {
  // The mark and parts of it occur in the payload's neighbourhood; only the whole ends it.
  const std::string mark = world_.new_id();
  running_ = Running{start.target, history_.position(), mark,
                     fmt::format("{} {} {}", history_.digest, mark.substr(0, 39),
                                 std::string(world_.rng.below(3000), mark[0]))};
  for (const ReplicaId id : start.replicas)
    tell(id, feed::SnapshotStarted{running_->cut, running_->target, mark});
  if (start.target == SnapshotTarget::socket) return step_socket_snapshot();
  later(std::chrono::milliseconds(world_.rng.between(1, 3000)), [this] { finish_file_snapshot(); });
}

void Node::step_socket_snapshot() {
  const std::vector<ReplicaId> members = plan_.running_for();
  const bool fails = world_.is_troubled && world_.rng.chance(0.01);
  if (running_->is_cancelled || fails) {
    tell(plan::SnapshotFinished{false});
    for (const ReplicaId id : members) tell(id, feed::SnapshotFailed{});
    return;
  }
  const std::string piece = running_->payload.substr(running_->sent, 200);
  running_->sent += piece.size();
  const bool is_last = running_->sent == running_->payload.size();
  for (const ReplicaId id : members)
    world_.send(sessions_.at(id).wire, 1, piece + (is_last ? running_->mark : ""));
  if (!is_last) return later(20ms, [this] { step_socket_snapshot(); });
  for (const ReplicaId id : members) tell(id, feed::SnapshotSent{});
  tell(plan::SnapshotFinished{true});
}

void Node::finish_file_snapshot() {
  const std::vector<ReplicaId> members = plan_.running_for();
  const bool ok = !(world_.is_troubled && world_.rng.chance(0.2));
  for (const ReplicaId id : members) {
    const auto bytes = static_cast<std::int64_t>(running_->payload.size());
    ok ? tell(id, feed::SnapshotFileReady{bytes}) : tell(id, feed::SnapshotFailed{});
  }
  tell(plan::SnapshotFinished{ok});
}

void Node::send_file(ReplicaId id, std::string payload) {
  const auto found = sessions_.find(id);
  if (found == sessions_.end()) return;
  world_.send(found->second.wire, 1, Bytes(payload).substr(0, 300));
  if (payload.size() <= 300) return later(0s, [this, id] { tell(id, feed::SnapshotSent{}); });
  later(20ms, [this, id, rest = payload.substr(300)] { send_file(id, rest); });
}

// Sends what is new to those who follow the stream, and forgets what nobody may want.
void Node::feed_stream() {
  std::int64_t keep = history_.next() - kBacklogBytes;
  for (auto& [id, session] : sessions_) {
    if (session.is_streaming && session.hold < history_.next()) {
      ASSERT_GE(session.hold, history_.first) << "the log dropped what a replica needs";
      world_.send(session.wire, 1, history_.from(session.hold));
      session.hold = history_.next();
    }
    keep = std::min(keep, session.hold);
  }
  if (keep > history_.first) {
    history_.bytes.erase(0, static_cast<std::size_t>(keep - history_.first));
    history_.first = keep;
  }
}

void Node::lose(ReplicaId id) {
  tell(id, feed::Closed{});
  sessions_.erase(id);
  tell(plan::ReplicaGone{id});
}

}  // namespace banyan::replication::model
