#include "node/core.h"

namespace banyan::node {

unsigned Core::worker_count(Env& env, const config::Settings& settings) {
  return env.has_threads() ? config::worker_count(settings, env.cpu_count()) : 1;
}

Core::Core(Env& env, config::Loaded loaded, std::span<const commands::Family> families,
           commands::Node& node)
    : env_(env),
      logger_(env),
      config_(std::move(loaded)),
      registry_(families),
      gate_(worker_count(env, config_.settings())),
      keyspace_({.databases = static_cast<unsigned>(config_.settings().limits.databases),
                 .slots = config_.settings().cluster.enabled,
                 .workers = worker_count(env, config_.settings()),
                 .secret = {random_seed(env), random_seed(env)}}),
      log_(config_.settings().replication.backlog_bytes),
      interest_(keyspace_),
      pubsub_(worker_count(env, config_.settings())),
      shared_{.registry = registry_,
              .keyspace = keyspace_,
              .gate = gate_,
              .log = log_,
              .policy = policy_,
              .interest = interest_,
              .pubsub = pubsub_,
              .node = &node} {}

Core::~Core() = default;

std::uint64_t Core::dirty() const {
  std::uint64_t sum = 0;
  for (const auto& worker : workers_) sum += worker->dispatcher().stats().dirty;
  return sum;
}

void Core::wake_main() {
  env_.main_loop().post([] {});
}

void Core::retry_held_clients() {
  for (const auto& worker : workers_) worker->loop().post([&w = *worker] { w.retry_held(); });
}

}  // namespace banyan::node
