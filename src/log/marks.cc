#include "log/marks.h"

#include <algorithm>

#include "base/check.h"

namespace banyan::log {

bool Marks::fits_last_run(const EntryInfo& info) const {
  if (runs_.empty()) return false;
  const Run& run = runs_.back();
  // Clocks jump: an entry older than its run starts a new one.
  return run.database == info.database && run.origin == info.origin && info.time >= run.time &&
         info.time - run.time <= 0xffff;
}

std::size_t Marks::add(std::uint16_t start, const EntryInfo& info) {
  DCHECK(marks_.empty() || marks_.back().start < start);
  const bool may_grow = marks_.size() == marks_.capacity() || runs_.size() == runs_.capacity();
  const std::size_t before = may_grow ? memory_bytes() : 0;
  if (!fits_last_run(info))
    runs_.push_back(
        {static_cast<std::uint32_t>(marks_.size()), info.origin, info.time, info.database});
  marks_.push_back({start, info.slot, static_cast<std::uint16_t>(info.time - runs_.back().time)});
  return may_grow ? memory_bytes() - before : 0;
}

std::optional<Marks::Found> Marks::at_or_after(std::size_t start) const {
  const auto mark = std::lower_bound(marks_.begin(), marks_.end(), start,
                                     [](const Mark& m, std::size_t s) { return m.start < s; });
  if (mark == marks_.end()) return std::nullopt;
  const auto index = static_cast<std::size_t>(mark - marks_.begin());
  const auto run =
      std::prev(std::upper_bound(runs_.begin(), runs_.end(), index,
                                 [](std::size_t i, const Run& r) { return i < r.first_mark; }));
  return Found{mark->start, EntryInfo{.database = run->database,
                                      .slot = mark->slot,
                                      .origin = run->origin,
                                      .time = run->time + mark->ms_into_run}};
}

void Marks::clear() {
  marks_.clear();
  runs_.clear();
}

std::size_t Marks::memory_bytes() const {
  return marks_.capacity() * sizeof(Mark) + runs_.capacity() * sizeof(Run);
}

}  // namespace banyan::log
