// RdbWalk: a snapshot of the whole keyspace as an RDB stream, produced bit by bit while the node
// goes on serving: a cut, then a walk, then chunks for whoever wants them.
//
// Vocabulary   A *target* takes the chunks: a file, the sockets of replicas. Chunks are shared.
// Cost         step() runs for about its budget and stops early while a target is behind, so that
//              a slow target costs time, not memory. (Buckets that writers save ahead of the walk
//              are never held back.)
//              A delay makes it wait after the keys that it saves, not for those that writers save.
// Threads      The main worker's. Other workers write entries through the walk's own lock.
// Failure      A target that fails is dropped; when none is left the walk goes on silently to its
//              end, as store/snapshot.h wants it.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "node/key_delay.h"
#include "node/worker.h"
#include "persist/rdb_encoder.h"
#include "store/snapshot.h"

namespace banyan::node {

using Chunk = std::shared_ptr<const std::string>;

class RdbTarget {
 public:
  virtual void on_chunk(const Chunk& chunk) = 0;
  virtual void on_end() = 0;  // all chunks were given
  // Taken but not sent or written yet.
  virtual std::size_t bytes_behind() const = 0;

 protected:
  ~RdbTarget() = default;
};

class RdbWalk final : private store::SnapshotSink {
 public:
  struct Options {
    persist::RdbEncoder::Options encoding;
    persist::RdbInfo info;
    bool lfu = false;
    bool with_access = false;  // write idle times or frequencies
  };
  // Requires: the caller is alone on the node (this is the cut).
  RdbWalk(store::Keyspace& keyspace, const Options& options, UnixMs now);
  ~RdbWalk();  // requires: is_over()

  void add_target(RdbTarget& target) { targets_.push_back(&target); }
  // Nothing is given to it any more. Without targets the walk is silent.
  void drop_target(RdbTarget& target);
  void abandon();  // drops all

  // True when it could go on at once; false when it is over, a target is behind or time is owed.
  bool step(Worker& worker, Duration budget, KeyDelay* delay = nullptr);
  bool is_over() const { return walk_ == nullptr; }
  std::uint64_t keys_total() const { return keys_total_; }
  std::uint64_t keys_done() const { return walk_ != nullptr ? walk_->keys_done() : keys_total_; }

 private:
  static constexpr std::size_t kChunkBytes = 64 * 1024;
  static constexpr std::size_t kBehindBytesMax = 1024 * 1024;
  static constexpr std::uint32_t kBucketsPerStep = 16;

  void on_entry(unsigned database, const store::Entry& entry) override;
  void save_some(KeyDelay* delay);
  void save_buckets(std::uint32_t count);
  void hand_out(bool last);
  bool is_target_behind() const;
  void finish(Worker& worker);

  store::Keyspace& keyspace_;
  Options options_;
  UnixMs now_;
  std::string buffer_;
  persist::RdbEncoder encoder_;
  std::shared_ptr<store::Walk> walk_;
  std::vector<RdbTarget*> targets_;
  std::uint64_t keys_total_ = 0;
  int database_ = -1;            // that the stream has selected
  std::vector<bool> announced_;  // databases whose size has been written
};

}  // namespace banyan::node
