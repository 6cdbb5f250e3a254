#include "node/replication.h"

#include "base/overloaded.h"
#include "node/core.h"
#include "node/replication_log.h"
#include "replication/psync.h"
#include "resp/request_writer.h"

namespace banyan::node {

namespace feed = replication::feed;
namespace link = replication::link;
namespace plan = replication::plan;
namespace primary_clock = replication::primary_clock;

namespace {

replication::PrimaryClock::Settings clock_settings(const config::Replication& s) {
  return {.ping_period = s.ping_period, .backlog_ttl = s.backlog_ttl};
}

replication::SnapshotPlan::Settings plan_settings(const config::Settings& s) {
  return {.diskless = s.replication.diskless_sync,
          .diskless_delay = s.replication.diskless_sync_delay,
          .diskless_replicas_max = static_cast<int>(s.replication.diskless_sync_replicas_max),
          .wants_file = !s.persistence.save_points.empty()};
}

}  // namespace

Replication::Replication(Core& core)
    : core_(core),
      log_(core.log()),
      upstream_(core.main_worker(), core.logger(), core.log(), *this,
                {.link = link_settings(), .loading = core.settings().persistence}),
      plan_(plan_settings(core.settings())),
      clock_(clock_settings(core.settings().replication)) {
  history_.adopt(fresh_id());
  upstream_.loader_options.keep_expired = true;
}

Replication::~Replication() {
  for (auto& [id, feed] : feeds_) core_.snapshots().drop_target(*feed);
}

log::ReplicationId Replication::fresh_id() {
  return *log::ReplicationId::parse(random_hex(core_.env(), log::ReplicationId::kDigits));
}

replication::ReplicaLink::Settings Replication::link_settings() const {
  const config::Settings& s = core_.settings();
  return {.listening_port = s.replication.announce_port != 0 ? s.replication.announce_port
                                                             : core_.listening_port(),
          .announce_ip = s.replication.announce_ip,
          .user = s.replication.primary_user,
          .password = s.replication.primary_password,
          .load_from_socket = true,
          .timeout = s.replication.timeout};
}

void Replication::on_settings() {
  const config::Settings& s = core_.settings();
  upstream_.set_settings(link_settings());
  upstream_.set_source(Address{s.network.bind_source_address, 0, {}});
  plan_.set_settings(plan_settings(s));
  clock_.set_settings(clock_settings(s.replication));
  log_.set_backlog_size(s.replication.backlog_bytes);
  refresh_good_replicas();
}

void Replication::restore(const DataLoader& loader) {
  const auto id = log::ReplicationId::parse(loader.origin().replication_id);
  const auto offset = log::Offset::from_wire(loader.origin().offset);
  if (!id || !offset) return;
  // Replicas that have our bytes up to here may go on; what comes now is another history.
  history_ = {.id = *id};
  log_.activate(*offset);
  upstream_.set_database(loader.origin().stream_db);
  if (!core_.settings().replication.primary_host.empty()) return;
  history_.promote(fresh_id(), *offset);
  // A replica that goes on from here still has the keys that we left out.
  for (const DataLoader::ExpiredKey& key : loader.expired())
    log_.append(
        {.database = static_cast<std::uint16_t>(key.database), .time = core_.env().unix_ms()},
        resp::encode_command({"DEL", key.name}));
  on_clock(primary_clock::BacklogCreated{});
}

void Replication::start() {
  on_settings();
  const config::Replication& s = core_.settings().replication;
  if (!s.primary_host.empty()) follow(replication::Address{s.primary_host, s.primary_port}, "");
}

void Replication::follow(const std::optional<replication::Address>& primary, Bytes user) {
  const std::optional<replication::Address> present = upstream_.link().primary();
  if (primary && present && *primary == *present) {
    core_.logger().notice(
        "REPLICAOF would result into synchronization with the master we are already connected "
        "with. No operation performed.");
    return;
  }
  if (!primary && !present) return;
  std::optional<replication::Position> own;
  if (!present && log_.active())
    own = replication::Position{std::string(history_.id.text()), log_.next().bytes()};
  upstream_.set_settings(link_settings());
  if (primary) {
    core_.main_worker().alone([&] {
      core_.policy().is_replica = true;
      core_.policy().link_is_up = false;
      core_.policy().refresh();
    });
    log::ReplyGate::Releases releases;
    gate_.release_all(releases);
    release(releases);
    for (const auto& worker : core_.workers())
      worker->loop().post([&w = *worker] { w.end_waiting(); });
    if (!present) on_clock(primary_clock::RoleChanged{.is_primary = false});
    core_.logger().set_role('S');
    core_.on_role();
    if (!user.empty())
      core_.logger().notice("REPLICAOF {}:{} enabled (user request from '{}')", primary->host,
                            primary->port, user);
  }
  upstream_.on(link::TopologyChanged{primary, own});
  if (!primary) core_.logger().notice("MASTER MODE enabled (user request from '{}')", user);
}

void Replication::activate_log() {
  if (log_.active()) return;
  // Writes moved no offset while nobody read the log, so the old id would name two histories.
  history_.adopt(fresh_id());
  log_.activate(log_.next());
  on_clock(primary_clock::BacklogCreated{});
}

void Replication::change_id() { history_.adopt(fresh_id()); }

replication::LogWindow Replication::window() const {
  const log::Window held = log_.window();
  return {.replid = std::string(history_.id.text()),
          .second_replid = std::string(history_.previous_id.text()),
          .second_next = history_.previous_valid_up_to.number(),
          .first = log::byte_after(held.first).number(),
          .next = log::byte_after(held.next).number(),
          .has_backlog = held.active};
}

void Replication::adopt(std::unique_ptr<Stream> stream,
                        std::unique_ptr<replication::ReplicaFeed> core, std::string pending,
                        std::vector<std::string> words) {
  const std::uint64_t id = ++next_feed_;
  auto owned = std::make_unique<Feed>(id, core_.main_worker(), core_.logger(), log_,
                                      static_cast<FeedOwner&>(*this), std::move(stream),
                                      std::move(core), std::move(pending));
  Feed& added = *owned;
  feeds_.emplace(id, std::move(owned));
  on_clock(primary_clock::ReplicasChanged{feeds_.size()});
  const auto refusal =
      is_replica() && !is_link_up() ? feed::Refusal::not_connected_to_primary : feed::Refusal::no;
  if (equals_ignoring_case(words[0], "SYNC")) return added.on(feed::Sync{refusal});
  words.erase(words.begin());
  const Result<replication::PsyncRequest> request = replication::parse_psync(words);
  if (!request) return added.close(request.error().text());
  added.on(feed::Psync{*request, replication::judge(*request, window()), refusal});
}

void Replication::request_snapshot(Feed& feed) {
  activate_log();
  const replication::ReplicaProfile& profile = feed.core().profile();
  tell_plan(plan::ReplicaWaiting{feed.id(), profile.capa_eof, profile.rdb_only, profile.wishes});
}

// Whatever it hears may make it start a walk, and there is only one at a time.
void Replication::tell_plan(const plan::Event& event) {
  const Instant now = core_.main_worker().loop().now();
  plan_.on(plan::OtherWalk{core_.snapshots().is_running()}, now, plan_actions_);
  plan_.on(event, now, plan_actions_);
  carry_out_plan();
}

void Replication::carry_out_plan() {
  if (planning_) return;
  planning_ = true;
  for (std::size_t i = 0; i < plan_actions_.size(); ++i) {
    const plan::Action action = plan_actions_[i];
    std::visit(overloaded{
                   [&](const replication::Log& a) { write_log(core_.logger(), a); },
                   [&](const plan::StartSnapshot& a) { start_snapshot(a); },
                   [&](const plan::JoinSnapshot& a) {
                     if (const auto found = feeds_.find(a.id); found != feeds_.end()) {
                       sharing_.push_back(a.id);
                       found->second->on(feed::SnapshotStarted{cut_, target_, ""});
                     }
                   },
                   // Into sockets the walk goes on silently, since nobody takes it, and then ends.
                   [&](const plan::CancelSnapshot&) { core_.snapshots().cancel_file(); },
               },
               action);
  }
  plan_actions_.clear();
  planning_ = false;
}

void Replication::start_snapshot(const plan::StartSnapshot& action) {
  target_ = action.target;
  sharing_ = action.replicas;
  std::vector<RdbTarget*> targets;
  const auto at_cut = [&] {
    cut_ = {std::string(history_.id.text()), log_.next().bytes()};
    for (const std::uint64_t id : sharing_) {
      const auto found = feeds_.find(id);
      if (found == feeds_.end()) continue;
      std::string mark;
      if (target_ == replication::SnapshotTarget::socket)
        mark = random_hex(core_.env(), replication::kReplidSize);
      found->second->set_mark(mark);
      found->second->on(feed::SnapshotStarted{cut_, target_, mark});
      // Telling it may have been the end of it.
      if (feeds_.contains(id)) targets.push_back(feeds_.at(id).get());
    }
  };
  if (target_ == replication::SnapshotTarget::file) {
    const Result<> started = core_.snapshots().start_file(
        [this](bool ok, std::int64_t bytes) { on_file_snapshot_over(ok, bytes); }, at_cut);
    if (!started) on_file_snapshot_over(false, 0);
    return;
  }
  core_.snapshots().start_sockets(targets, *this, at_cut);
}

void Replication::on_socket_snapshot_over() {
  std::erase_if(sharing_, [&](std::uint64_t id) { return !feeds_.contains(id); });
  if (!sharing_.empty())
    core_.logger().notice("Diskless rdb transfer, done reading from pipe, {} replicas still up.",
                          sharing_.size());
  sharing_.clear();
  tell_plan(plan::SnapshotFinished{.ok = true});
}

void Replication::on_file_snapshot_over(bool ok, std::int64_t bytes) {
  for (const std::uint64_t id : std::exchange(sharing_, {})) {
    const auto found = feeds_.find(id);
    if (found == feeds_.end()) continue;
    if (ok) {
      found->second->on(feed::SnapshotFileReady{bytes});
    } else {
      found->second->on(feed::SnapshotFailed{});
    }
  }
  tell_plan(plan::SnapshotFinished{ok});
}

void Replication::on_snapshot_sent(Feed& feed) { feed.on(feed::SnapshotSent{}); }

std::string Replication::rdb_path() const { return core_.snapshots().path(); }

// Before its first acknowledgement a replica has nothing, not even the bytes before offset 0.
void Replication::on_acks(Feed& feed) {
  log::ReplyGate::Releases releases;
  if (acknowledging_.insert(feed.id()).second)
    gate_.add_reader(feed.id(), log::ReplyGate::Kind::replica, releases);
  gate_.on_ack(feed.id(), log::Offset(feed.core().acked()), log::Offset(feed.core().fsynced()),
               releases);
  release(releases);
}

void Replication::on_feed_over(Feed& feed) {
  core_.snapshots().drop_target(feed);
  const auto found = feeds_.find(feed.id());
  if (found == feeds_.end()) return;
  const std::string name = feed.core().name();
  core_.logger().notice("Connection with replica {} lost.", name);
  ended_.push_back(std::move(found->second));
  feeds_.erase(found);
  over_soft_limit_.erase(feed.id());
  log::ReplyGate::Releases releases;
  acknowledging_.erase(feed.id());
  gate_.remove_reader(feed.id(), releases);
  release(releases);
  on_clock(primary_clock::ReplicasChanged{feeds_.size()});
  tell_plan(plan::ReplicaGone{feed.id()});
}

void Replication::on_counter(feed::Counter counter) {
  switch (counter) {
    case feed::Counter::sync_full:
      ++counters_.full;
      break;
    case feed::Counter::sync_partial_ok:
      ++counters_.partial_ok;
      break;
    case feed::Counter::sync_partial_err:
      ++counters_.partial_error;
      break;
  }
}

void Replication::drop_feeds(Bytes reason) {
  std::vector<Feed*> all;
  for (const auto& [id, feed] : feeds_) all.push_back(feed.get());
  for (Feed* feed : all) feed->close(reason);
}

void Replication::kill_feed(std::uint64_t id) {
  if (const auto found = feeds_.find(id); found != feeds_.end())
    found->second->close("killed by a client");
}

void Replication::kill_link() {
  if (upstream_.peer()) upstream_.on(link::Closed{"killed by a client"});
}

void Replication::stop_socket_snapshot(Bytes reason) {
  if (target_ != replication::SnapshotTarget::socket) return;
  for (const std::uint64_t id : std::vector(sharing_))
    if (const auto found = feeds_.find(id); found != feeds_.end()) found->second->close(reason);
}

void Replication::drop_syncing(Bytes reason) {
  using State = replication::ReplicaFeed::State;
  std::vector<Feed*> syncing;
  for (const auto& [id, feed] : feeds_)
    if (feed->core().state() == State::wait_snapshot_start ||
        feed->core().state() == State::wait_snapshot_end)
      syncing.push_back(feed.get());
  for (Feed* feed : syncing) feed->close(reason);
}

// --- The link to our primary.

void Replication::adopt_snapshot(DataLoader::Content content,
                                 const std::optional<replication::Position>& position) {
  drop_feeds("the history has changed");
  auto old = std::make_shared<DataLoader::Content>();
  core_.main_worker().alone([&] {
    core_.main_worker().dispatcher().announce(content);
    *old = core_.keyspace().exchange(std::move(content));
    forget_own_keys();
    const auto id = position ? log::ReplicationId::parse(position->replid) : std::nullopt;
    history_.adopt(id ? *id : fresh_id());
    const log::Offset offset(position ? position->offset : 0);
    if (log_.active()) {
      log_.reset(offset);
    } else {
      log_.activate(offset);
    }
  });
  core_.env().main_loop().offload([old] { old->clear(); }, [] {});
}

// Keys that were this replica's alone: the data has been replaced, or is all its own now.
void Replication::forget_own_keys() {
  for (const auto& worker : core_.workers()) worker->dispatcher().context().own_expiring.clear();
}

void Replication::adopt_id(const std::string& id) {
  const auto parsed = log::ReplicationId::parse(id);
  if (!parsed) return;
  if (history_.follow(*parsed, log_.next())) drop_feeds("the history has a new name");
}

void Replication::become_primary(const std::optional<replication::Position>& position) {
  core_.main_worker().alone([&] {
    if (position && log_.active()) {
      const std::string old(history_.id.text());
      history_.promote(fresh_id(), log_.next());
      log_.forget_database();
      core_.logger().notice(
          "Setting secondary replication ID to {}, valid up to offset: {}. New replication ID is "
          "{}",
          old, history_.previous_valid_up_to.number(), history_.id.text());
    } else {
      history_.adopt(fresh_id());
    }
    core_.policy().is_replica = false;
    forget_own_keys();
    core_.policy().refresh();
  });
  core_.logger().set_role('M');
  core_.on_role();
  drop_feeds("this node was promoted");
  on_clock(primary_clock::RoleChanged{.is_primary = true});
  if (log_.active()) on_clock(primary_clock::BacklogCreated{});
}

bool Replication::is_link_up() const {
  return upstream_.link().state() == replication::ReplicaLink::State::streaming;
}

void Replication::on_link_state() {
  const bool up = is_link_up();
  if (core_.policy().link_is_up == up) return;
  core_.main_worker().alone([&] { core_.policy().link_is_up = up; });
}

// --- Time.

void Replication::on_clock(const primary_clock::Event& event) {
  primary_clock::Actions actions;
  clock_.on(event, core_.main_worker().loop().now(), actions);
  carry_out_clock(actions);
}

void Replication::carry_out_clock(const primary_clock::Actions& actions) {
  for (const primary_clock::Action& action : actions) {
    std::visit(overloaded{
                   [&](const replication::Log& a) { write_log(core_.logger(), a); },
                   [&](const primary_clock::AppendPing&) {
                     log_.append({.time = core_.env().unix_ms()}, "*1\r\n$4\r\nPING\r\n");
                   },
                   [&](const primary_clock::DropBacklog&) {
                     core_.main_worker().alone([&] {
                       log_.deactivate();
                       history_.adopt(fresh_id());
                     });
                   },
               },
               action);
  }
}

void Replication::tick() {
  const Instant now = core_.main_worker().loop().now();
  upstream_.tick();
  primary_clock::Actions actions;
  clock_.tick(now, actions);
  carry_out_clock(actions);
  std::vector<Feed*> all;
  for (const auto& [id, feed] : feeds_) all.push_back(feed.get());
  for (Feed* feed : all) feed->tick(core_.settings().replication.timeout);
  enforce_output_limits();
  tell_plan(plan::OtherWalk{core_.snapshots().is_running()});
  log::ReplyGate::Releases releases;
  gate_.tick(now, releases);
  release(releases);
  refresh_good_replicas();
  if (log_.active()) (void)log_.trim();
}

void Replication::on_turn() {
  ended_.clear();
  if (std::exchange(ack_wanted_, false) && log_.active() && !is_replica())
    log_.append({.time = core_.env().unix_ms()},
                "*3\r\n$8\r\nREPLCONF\r\n$6\r\nGETACK\r\n$1\r\n*\r\n");
  if (feeds_.empty()) return;
  std::vector<Feed*> all;
  for (const auto& [id, feed] : feeds_) all.push_back(feed.get());
  for (Feed* feed : all) feed->pump();
  wake_readers();
}

// Writes of other workers must bring the main loop here.
void Replication::wake_readers() {
  if (core_.workers().size() > 1) (void)log_.arm();
}

// client-output-buffer-limit replica: a replica that falls too far behind is cut off.
void Replication::enforce_output_limits() {
  const config::OutputLimit& limit = core_.settings().limits.replica_output;
  const Instant now = core_.main_worker().loop().now();
  std::vector<Feed*> over;
  for (const auto& [id, feed] : feeds_) {
    const auto lag = static_cast<std::int64_t>(feed->lag_bytes());
    const bool soft = limit.soft_bytes > 0 && lag > limit.soft_bytes;
    if (!soft) over_soft_limit_.erase(id);
    const Instant since = soft ? over_soft_limit_.try_emplace(id, now).first->second : now;
    if ((limit.hard_bytes > 0 &&
         lag > std::max(limit.hard_bytes, log_.figures().backlog_size_bytes)) ||
        (soft && now - since >= limit.soft_duration))
      over.push_back(feed.get());
  }
  for (Feed* feed : over) {
    core_.logger().warning("Client {} closed for overcoming of output buffer limits.",
                           feed->core().name());
    feed->close("overcoming of output buffer limits");
  }
}

int Replication::good_replicas() const {
  std::vector<const replication::ReplicaFeed*> cores;
  for (const auto& [id, feed] : feeds_) cores.push_back(&feed->core());
  return replication::count_good_replicas(cores, core_.main_worker().loop().now(),
                                          core_.settings().replication.min_replicas_max_lag);
}

void Replication::refresh_good_replicas() {
  const config::Replication& s = core_.settings().replication;
  const replication::GoodReplicasRule rule{
      .replicas_min = static_cast<int>(s.min_replicas_to_write), .lag_max = s.min_replicas_max_lag};
  const bool lacks = !replication::has_enough_good_replicas(rule, good_replicas());
  if (core_.policy().lacks_good_replicas == lacks) return;
  core_.main_worker().alone([&] {
    core_.policy().lacks_good_replicas = lacks;
    core_.policy().refresh();
  });
}

// --- WAIT.

void Replication::wait(const log::Need& need, std::uint64_t token,
                       std::move_only_function<void(const log::Release&)> done) {
  if (const auto released = gate_.wait(token, need)) return done(*released);
  waiters_.emplace(token, std::move(done));
  request_acks();
  if (!need.deadline) return;
  core_.env().main_loop().call_at(*need.deadline, [this] {
    log::ReplyGate::Releases releases;
    gate_.tick(core_.main_worker().loop().now(), releases);
    release(releases);
  });
}

bool Replication::cancel_wait(std::uint64_t token) {
  if (waiters_.erase(token) == 0) return false;
  gate_.cancel(token);
  return true;
}

void Replication::release(const log::ReplyGate::Releases& releases) {
  for (const log::Release& r : releases) {
    const auto found = waiters_.find(r.token);
    if (found == waiters_.end()) continue;
    auto done = std::move(found->second);
    waiters_.erase(found);
    done(r);
  }
}

void Replication::pass_ack_request() { upstream_.on(link::AckRequested{}); }

persist::RdbInfo Replication::rdb_info() const {
  const ProcessStats process = core_.env().process_stats();
  return {.created_unix_seconds = core_.env().unix_ms() / 1000,
          .used_memory_bytes = process.allocated_bytes,
          .replication = log_.active() ? std::optional(persist::RdbInfo::Replication{
                                             .stream_db = is_replica() ? upstream_.database() : 0,
                                             .id = std::string(history_.id.text()),
                                             .offset = log_.next().bytes()})
                                       : std::nullopt};
}

}  // namespace banyan::node
