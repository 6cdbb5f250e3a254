#include "log/reply_gate.h"

#include <algorithm>
#include <functional>

#include "base/check.h"

namespace banyan::log {

void ReplyGate::add_reader(ReaderId reader, Kind kind, Releases& out) {
  const bool is_new = readers_.emplace(reader, Reader{kind, Offset(), Offset()}).second;
  CHECK(is_new);
  if (kind == Kind::replica) {
    insert(applied_, Offset());
    insert(fsynced_, Offset());
  } else {
    find_furthest_local();
  }
  release_covered(out);
}

void ReplyGate::remove_reader(ReaderId reader, Releases& out) {
  const auto found = readers_.find(reader);
  if (found == readers_.end()) return;
  const Reader gone = found->second;
  readers_.erase(found);
  if (gone.kind == Kind::replica) {
    erase(applied_, gone.applied);
    erase(fsynced_, gone.fsynced);
    return;
  }
  find_furthest_local();
  if (local_fsynced_) return;
  std::map<Place, std::uint64_t> stuck;
  for (const auto& [group, places] : groups_)
    if (group.local_disk) stuck.insert(places.begin(), places.end());
  release_tokens(stuck, Release::Why::local_disk_gone, out);
}

void ReplyGate::on_ack(ReaderId reader, Offset applied, Offset fsynced, Releases& out) {
  const auto found = readers_.find(reader);
  if (found == readers_.end()) return;
  Reader& acked = found->second;
  if (acked.kind == Kind::replica) {
    raise(applied_, acked.applied, applied);
    raise(fsynced_, acked.fsynced, fsynced);
  } else {
    acked.fsynced = std::max(acked.fsynced, fsynced);
    find_furthest_local();
  }
  release_covered(out);
}

std::optional<Release> ReplyGate::wait(std::uint64_t token, const Need& need) {
  CHECK(!waiters_.contains(token));
  const Group group{need.copies, need.copies_on_disk, need.local_disk};
  if (covered(group, need.offset))
    return release(token, group, need.offset, Release::Why::satisfied);
  if (need.local_disk && !local_fsynced_)
    return release(token, group, need.offset, Release::Why::local_disk_gone);
  const Place place{need.offset, turns_++};
  waiters_.emplace(token, Waiter{group, place, need.deadline});
  groups_[group].emplace(place, token);
  if (need.deadline) deadlines_.emplace(*need.deadline, token);
  return std::nullopt;
}

void ReplyGate::cancel(std::uint64_t token) {
  if (waiters_.contains(token)) forget(token);
}

void ReplyGate::tick(Instant now, Releases& out) {
  std::map<Place, std::uint64_t> due;
  for (auto it = deadlines_.begin(); it != deadlines_.end() && it->first <= now; ++it)
    due.emplace(waiters_.at(it->second).place, it->second);
  release_tokens(due, Release::Why::timed_out, out);
}

std::optional<Instant> ReplyGate::next_deadline() const {
  if (deadlines_.empty()) return std::nullopt;
  return deadlines_.begin()->first;
}

void ReplyGate::release_all(Releases& out) {
  std::map<Place, std::uint64_t> all;
  for (const auto& [group, places] : groups_) all.insert(places.begin(), places.end());
  release_tokens(all, Release::Why::role_changed, out);
}

std::size_t ReplyGate::count_acked(Offset offset, bool on_disk) const {
  const Acks& all = acks(on_disk);
  const auto end = std::upper_bound(all.begin(), all.end(), offset, std::greater<>());
  return static_cast<std::size_t>(end - all.begin());
}

bool ReplyGate::on_local_disk(Offset offset) const {
  return local_fsynced_ && *local_fsynced_ >= offset;
}

std::optional<Offset> ReplyGate::acked_by(std::size_t copies, bool on_disk) const {
  const Acks& all = acks(on_disk);
  if (copies == 0 || copies > all.size()) return std::nullopt;
  return all[copies - 1];
}

void ReplyGate::insert(Acks& acks, Offset ack) {
  acks.insert(std::upper_bound(acks.begin(), acks.end(), ack, std::greater<>()), ack);
}

void ReplyGate::erase(Acks& acks, Offset ack) {
  acks.erase(std::lower_bound(acks.begin(), acks.end(), ack, std::greater<>()));
}

void ReplyGate::raise(Acks& acks, Offset& from, Offset to) {
  if (to <= from) return;
  erase(acks, from);
  insert(acks, to);
  from = to;
}

bool ReplyGate::covered(const Group& group, Offset offset) const {
  if (group.local_disk && !on_local_disk(offset)) return false;
  if (group.copies == 0) return true;
  const auto reached = acked_by(group.copies, group.copies_on_disk);
  return reached && *reached >= offset;
}

Release ReplyGate::release(std::uint64_t token, const Group& group, Offset offset,
                           Release::Why why) const {
  return {token, why, count_acked(offset, group.copies_on_disk), on_local_disk(offset)};
}

void ReplyGate::release_covered(Releases& out) {
  std::map<Place, std::uint64_t> due;
  for (const auto& [group, places] : groups_)
    for (const auto& [place, token] : places) {
      if (!covered(group, place.offset)) break;  // so are all that wait for later offsets
      due.emplace(place, token);
    }
  release_tokens(due, Release::Why::satisfied, out);
}

void ReplyGate::release_tokens(const std::map<Place, std::uint64_t>& due, Release::Why why,
                               Releases& out) {
  for (const auto& [place, token] : due) {
    out.push_back(release(token, waiters_.at(token).group, place.offset, why));
    forget(token);
  }
}

void ReplyGate::forget(std::uint64_t token) {
  const auto found = waiters_.find(token);
  const Waiter& waiter = found->second;
  const auto group = groups_.find(waiter.group);
  group->second.erase(waiter.place);
  if (group->second.empty()) groups_.erase(group);
  if (waiter.deadline) deadlines_.erase({*waiter.deadline, token});
  waiters_.erase(found);
}

void ReplyGate::find_furthest_local() {
  local_fsynced_.reset();
  for (const auto& [id, reader] : readers_)
    if (reader.kind == Kind::local_disk)
      local_fsynced_ = std::max(local_fsynced_.value_or(Offset()), reader.fsynced);
}

}  // namespace banyan::log
