// Disk: one machine's file system, in memory. It outlives the processes on it, and forgets at a
// power cut what was not synced.
//
// Vocabulary   An *inode* is a file's content, whatever its name. The *view* is what running
//              processes see; the *durable* state what the platters hold. A *change* is one or two
//              names given or taken away at once (create, remove, rename, make a directory).
// Invariants   Names: a power cut keeps a prefix of the changes since the last sync_directory(),
//              in their order. Contents: synced bytes stay; of the others a power cut drops all,
//              keeps a prefix, or leaves zeros in their place. The two are independent: a renamed
//              file may be there under its new name and empty.
// Threads      None.
// Failure      ENOENT and the like as the kernel would; ENOSPC beyond Faults::disk_capacity_bytes;
//              EIO at random. A failed write leaves a random prefix. A failed sync may leave the
//              bytes marked clean, so that the next sync "succeeds" without them (as Linux does).
#pragma once

#include <map>
#include <memory>
#include <optional>
#include <vector>

#include "sim/faults.h"
#include "sim/scheduler.h"

namespace banyan::sim {

struct Inode {
  bool is_directory = false;
  std::string data;          // what a reader sees
  std::string durable;       // what a power cut leaves, at least
  std::size_t settled = 0;   // no sync will write the bytes before this again
  std::size_t size_min = 0;  // the smallest size since the last sync
};
using InodePtr = std::shared_ptr<Inode>;

class Disk {
 public:
  Disk(NodeId node, Scheduler& scheduler, Rng& rng, const Faults& faults);

  // All paths are absolute and normal: "/", or "/a/b" without ".", ".." or a trailing slash.
  Result<InodePtr> open(const std::string& path) const;
  Result<InodePtr> open_or_create(const std::string& path);
  Result<> rename(const std::string& from, const std::string& to);
  Result<> remove(const std::string& path);
  Result<> make_directories(const std::string& path);
  Result<std::vector<std::string>> list(const std::string& directory) const;
  Result<> sync_directory(const std::string& path);
  bool exists(const std::string& path) const { return view_.contains(path); }
  bool is_directory(const std::string& path) const;

  // Moves `position` behind what was written, which after a failure is a part of `data`.
  Result<> write(Inode& inode, std::uint64_t& position, Bytes data);
  Result<> truncate(Inode& inode, std::uint64_t size);
  Result<> sync(Inode& inode);
  Duration draw_sync_cost() { return draw_exponential(rng_, faults_.sync_mean); }

  void lose_power();

  // For tests and checkers: past every fault, durable at once.
  std::optional<std::string> content(const std::string& path) const;
  void put(const std::string& path, Bytes data);
  void wipe();  // a new, empty disk

 private:
  using Names = std::map<std::string, InodePtr>;
  using Change = std::vector<std::pair<std::string, InodePtr>>;  // null = the name is gone

  Result<> check_parent(const std::string& path) const;
  void change(Change change);
  static void apply(Names& names, const Change& change);
  void settle(Inode& inode);
  std::uint64_t used_bytes() const;
  void record(EventKind kind, Bytes data);

  NodeId node_;
  Scheduler& scheduler_;
  Rng& rng_;
  const Faults& faults_;
  Names view_, durable_;
  std::vector<Change> pending_;
};

}  // namespace banyan::sim
