#include "replication/primary_clock.h"

#include <fmt/format.h>

#include <algorithm>

namespace banyan::replication {

using namespace primary_clock;

void PrimaryClock::on(const Event& event, Instant now, Actions&) {
  const bool was_alone = replicas_ == 0;
  if (const auto* replicas = std::get_if<ReplicasChanged>(&event)) {
    replicas_ = replicas->count;
    if (was_alone != (replicas_ == 0)) alone_since_ = now;
    if (was_alone && replicas_ > 0) last_ping_ = now;
  } else if (const auto* role = std::get_if<RoleChanged>(&event)) {
    is_primary_ = role->is_primary;
    alone_since_ = now;  // replicas of before a failover need time to find us
  } else if (const auto* stream = std::get_if<StreamPaused>(&event)) {
    is_paused_ = stream->is_paused;
  } else {
    has_backlog_ = true;
    alone_since_ = now;
  }
}

void PrimaryClock::tick(Instant now, Actions& out) {
  if (!is_primary_) return;
  if (replicas_ > 0) {
    if (is_paused_ || now - last_ping_ < settings_.ping_period) return;
    last_ping_ = now;
    out.push_back(AppendPing{});
    return;
  }
  if (!has_backlog_ || settings_.backlog_ttl == 0s || now - alone_since_ <= settings_.backlog_ttl)
    return;
  has_backlog_ = false;
  out.push_back(DropBacklog{});
  const auto seconds = std::chrono::duration_cast<std::chrono::seconds>(settings_.backlog_ttl);
  out.push_back(
      Log{Level::notice, fmt::format("Replication backlog freed after {} seconds without connected "
                                     "replicas.",
                                     seconds.count())});
}

int count_good_replicas(std::span<const ReplicaFeed* const> feeds, Instant now, Duration lag_max) {
  return static_cast<int>(std::count_if(feeds.begin(), feeds.end(), [&](const ReplicaFeed* feed) {
    // In whole seconds, as the setting is: acknowledgements come once a second and a bit.
    return feed->state() == ReplicaFeed::State::online &&
           std::chrono::floor<std::chrono::seconds>(feed->lag(now)) <= lag_max;
  }));
}

bool has_enough_good_replicas(const GoodReplicasRule& rule, int good_replicas) {
  return rule.replicas_min == 0 || rule.lag_max == 0s || good_replicas >= rule.replicas_min;
}

int count_acks(std::span<const ReplicaFeed* const> feeds, std::int64_t offset) {
  return static_cast<int>(std::count_if(feeds.begin(), feeds.end(), [&](const ReplicaFeed* feed) {
    return feed->state() == ReplicaFeed::State::online && feed->acked() >= offset;
  }));
}

int count_fsynced_acks(std::span<const ReplicaFeed* const> feeds, std::int64_t offset) {
  return static_cast<int>(std::count_if(feeds.begin(), feeds.end(), [&](const ReplicaFeed* feed) {
    return feed->state() == ReplicaFeed::State::online && feed->fsynced() >= offset;
  }));
}

}  // namespace banyan::replication
