// Snapshots: the one walk that may be under way, for a file or for the sockets of replicas, and
// the RDB file on disk.
//
// Threads   The main worker's; files are written by the loop's background thread.
// Failure   A file that cannot be written leaves the old one in place; the walk goes on silently.
#pragma once

#include <functional>
#include <memory>
#include <string>

#include "node/rdb_walk.h"
#include "persist/rdb_file.h"

namespace banyan::node {

class Core;

// Who asked for a snapshot on behalf of replicas.
class SocketSnapshotOwner {
 public:
  virtual void on_socket_snapshot_over() = 0;

 protected:
  ~SocketSnapshotOwner() = default;
};

struct SaveStats {
  UnixMs last_save_ms = 0;  // of the last success, or of the start
  bool last_ok = true;
  std::int64_t last_seconds = -1;  // how long the last background save took
  std::uint64_t saves = 0;
  std::uint64_t dirty_at_save = 0;  // of the node's change count
};

class Snapshots {
 public:
  explicit Snapshots(Core& core);
  ~Snapshots();

  bool is_running() const { return walk_ != nullptr; }
  bool is_saving() const { return file_ != nullptr; }
  Duration running_for() const;
  const RdbWalk* walk() const { return walk_.get(); }
  const SaveStats& stats() const { return stats_; }
  SaveStats& stats() { return stats_; }

  // Requires !is_running(). `over` hears how it ended.
  using Over = std::move_only_function<void(bool ok, std::int64_t bytes)>;
  // `at_cut` runs alone, at the cut.
  Result<> start_file(
      Over over, const std::function<void()>& at_cut = [] {});
  // The targets must outlive the walk, or be dropped.
  void start_sockets(const std::vector<RdbTarget*>& targets, SocketSnapshotOwner& owner,
                     const std::function<void()>& at_cut);
  void drop_target(RdbTarget& target);
  // SAVE: all of it, now; at a shutdown rdb-key-save-delay does not count.
  enum class Haste : std::uint8_t { delayed, at_once };
  Result<> save_now(Haste haste = Haste::delayed);
  // stop-writes-on-bgsave-error, save: whether writes must be refused follows from them.
  void refresh_policy();
  // Ends what is under way, at once: no file appears, sockets get no more of it.
  void stop();

  // The file that is being saved is not wanted any more, if there is one: the walk goes on silently
  // and then ends, and who started it hears that there is no file.
  void cancel_file();

  // A slice of the walk; true when it could go on at once.
  bool step();
  std::string path() const;

 private:
  class FileTarget;
  RdbWalk::Options options() const;
  void begin(const std::function<void()>& at_cut);
  void end_walk();
  void on_file_over(bool ok, const std::string& error, std::int64_t bytes, bool cancelled = false);
  Result<std::unique_ptr<persist::RdbFileWriter>> new_file();

  Core& core_;
  std::unique_ptr<RdbWalk> walk_;
  std::unique_ptr<FileTarget> file_;
  SocketSnapshotOwner* socket_owner_ = nullptr;
  Over over_;
  SaveStats stats_;
  KeyDelay delay_;
  std::uint64_t dirty_at_cut_ = 0;
  Instant started_{};
  std::uint64_t files_created_ = 0;
};

}  // namespace banyan::node
