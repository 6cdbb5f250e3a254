#include "server/server.h"

#include "server/families.h"

namespace banyan::server {

namespace {

constexpr Duration kTickPeriod = 100ms;
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
  for (const commands::Family& family : commands::data_families()) all.push_back(family);
  for (const commands::Family& family : server_families()) all.push_back(family);
  return all;
}

unsigned worker_count(Env& env, const config::Settings& settings) {
  if (!env.has_threads()) return 1;
  return config::worker_count(settings, env.cpu_count());
}

store::KeyspaceOptions keyspace_options(Env& env, const config::Settings& settings) {
  return {.databases = static_cast<unsigned>(settings.limits.databases),
          .slots = settings.cluster.enabled,
          .threaded = worker_count(env, settings) > 1,
          .secret = {random_seed(env), random_seed(env)}};
}

}  // namespace

Server::Server(Env& env, config::Loaded loaded)
    : env_(env),
      logger_(env),
      config_(std::move(loaded)),
      registry_(all_families()),
      gate_(worker_count(env, config_.settings())),
      keyspace_(keyspace_options(env, config_.settings())),
      log_(config_.settings().replication.backlog_bytes),
      shared_{.registry = registry_,
              .keyspace = keyspace_,
              .gate = gate_,
              .log = log_,
              .policy = policy_,
              .node = this},
      listeners_(env.main_loop(), logger_, [this](auto s) { accept(std::move(s)); }),
      active_expiry_(keyspace_),
      pause_(policy_, workers_),
      run_id_(random_hex(env, 40)),
      started_(env.main_loop().now()) {
  apply_limits();
  const unsigned count = worker_count(env, settings());
  for (unsigned w = 0; w < count; ++w) {
    Loop& loop = w == 0 ? env.main_loop() : env.start_worker(fmt::format("worker-{}", w));
    workers_.push_back(std::make_unique<Worker>(loop, env.files(), w, shared_, logger_, limits_,
                                                random_seed(env)));
    workers_.back()->set_on_close([this](Connection&) { --connected_; });
  }
}

Server::~Server() = default;

void Server::apply_limits() {
  const config::Settings& s = settings();
  limits_.requests.bulk_max = static_cast<std::size_t>(s.limits.bulk_bytes);
  limits_.requests.arguments_max = 1024 * 1024;
  limits_.query_buffer_bytes = static_cast<std::size_t>(s.limits.query_buffer_bytes);
  limits_.normal_output = s.limits.normal_output;
  limits_.idle_timeout = s.network.idle_timeout;
  shared_.string_bytes_max = static_cast<std::size_t>(s.limits.bulk_bytes);
  policy_.password_required = !s.security.password.empty();
  policy_.replica_read_only = s.replication.read_only;
  policy_.serve_stale_data = s.replication.serve_stale_data;
  policy_.refresh();
  logger_.set_level(s.logging.level);
}

Result<> Server::start() {
  TRY_DO(listeners_.open(settings().network));
  tick_timer_ = env_.main_loop().call_after(kTickPeriod, [this] { tick(); });
  logger_.notice("Server initialized");
  logger_.notice("Ready to accept connections tcp");
  return {};
}

void Server::tick() {
  active_expiry_.run(main_worker(), 1ms);
  if (++ticks_ % kTicksPerSecond == 0)
    for (const auto& worker : workers_)
      worker->loop().post([w = worker.get()] { w->close_overdue(); });
  tick_timer_ = env_.main_loop().call_after(kTickPeriod, [this] { tick(); });
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
