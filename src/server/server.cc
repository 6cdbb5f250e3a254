#include "server/server.h"

#include "engine/families.h"
#include "generic/families.h"
#include "server/families.h"

namespace banyan::server {

namespace {

constexpr Duration kTickPeriod = 100ms;
constexpr Duration kExpiryBudget = 1ms;
constexpr std::uint64_t kTicksPerSecond = 1s / kTickPeriod;

// As Redis words it: operators and client libraries look for it.
constexpr Bytes kProtectedModeRefusal =
    "-DENIED Redis is running in protected mode because protected mode is enabled and no password "
    "is set for the default user. In this mode connections are only accepted from the loopback "
    "interface. If you want to connect from external computers to Redis you may adopt one of the "
    "following solutions: 1) Just disable protected mode sending the command 'CONFIG SET "
    "protected-mode no' from the loopback interface by connecting to Redis from the same host the "
    "server is running, however MAKE SURE Redis is not publicly accessible from internet if you do "
    "so. Use CONFIG REWRITE to make this change permanent. 2) Alternatively you can just disable "
    "the protected mode by editing the Redis configuration file, and setting the protected mode "
    "option to 'no', and then restarting the server. 3) If you started the server manually just "
    "for testing, restart it with the '--protected-mode no' option. 4) Set up an authentication "
    "password for the default user. NOTE: You only need to do one of the above things in order for "
    "the server to start accepting connections from the outside.\r\n";

std::vector<commands::Family> all_families() {
  std::vector<commands::Family> all;
  for (const commands::Family& family : generic::data_families()) all.push_back(family);
  all.push_back(engine::pubsub_commands());
  all.push_back(engine::transaction_commands());
  for (const commands::Family& family : server_families()) all.push_back(family);
  return all;
}

void apply_eviction_policy(const config::Memory& memory, commands::Context& context) {
  using config::EvictionPolicy;
  context.lfu =
      memory.policy == EvictionPolicy::volatile_lfu || memory.policy == EvictionPolicy::allkeys_lfu;
  context.lfu_decay_minutes = static_cast<std::uint32_t>(memory.lfu_decay_time.count());
  context.lfu_log_factor = memory.lfu_log_factor;
}

}  // namespace

Server::Server(Env& env, config::Loaded loaded)
    : Core(env, std::move(loaded), all_families(), *this),
      listeners_(env.main_loop(), logger_, [this](auto s) { accept(std::move(s)); }),
      active_expiry_(keyspace_),
      persistence_(*this),
      shutdown_(*this),
      pause_(policy_, workers_),
      metrics_(env),
      slow_log_(worker_count(env, config_.settings())),
      oom_score_(env, logger_),
      run_id_(random_hex(env, 40)),
      started_(env.main_loop().now()) {
  shared_.slow_commands = &slow_log_;
  start_workers();
  apply_limits();
  own_snapshots_ = std::make_unique<Snapshots>(*this);
  snapshots_ = own_snapshots_.get();
  own_replication_ = std::make_unique<Replication>(*this);
  replication_ = own_replication_.get();
  add_settings_hooks();
}

Server::~Server() = default;

void Server::start_workers() {
  const unsigned count = worker_count(env_, settings());
  for (unsigned w = 0; w < count; ++w) {
    Loop& loop = w == 0 ? env_.main_loop() : env_.start_worker(fmt::format("worker-{}", w));
    workers_.push_back(std::make_unique<Worker>(loop, env_.files(), w, shared_, logger_, limits_,
                                                random_seed(env_)));
    Worker& worker = *workers_.back();
    shared_.dispatchers.push_back(&worker.dispatcher());
    reclaimers_.push_back(std::make_unique<BackgroundReclaimer>(loop, metrics_));
    worker.dispatcher().context().reclaimer = reclaimers_.back().get();
    if (w == 0) {
      worker.start();
    } else {
      loop.post([&worker] { worker.start(); });
    }
    worker.set_on_close([this](Connection& connection) {
      --connected_;
      if (connection.is_held())
        env_.main_loop().post(
            [this, id = connection.session().id] { replication_->cancel_wait(id); });
    });
    worker.set_on_replica([this](Connection& connection) {
      env_.main_loop().post([this, taken = connection.take()]() mutable {
        const Worker::Inside inside(main_worker());
        replication_->adopt(std::move(taken.stream), std::move(taken.core),
                            std::move(taken.pending), std::move(taken.words));
      });
    });
  }
  main_worker().set_turn_work([this] { return end_turn(); });
  log_.set_on_append([this] { wake_main(); });
}

void Server::apply_limits() {
  const config::Settings& s = settings();
  limits_.requests.bulk_max = static_cast<std::size_t>(s.limits.bulk_bytes);
  limits_.requests.arguments_max = 1024 * 1024;
  limits_.query_buffer_bytes = static_cast<std::size_t>(s.limits.query_buffer_bytes);
  limits_.normal_output = s.limits.normal_output;
  limits_.pubsub_output = s.limits.pubsub_output;
  limits_.idle_timeout = s.network.idle_timeout;
  shared_.string_bytes_max = static_cast<std::size_t>(s.limits.bulk_bytes);
  policy_.password_required = !s.security.password.empty();
  policy_.replica_read_only = s.replication.read_only;
  policy_.serve_stale_data = s.replication.serve_stale_data;
  policy_.refresh();
  logger_.set_level(s.logging.level);
  shared_.track_latency = s.logging.latency_tracking;
  slow_log_.set_length_max(s.logging.slow_log_length_max);
  set_slow_thresholds();
  set_key_events();
  for (const auto& worker : workers_) {
    commands::Context& context = worker->dispatcher().context();
    apply_eviction_policy(s.memory, context);
    // Not the rest of the limits, which are no settings.
    static_cast<config::Encodings&>(context.limits) = s.encodings;
    context.limits.table_secret = keyspace_.secret();
    context.expiry_deletion = s.memory.lazy_expire ? "UNLINK" : "DEL";
    context.own_deletion = s.memory.lazy_server_del ? "UNLINK" : "DEL";
  }
}

// Whoever wants to hear of keys counts as interested.
void Server::set_key_events() {
  const config::KeyEvents events = settings().limits.keyspace_events;
  const bool was_on = shared_.key_events.bits != 0;
  shared_.key_events = events;
  if (events.bits != 0 && !was_on) interest_.count().raise();
  if (events.bits == 0 && was_on) interest_.count().lower();
  for (const auto& worker : workers_)
    worker->dispatcher().context().tells_misses = events.has(config::KeyEvent::key_miss);
}

// In ticks, of which a microsecond has as many as was measured so far.
void Server::set_slow_thresholds() {
  const config::Logging& s = settings().logging;
  const std::int64_t monitored_ms = s.latency_monitor_threshold.count();
  const SlowLog::Thresholds thresholds{
      .slow = metrics_.slow_ticks(s.slow_log_threshold_us),
      .latency = metrics_.slow_ticks(monitored_ms == 0 ? -1 : monitored_ms * 1000)};
  slow_log_.set_thresholds(thresholds, metrics_.ticks_per_us());
  shared_.slow_ticks.store(std::min(thresholds.slow, thresholds.latency));
}

// Operators hide commands so: what cannot be hidden must not be served by mistake.
Result<> Server::rename_commands() {
  for (const config::RenamedCommand& command : settings().security.renamed_commands) {
    if (registry_.find(command.from) == nullptr)
      return fail(fmt::format("No such command in rename-command: '{}'", command.from));
    if (!registry_.rename(command.from, command.to))
      return fail(fmt::format("Target command name already exists: '{}'", command.to));
  }
  return {};
}

Result<> Server::start() {
  logger_.notice("oO0OoO0OoO0Oo Banyan is starting oO0OoO0OoO0Oo");
  logger_.notice("Banyan {}, compatible with Redis {}, PID: {}", kBanyanVersion, kRedisVersion,
                 env_.process_id());
  for (const std::string& warning : config_.take_warnings()) logger_.warning("{}", warning);
  TRY_DO(rename_commands());
  const std::string directory = settings().persistence.directory;
  if (const Result<> changed = env_.files().change_directory(directory); !changed)
    return fail(fmt::format("Can't chdir to '{}': {}", directory, changed.error().text()));
  TRY(config_.edit().persistence.directory, env_.files().working_directory());
  if (!settings().logging.file.empty()) TRY_DO(env_.set_log_file(settings().logging.file));
  TRY_DO(listeners_.open(settings().network));
  handle_signals();
  show_title();
  check_oom_scores();
  (void)apply_oom_score();  // what is refused is in the log
  logger_.notice("Server initialized");
  tick_timer_ = env_.main_loop().call_after(kTickPeriod, [this] { tick(); });
  TRY_DO(persistence_.start_loading());
  if (persistence_.is_loading()) {
    policy_.loading = true;
    policy_.refresh();
    wake_main();
  } else {
    begin_serving();
  }
  return {};
}

void Server::on_loaded(const DataLoader& loader) {
  main_worker().alone([&] {
    policy_.loading = false;
    policy_.refresh();
  });
  replication_->restore(loader);
  snapshots_->stats().dirty_at_save = dirty();
  begin_serving();
}

void Server::begin_serving() {
  replication_->start();
  logger_.notice("Ready to accept connections tcp");
}

void Server::handle_signals() {
  const auto end = [this](const char* name, const config::ShutdownOptions& options) {
    logger_.warning("Received {} scheduling shutdown...", name);
    ShutdownRequest request;
    using config::ShutdownOption;
    if (options.has(ShutdownOption::save)) request.save = ShutdownRequest::Save::yes;
    if (options.has(ShutdownOption::nosave)) request.save = ShutdownRequest::Save::no;
    request.now = options.has(ShutdownOption::now);
    request.force = options.has(ShutdownOption::force);
    shutdown_.begin(request, {});
  };
  env_.on_signal(Signal::terminate,
                 [this, end] { end("SIGTERM", settings().process.shutdown_on_sigterm); });
  env_.on_signal(Signal::interrupt,
                 [this, end] { end("SIGINT", settings().process.shutdown_on_sigint); });
}

// The main loop's share of background work; true when there is more at once.
bool Server::end_turn() {
  bool more = persistence_.step();
  more = snapshots_->step() || more;
  replication_->on_turn();
  return more;
}

void Server::tick() {
  if (++ticks_ % kTicksPerSecond == 0)
    for (const auto& worker : workers_)
      worker->loop().post([w = worker.get()] { w->close_overdue(); });
  tick_timer_ = env_.main_loop().call_after(kTickPeriod, [this] { tick(); });
  if (ticks_paused_) return;
  const Worker::Inside inside(main_worker());
  metrics_.sample(workers_);
  set_slow_thresholds();
  if (!policy_.is_replica && !policy_.loading &&
      policy_.pause_in_force() == engine::PauseKind::none)
    active_expiry_.run(main_worker(), kExpiryBudget);
  if (policy_.is_replica)
    for (const auto& worker : workers_)
      worker->loop().post([this, w = worker.get()] { active_expiry_.run_own(*w); });
  replication_->tick();
  persistence_.tick();
  if (save_scheduled_ && !snapshots_->is_running()) {
    save_scheduled_ = false;
    (void)snapshots_->start_file({});
  }
  shutdown_.tick();
}

std::uint16_t Server::listening_port() const {
  const std::uint16_t port = listeners_.port();
  return port != 0 ? port : settings().network.port;
}

void Server::set_primary(const std::optional<replication::Address>& primary, Bytes user) {
  const Worker::Inside inside(main_worker());
  config::Replication& settings = config_.edit().replication;
  settings.primary_host = primary ? primary->host : "";
  settings.primary_port = primary ? static_cast<std::uint16_t>(primary->port) : std::uint16_t{0};
  replication_->follow(primary, user);
}

// What is being saved is gone; on disk it must not come back at the next start.
void Server::on_flush_all() {
  const bool saves = !settings().persistence.save_points.empty();
  SaveStats& stats = snapshots_->stats();
  const std::uint64_t before = stats.dirty_at_save;
  const std::uint64_t now = dirty();
  if (saves) stats.dirty_at_save = now;  // what is saved next is nothing at all
  env_.main_loop().post([this, saves, before, now, &stats] {
    if (snapshots_->is_saving()) snapshots_->stop();
    replication_->stop_socket_snapshot("the data were flushed");
    if (!saves) return;
    stats.dirty_at_save = std::max(stats.dirty_at_save, now);
    if (snapshots_->is_running()) return schedule_save();
    const auto over = [before, now, &stats](bool ok, std::int64_t) {
      if (!ok && stats.dirty_at_save == now) stats.dirty_at_save = before;  // to be tried again
    };
    if (!snapshots_->start_file(over)) over(false, 0);
  });
}

void Server::close_for_good() {
  listeners_.close();
  env_.main_loop().cancel(tick_timer_);
}

void Server::refuse(Stream& stream, Bytes why) {
  ++stats_.connections_rejected;
  (void)stream.write(why);
}

bool Server::is_protected_from(const Address& peer) const {
  return settings().network.protected_mode && !policy_.password_required && !peer.is_loopback();
}

void Server::accept(std::unique_ptr<Stream> stream) {
  const Worker::Inside inside(main_worker());  // for the settings
  if (connected_ >= settings().network.clients_max)
    return refuse(*stream, settings().cluster.enabled
                               ? "-ERR max number of clients + cluster connections reached\r\n"
                               : "-ERR max number of clients reached\r\n");
  if (is_protected_from(stream->peer())) return refuse(*stream, kProtectedModeRefusal);
  ++stats_.connections_received;
  ++connected_;
  stream->set_no_delay(true);
  stream->set_keep_alive(settings().network.keep_alive);
  Worker& worker = *workers_[next_worker_];
  next_worker_ = (next_worker_ + 1) % static_cast<unsigned>(workers_.size());
  const std::uint64_t id = next_client_id();
  if (worker.number() == 0) return worker.add(std::move(stream), id);
  worker.loop().post(
      [&worker, id, socket = std::move(stream)]() mutable { worker.add(std::move(socket), id); });
}

}  // namespace banyan::server
