#include "sim/disk.h"

#include <algorithm>
#include <cerrno>
#include <system_error>

#include "base/crc.h"

namespace banyan::sim {
namespace {

std::unexpected<Error> os_fail(int code) {
  return fail(Errc::io, std::generic_category().message(code));
}

InodePtr make_directory_inode() {
  auto inode = std::make_shared<Inode>();
  inode->is_directory = true;
  return inode;
}

}  // namespace

Disk::Disk(NodeId node, Scheduler& scheduler, Rng& rng, const Faults& faults)
    : node_(node), scheduler_(scheduler), rng_(rng), faults_(faults) {
  wipe();
}

void Disk::wipe() {
  pending_.clear();
  durable_ = {{"/", make_directory_inode()}, {"/data", make_directory_inode()}};
  view_ = durable_;
}

void Disk::record(EventKind kind, Bytes data) {
  scheduler_.record({.kind = kind, .node = node_, .length = data.size(), .crc = crc64(0, data)});
}

bool Disk::is_directory(const std::string& path) const {
  const auto it = view_.find(path);
  return it != view_.end() && it->second->is_directory;
}

Result<> Disk::check_parent(const std::string& path) const {
  const auto it = view_.find(directory_of(path));
  if (it == view_.end()) return os_fail(ENOENT);
  if (!it->second->is_directory) return os_fail(ENOTDIR);
  return {};
}

Result<InodePtr> Disk::open(const std::string& path) const {
  const auto it = view_.find(path);
  if (it == view_.end()) return os_fail(ENOENT);
  if (it->second->is_directory) return os_fail(EISDIR);
  return it->second;
}

Result<InodePtr> Disk::open_or_create(const std::string& path) {
  if (exists(path)) return open(path);
  TRY_DO(check_parent(path));
  auto inode = std::make_shared<Inode>();
  change({{path, inode}});
  return inode;
}

Result<> Disk::rename(const std::string& from, const std::string& to) {
  TRY(const InodePtr inode, open(from));
  TRY_DO(check_parent(to));
  if (is_directory(to)) return os_fail(EISDIR);
  if (from != to) change({{from, nullptr}, {to, inode}});
  return {};
}

Result<> Disk::remove(const std::string& path) {
  if (!exists(path)) return os_fail(ENOENT);
  if (is_directory(path)) {
    TRY(const std::vector<std::string> names, list(path));
    if (!names.empty() || path == "/") return os_fail(ENOTEMPTY);
  }
  change({{path, nullptr}});
  return {};
}

Result<> Disk::make_directories(const std::string& path) {
  if (is_directory(path)) return {};
  if (exists(path)) return os_fail(ENOTDIR);
  TRY_DO(make_directories(directory_of(path)));
  change({{path, make_directory_inode()}});
  return {};
}

Result<std::vector<std::string>> Disk::list(const std::string& directory) const {
  if (!exists(directory)) return os_fail(ENOENT);
  if (!is_directory(directory)) return os_fail(ENOTDIR);
  const std::string prefix = directory == "/" ? directory : directory + "/";
  std::vector<std::string> names;
  for (auto it = view_.upper_bound(prefix); it != view_.end(); ++it) {
    if (!it->first.starts_with(prefix)) break;
    std::string name = it->first.substr(prefix.size());
    if (name.find('/') == std::string::npos) names.push_back(std::move(name));
  }
  return names;
}

void Disk::apply(Names& names, const Change& change) {
  for (const auto& [path, inode] : change) {
    if (inode)
      names[path] = inode;
    else
      names.erase(path);
  }
}

void Disk::change(Change change) {
  apply(view_, change);
  record(EventKind::disk_change, change.back().first);
  pending_.push_back(std::move(change));
}

// As a journal does: everything up to the last change in this directory becomes durable.
Result<> Disk::sync_directory(const std::string& path) {
  if (!is_directory(path)) return os_fail(exists(path) ? ENOTDIR : ENOENT);
  if (rng_.chance(faults_.sync_error)) return os_fail(EIO);
  record(EventKind::disk_sync, path);
  const auto touches = [&path](const Change& change) {
    return std::ranges::any_of(
        change, [&path](const auto& name) { return directory_of(name.first) == path; });
  };
  const auto last = std::find_if(pending_.rbegin(), pending_.rend(), touches).base();
  for (auto it = pending_.begin(); it != last; ++it) apply(durable_, *it);
  pending_.erase(pending_.begin(), last);
  return {};
}

std::uint64_t Disk::used_bytes() const {
  std::uint64_t total = 0;
  for (const auto& [path, inode] : view_) total += inode->data.size();
  return total;
}

Result<> Disk::write(Inode& inode, std::uint64_t& position, Bytes data) {
  int error = 0;
  if (rng_.chance(faults_.write_error)) {
    data = data.substr(0, rng_.below(data.size() + 1));
    error = EIO;
  }
  const std::uint64_t end = position + data.size();
  if (end > inode.data.size()) {
    const std::uint64_t used = used_bytes();
    const std::uint64_t room = std::max(faults_.disk_capacity_bytes, used) - used;
    const std::uint64_t wanted = end - inode.data.size();
    if (wanted > room) {
      data = data.substr(0, data.size() - std::min(data.size(), wanted - room));
      error = ENOSPC;
    }
  }
  record(EventKind::disk_write, data);
  if (!data.empty()) {
    if (inode.data.size() < position + data.size()) inode.data.resize(position + data.size());
    inode.data.replace(position, data.size(), data);
    inode.settled = std::min<std::size_t>(inode.settled, position);
    position += data.size();
  }
  if (error) return os_fail(error);
  return {};
}

Result<> Disk::truncate(Inode& inode, std::uint64_t size) {
  const std::uint64_t used = used_bytes();
  if (size > inode.data.size() && size - inode.data.size() > faults_.disk_capacity_bytes - used)
    return os_fail(ENOSPC);
  inode.settled = std::min<std::size_t>(inode.settled, std::min(size, inode.data.size()));
  inode.data.resize(size);
  inode.size_min = std::min<std::size_t>(inode.size_min, size);
  return {};
}

void Disk::settle(Inode& inode) {
  inode.durable.resize(std::min(inode.durable.size(), inode.settled));
  inode.durable.append(inode.data, inode.settled);
  inode.settled = inode.size_min = inode.data.size();
}

Result<> Disk::sync(Inode& inode) {
  record(EventKind::disk_sync, Bytes(inode.data).substr(inode.settled));
  if (!rng_.chance(faults_.sync_error)) {
    settle(inode);
    return {};
  }
  if (rng_.chance(0.5)) {  // the kernel takes the pages for clean, and never writes them
    inode.durable.resize(std::min(inode.durable.size(), inode.settled));
    inode.durable.resize(inode.data.size());
    inode.settled = inode.size_min = inode.data.size();
  }
  return os_fail(EIO);
}

// What the platters hold of one file when the power goes away.
static std::string remains(const Inode& inode, Rng& rng) {
  std::string out = inode.durable;
  if (inode.settled == inode.data.size() && inode.settled == inode.durable.size()) return out;
  if (rng.chance(0.25)) return out;  // nothing of it was written
  const std::size_t fresh = inode.data.size() - inode.settled;
  const std::size_t keep = inode.settled + (rng.chance(0.25) ? fresh : rng.below(fresh + 1));
  // Old bytes beyond the kept ones survive where the file was overwritten, not truncated.
  const std::size_t old_end = std::max(keep, std::min(inode.size_min, out.size()));
  std::string old = old_end > keep ? out.substr(keep, old_end - keep) : std::string();
  out.resize(std::min(out.size(), inode.settled));
  out.append(inode.data, inode.settled, keep - inode.settled);
  out += old;
  const bool size_came_first = rng.chance(0.25);
  if (size_came_first && out.size() < inode.data.size()) out.resize(inode.data.size());
  return out;
}

void Disk::lose_power() {
  const std::size_t kept = rng_.below(pending_.size() + 1);
  for (std::size_t i = 0; i < kept; ++i) apply(durable_, pending_[i]);
  pending_.clear();
  for (auto& [path, inode] : durable_) {
    if (inode->is_directory) continue;
    // A new inode: handles of the dead process keep the old one and can do no harm.
    auto fresh = std::make_shared<Inode>();
    fresh->data = fresh->durable = remains(*inode, rng_);
    fresh->settled = fresh->size_min = fresh->data.size();
    inode = std::move(fresh);
  }
  view_ = durable_;
}

std::optional<std::string> Disk::content(const std::string& path) const {
  const auto it = view_.find(path);
  if (it == view_.end() || it->second->is_directory) return std::nullopt;
  return it->second->data;
}

void Disk::put(const std::string& path, Bytes data) {
  auto inode = std::make_shared<Inode>();
  inode->data = inode->durable = data;
  inode->settled = inode->size_min = data.size();
  view_[path] = durable_[path] = inode;
}

}  // namespace banyan::sim
