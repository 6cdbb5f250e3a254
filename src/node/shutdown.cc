#include "node/shutdown.h"

#include "node/core.h"
#include "node/replication.h"
#include "node/snapshots.h"

namespace banyan::node {

void Shutdown::begin(const ShutdownRequest& request, std::move_only_function<void()> failed) {
  if (failed) failed_.push_back(std::move(failed));
  if (waiting_ && !request.now) return;
  request_ = request;
  end_ = core_.log().next().bytes();
  core_.logger().warning("User requested shutdown...");
  const std::chrono::seconds timeout = core_.settings().process.shutdown_timeout;
  if (!request.now && timeout.count() > 0 && replicas_lag()) {
    waiting_ = true;
    deadline_ = core_.main_worker().loop().now() + timeout;
    core_.logger().notice("Waiting for replicas before shutting down.");
    core_.main_worker().alone([&] {  // nothing new for them to catch up with
      core_.policy().shutting_down = true;
      core_.policy().refresh();
      end_ = core_.log().next().bytes();
    });
    core_.replication().request_acks();
    return;
  }
  finish();
}

bool Shutdown::replicas_lag() const {
  for (const auto& [id, feed] : core_.replication().feeds())
    if (feed->core().state() == replication::ReplicaFeed::State::online &&
        feed->core().acked() < end_)
      return true;
  return false;
}

Duration Shutdown::left() const {
  return waiting_ ? std::max(Duration{0}, deadline_ - core_.main_worker().loop().now())
                  : Duration{0};
}

void Shutdown::tick() {
  if (!waiting_) return;
  if (!replicas_lag() || core_.main_worker().loop().now() >= deadline_) finish();
}

void Shutdown::finish() {
  waiting_ = false;
  const auto& feeds = core_.replication().feeds();
  std::size_t in_step = 0;
  for (const auto& [id, feed] : feeds) {
    if (feed->core().acked() >= end_) {
      ++in_step;
    } else {
      core_.logger().notice(
          "Lagging replica {} reported offset {} behind master, lag={}, state={}.",
          feed->core().name(), end_ - feed->core().acked(),
          std::chrono::duration_cast<std::chrono::seconds>(
              feed->core().lag(core_.main_worker().loop().now()))
              .count(),
          replication::info_name(feed->core().state()));
    }
  }
  if (!feeds.empty())
    core_.logger().notice("{} of {} replicas are in sync when shutting down.", in_step,
                          feeds.size());
  const bool save = request_.save == ShutdownRequest::Save::yes ||
                    (request_.save == ShutdownRequest::Save::by_settings &&
                     !core_.settings().persistence.save_points.empty());
  if (save) {
    core_.logger().notice("Saving the final RDB snapshot before exiting.");
    const Result<> saved = save_now();
    if (!saved && !request_.force) {
      core_.logger().warning("Error trying to save the DB, can't exit.");
      core_.logger().warning(
          "Errors trying to shut down the server. Check the logs for more "
          "information.");
      return go_on();
    }
    if (!saved) core_.logger().warning("Error trying to save the DB. Exit anyway.");
  }
  core_.logger().warning("Redis is now ready to exit, bye bye...");
  core_.close_for_good();
  core_.env().stop(0);
}

Result<> Shutdown::save_now() {
  const Worker::Inside inside(core_.main_worker());
  core_.replication().drop_syncing("this node saves its data and ends");
  core_.snapshots().stop();
  return core_.snapshots().save_now(Snapshots::Haste::at_once);
}

void Shutdown::go_on() {
  core_.main_worker().alone([&] {
    core_.policy().shutting_down = false;
    core_.policy().refresh();
  });
  core_.retry_held_clients();
  for (auto& failed : std::exchange(failed_, {})) failed();
}

bool Shutdown::abort() {
  if (!waiting_) return false;
  waiting_ = false;
  core_.logger().notice("Shutdown manually aborted.");
  go_on();
  return true;
}

}  // namespace banyan::node
