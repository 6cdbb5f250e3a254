#include "net/poller.h"

#include <cerrno>
#include <utility>

#include "base/check.h"

namespace banyan::net {
namespace {

// Readiness beyond this comes with the next turn; epoll takes turns among the ready ones.
constexpr std::size_t kEventsPerTurn = 1024;

}  // namespace

Poller::Poller() : epoll_(::epoll_create1(EPOLL_CLOEXEC)), events_(kEventsPerTurn) {
  CHECK(epoll_.is_open());
}

SourceId Poller::enroll(Source& source) {
  if (free_slots_.empty()) {
    free_slots_.push_back(static_cast<std::uint32_t>(slots_.size()));
    slots_.emplace_back();
  }
  const std::uint32_t index = free_slots_.back();
  free_slots_.pop_back();
  Slot& slot = slots_[index];
  slot.source = &source;
  ++slot.uses;
  // Slots count from 1 in an id, so that no id is SourceId::none.
  return SourceId{(static_cast<std::uint64_t>(slot.uses) << 32) | (index + 1)};
}

void Poller::dismiss(SourceId id) {
  if (!find(id)) return;
  const auto index = static_cast<std::uint32_t>(std::to_underlying(id)) - 1;
  slots_[index].source = nullptr;
  free_slots_.push_back(index);
}

Source* Poller::find(SourceId id) const {
  const auto number = std::to_underlying(id);
  const auto index = static_cast<std::uint32_t>(number) - 1;
  if (index >= slots_.size() || slots_[index].uses != number >> 32) return nullptr;
  return slots_[index].source;
}

int Poller::watch(SourceId id, int fd, std::uint32_t from, std::uint32_t to) {
  if (from == to) return 0;
  const int operation = from == 0 ? EPOLL_CTL_ADD : to == 0 ? EPOLL_CTL_DEL : EPOLL_CTL_MOD;
  epoll_event event{};
  event.events = to;
  event.data.u64 = std::to_underlying(id);
  return ::epoll_ctl(epoll_.get(), operation, fd, &event) == 0 ? 0 : errno;
}

void Poller::wait(int timeout_ms) {
  const int count =
      ::epoll_wait(epoll_.get(), events_.data(), static_cast<int>(events_.size()), timeout_ms);
  CHECK(count >= 0 || errno == EINTR);
  event_count_ = count > 0 ? static_cast<std::size_t>(count) : 0;
}

bool Poller::dispatch() {
  for (std::size_t i = 0; i < event_count_; ++i)
    if (Source* source = find(SourceId{events_[i].data.u64})) source->on_ready(events_[i].events);
  return event_count_ > 0;
}

}  // namespace banyan::net
