#include "sim/scheduler.h"

#include <algorithm>
#include <bit>

#include <fmt/format.h>

namespace banyan::sim {

const char* name_of(EventKind kind) {
  switch (kind) {
    case EventKind::scenario:
      return "scenario";
    case EventKind::trouble:
      return "trouble";
    case EventKind::boot:
      return "boot";
    case EventKind::exit:
      return "exit";
    case EventKind::crash:
      return "crash";
    case EventKind::step:
      return "step";
    case EventKind::timer:
      return "timer";
    case EventKind::work:
      return "work";
    case EventKind::work_done:
      return "work-done";
    case EventKind::segment:
      return "segment";
    case EventKind::handshake:
      return "handshake";
    case EventKind::connect_result:
      return "connect-result";
    case EventKind::window:
      return "window";
    case EventKind::bounce:
      return "bounce";
    case EventKind::keep_alive:
      return "keep-alive";
    case EventKind::retransmit_timeout:
      return "retransmit-timeout";
    case EventKind::posted:
      return "posted";
    case EventKind::accepted:
      return "accepted";
    case EventKind::connected:
      return "connected";
    case EventKind::connect_failed:
      return "connect-failed";
    case EventKind::stream_ready:
      return "stream-ready";
    case EventKind::signal:
      return "signal";
    case EventKind::send:
      return "send";
    case EventKind::disk_write:
      return "disk-write";
    case EventKind::disk_sync:
      return "disk-sync";
    case EventKind::disk_change:
      return "disk-change";
    case EventKind::log_line:
      return "log";
    case EventKind::fault:
      return "fault";
  }
  return "?";
}

Scheduler::EventId Scheduler::at(Instant when, const EventTag& tag, Task task) {
  const EventId id{std::max(when, now_), next_number_++};
  events_.emplace(id, Event{tag, std::move(task)});
  return id;
}

Scheduler::EventId Scheduler::after(Duration delay, const EventTag& tag, Task task) {
  return at(now_ + delay, tag, std::move(task));
}

void Scheduler::cancel(EventId event) { events_.erase(event); }

bool Scheduler::run_next(Instant limit) {
  const auto first = events_.begin();
  if (first == events_.end() || first->first.when > limit) {
    now_ = std::max(now_, limit);
    return false;
  }
  now_ = first->first.when;
  Event event = std::move(first->second);
  events_.erase(first);
  ++events_run_;
  record(event.tag);
  event.task();
  return true;
}

void Scheduler::record(const EventTag& tag) {
  const auto mix = [this](std::uint64_t value) {
    hash_ = std::rotl((hash_ ^ value) * 0x9e3779b97f4a7c15ULL, 29);
  };
  mix(static_cast<std::uint64_t>(now_.time_since_epoch().count()));
  mix(static_cast<std::uint64_t>(tag.kind) << 32 | std::to_underlying(tag.node));
  mix(tag.id);
  mix(tag.length);
  mix(tag.crc);
  if (!trace_ || tag.kind == EventKind::step || tag.kind == EventKind::log_line) return;
  note(tag.node, fmt::format("{} #{} {} bytes", name_of(tag.kind), tag.id, tag.length));
}

void Scheduler::note(NodeId node, Bytes text) const {
  if (!trace_) return;
  const auto us = now_.time_since_epoch().count();
  fmt::print("{:6}.{:06} {} {}\n", us / 1'000'000, us % 1'000'000,
             node == NodeId::none ? "world " : fmt::format("node{:2}", std::to_underlying(node)),
             text);
}

}  // namespace banyan::sim
