#include "server/shutdown.h"

#include "server/server.h"

namespace banyan::server {

void Shutdown::begin(const ShutdownRequest& request, std::move_only_function<void()> failed) {
  if (failed) failed_.push_back(std::move(failed));
  if (waiting_ && !request.now) return;
  request_ = request;
  server_.logger().warning("User requested shutdown...");
  const std::chrono::seconds timeout = server_.settings().process.shutdown_timeout;
  if (!request.now && timeout.count() > 0 && replicas_lag()) {
    waiting_ = true;
    deadline_ = server_.main_worker().loop().now() + timeout;
    server_.logger().notice("Waiting for replicas before shutting down.");
    server_.main_worker().alone([&] {  // nothing new for them to catch up with
      server_.policy().shutting_down = true;
      server_.policy().refresh();
    });
    server_.replication().request_acks();
    return;
  }
  finish();
}

bool Shutdown::replicas_lag() const {
  const std::int64_t end = server_.log().next().bytes();
  for (const auto& [id, feed] : server_.replication().feeds())
    if (feed->core().state() == replication::ReplicaFeed::State::online &&
        feed->core().acked() != end)
      return true;
  return false;
}

Duration Shutdown::left() const {
  return waiting_ ? std::max(Duration{0}, deadline_ - server_.main_worker().loop().now())
                  : Duration{0};
}

void Shutdown::tick() {
  if (!waiting_) return;
  if (replicas_lag() && server_.main_worker().loop().now() < deadline_)
    return server_.replication().request_acks();
  finish();
}

void Shutdown::finish() {
  waiting_ = false;
  const auto& feeds = server_.replication().feeds();
  std::size_t in_step = 0;
  for (const auto& [id, feed] : feeds) {
    if (feed->core().acked() == server_.log().next().bytes()) {
      ++in_step;
    } else {
      server_.logger().notice(
          "Lagging replica {} reported offset {} behind master, lag={}, state={}.",
          feed->core().name(), server_.log().next().bytes() - feed->core().acked(),
          std::chrono::duration_cast<std::chrono::seconds>(
              feed->core().lag(server_.main_worker().loop().now()))
              .count(),
          replication::info_name(feed->core().state()));
    }
  }
  if (!feeds.empty())
    server_.logger().notice("{} of {} replicas are in sync when shutting down.", in_step,
                            feeds.size());
  const bool save = request_.save == ShutdownRequest::Save::yes ||
                    (request_.save == ShutdownRequest::Save::by_settings &&
                     !server_.settings().persistence.save_points.empty());
  if (save) {
    server_.logger().notice("Saving the final RDB snapshot before exiting.");
    const Result<> saved = server_.save_before_exit();
    if (!saved && !request_.force) {
      server_.logger().warning("Error trying to save the DB, can't exit.");
      server_.logger().warning(
          "Errors trying to shut down the server. Check the logs for more "
          "information.");
      return go_on();
    }
    if (!saved) server_.logger().warning("Error trying to save the DB. Exit anyway.");
  }
  server_.logger().warning("Redis is now ready to exit, bye bye...");
  server_.close_for_good();
  server_.env().stop(0);
}

void Shutdown::go_on() {
  server_.main_worker().alone([&] {
    server_.policy().shutting_down = false;
    server_.policy().refresh();
  });
  server_.retry_held_clients();
  for (auto& failed : std::exchange(failed_, {})) failed();
}

bool Shutdown::abort() {
  if (!waiting_) return false;
  waiting_ = false;
  server_.logger().notice("Shutdown manually aborted.");
  go_on();
  return true;
}

}  // namespace banyan::server
