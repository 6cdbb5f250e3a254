#include "net/timers.h"

#include <utility>

namespace banyan::net {

TimerId Timers::add(Instant when, Task task) {
  if (free_slots_.empty()) {
    free_slots_.push_back(static_cast<std::uint32_t>(slots_.size()));
    slots_.emplace_back();
  }
  const std::uint32_t index = free_slots_.back();
  free_slots_.pop_back();
  Slot& slot = slots_[index];
  slot.task = std::move(task);
  ++slot.uses;
  heap_.push_back({when, next_sequence_++, index});
  sift_up(heap_.size() - 1);
  // Slots count from 1 in an id, so that no id is TimerId::none.
  return TimerId{(static_cast<std::uint64_t>(slot.uses) << 32) | (index + 1)};
}

void Timers::cancel(TimerId timer) {
  const auto number = std::to_underlying(timer);
  const auto index = static_cast<std::uint32_t>(number) - 1;
  if (timer == TimerId::none || index >= slots_.size()) return;
  const Slot& slot = slots_[index];
  if (slot.uses != number >> 32 || !slot.task) return;
  take(slot.heap_index);
}

std::optional<Instant> Timers::next() const {
  if (heap_.empty()) return std::nullopt;
  return heap_.front().when;
}

bool Timers::run_due(Instant now) {
  const std::uint64_t limit = next_sequence_;
  bool has_run = false;
  while (!heap_.empty() && heap_.front().when <= now && heap_.front().sequence < limit) {
    take(0)();
    has_run = true;
  }
  return has_run;
}

void Timers::place(std::size_t index, const Entry& entry) {
  heap_[index] = entry;
  slots_[entry.slot].heap_index = static_cast<std::uint32_t>(index);
}

void Timers::sift_up(std::size_t index) {
  const Entry entry = heap_[index];
  while (index > 0 && entry.before(heap_[(index - 1) / 2])) {
    place(index, heap_[(index - 1) / 2]);
    index = (index - 1) / 2;
  }
  place(index, entry);
}

void Timers::sift_down(std::size_t index) {
  const Entry entry = heap_[index];
  while (true) {
    std::size_t child = 2 * index + 1;
    if (child >= heap_.size()) break;
    if (child + 1 < heap_.size() && heap_[child + 1].before(heap_[child])) ++child;
    if (!heap_[child].before(entry)) break;
    place(index, heap_[child]);
    index = child;
  }
  place(index, entry);
}

Task Timers::take(std::size_t index) {
  const std::uint32_t slot = heap_[index].slot;
  Task task = std::exchange(slots_[slot].task, nullptr);
  const Entry last = heap_.back();
  heap_.pop_back();
  if (index < heap_.size()) {
    place(index, last);
    sift_up(index);
    sift_down(slots_[last.slot].heap_index);
  }
  free_slots_.push_back(slot);
  return task;
}

}  // namespace banyan::net
