#include "node/worker.h"

namespace banyan::node {

namespace {
// How long a client may take to authenticate.
constexpr Duration kStrangerTimeMax = 10s;
}  // namespace

void Worker::start() {
  loop_.set_turn_hook([this] { return end_turn(); });
}

void Worker::hang(Duration length) {
  const bool is_alone = shared_.gate.is_alone(number_);
  if (!is_alone) shared_.gate.leave(number_);
  loop_.hang(length);
  if (!is_alone) enter();
}

bool Worker::end_turn() {
  ++traffic_.turns;
  const bool more = turn_work_ && turn_work_();
  if (to_flush_.empty() && to_close_.empty() && to_resume_.empty() && !dispatcher_.must_catch_up())
    return more;
  const Inside inside(*this);
  if (dispatcher_.must_catch_up()) dispatcher_.catch_up();
  resume_answered();
  for (Connection* connection : to_flush_) {
    connection->flush_queued_ = false;
    if (!connection->is_closing()) connection->flush();
  }
  to_flush_.clear();
  std::vector<std::uint64_t> ids;
  ids.swap(to_close_);
  for (const std::uint64_t id : ids) {
    const auto found = connections_.find(id);
    if (found == connections_.end()) continue;
    if (on_close_) on_close_(*found->second);
    connections_.erase(found);
  }
  return more;
}

void Worker::add(std::unique_ptr<Stream> stream, std::uint64_t id) {
  const Inside inside(*this);
  Stream& socket = *stream;
  auto connection = std::make_unique<Connection>(*this, std::move(stream), id);
  socket.attach(loop_, *connection);
  logger_.verbose("Accepted {}", connection->peer().to_string());
  connections_.emplace(id, std::move(connection));
}

Connection* Worker::find(std::uint64_t id) {
  const auto found = connections_.find(id);
  return found == connections_.end() ? nullptr : found->second.get();
}

void Worker::close_overdue() {
  const Inside inside(*this);
  const Instant now = loop_.now();
  const Duration idle_max = limits_.idle_timeout;
  for (const auto& [id, connection] : connections_) {
    const ClientSession& session = connection->session();
    if (session.kind != commands::SessionKind::normal || connection->is_held()) continue;
    if (connection->is_closing() || connection->is_subscribed()) continue;
    if (!session.authenticated && now - session.stranger_since > kStrangerTimeMax) {
      logger_.verbose("Closing client that did not authenticate: {}",
                      connection->peer().to_string());
      connection->close();
    } else if (idle_max > 0s && now - session.last_used > idle_max) {
      logger_.verbose("Closing idle client");
      connection->close();
    }
  }
}

void Worker::resume_answered() {
  while (!to_resume_.empty()) {
    for (const std::uint64_t id : std::exchange(to_resume_, {}))
      if (Connection* connection = find(id)) connection->release();
  }
}

void Worker::run_inside(Task task) {
  const Inside inside(*this);
  task();
}

void Worker::post_inside(Task task) {
  loop_.post([this, task = std::move(task)]() mutable { run_inside(std::move(task)); });
}

Worker::Client Worker::find_client(std::uint64_t id) {
  Connection* connection = find(id);
  if (connection == nullptr || connection->is_closing()) return {};
  return {&connection->session(), &connection->output()};
}

void Worker::send_later(std::uint64_t id) {
  if (Connection* connection = find(id)) connection->flush_later();
}

void Worker::resume_later(std::uint64_t id) {
  if (Connection* connection = find(id)) connection->answered_ = true;
  to_resume_.push_back(id);
}

void Worker::end_waiting() {
  const Inside inside(*this);
  std::vector<std::uint64_t> ids;
  for (const auto& [id, connection] : connections_) ids.push_back(id);
  for (const std::uint64_t id : ids) (void)dispatcher_.end_wait(id, engine::WaitEnd::demoted);
}

void Worker::retry_held() {
  const Inside inside(*this);
  std::vector<std::uint64_t> ids;
  for (const auto& [id, connection] : connections_)
    if (connection->is_paused()) ids.push_back(id);
  for (const std::uint64_t id : ids) {
    Connection* connection = find(id);
    if (connection != nullptr && connection->is_paused()) connection->retry();
  }
}

}  // namespace banyan::node
