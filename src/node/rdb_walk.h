// RdbWalk: a snapshot of the whole keyspace as an RDB stream, produced bit by bit while the node
// goes on serving: a cut, then a walk, then chunks for whoever wants them.
//
// Vocabulary   A *target* takes the chunks: a file, the sockets of replicas. Chunks are shared.
//              A *slice* is one step(), a *piece* what it writes under one hold of a lock.
// How it works A big value is written in pieces, and its chunks go out as they fill; between them
//              the locks and the thread are everybody's. An RDB stream does not let anything into
//              the middle of a value: what writers save meanwhile is put *aside*, in chunks of its
//              own, and follows when the value is through. So there is one order of the stream, and
//              one database selected in it: whoever writes, writes at its end, but for the rest of
//              the half-written value, which needs no selection.
// Cost         step() runs for about its budget and stops early while a target is behind, also in
//              the middle of a value, so that a slow target costs time, not memory. (Buckets that
//              writers save ahead of the walk are never held back.) A piece goes beyond its work
//              by one element at most; but a string is one element, however long.
//              A delay makes it wait after the keys that it saves, not for those that writers save.
// Threads      The main worker's. Other workers write entries under the snapshots' lock, which a
//              writer that has the rest of a big value to save holds for all of it.
// Failure      A target that fails is dropped; when none is left the walk goes on silently to its
//              end, as store/snapshot.h wants it.
#pragma once

#include <deque>
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
  // Between two looks at the clock: 20 to 150 µs.
  static constexpr std::size_t kWorkPerPiece = 32 * 1024;

  // Chunks in their order.
  struct Chunks {
    std::deque<std::string> full;
    std::string open;  // the last one, which is being filled

    // The string at whose end to write.
    std::string& room() {
      if (open.size() >= kChunkBytes) [[unlikely]]
        close();
      return open;
    }
    void close();
    bool empty() const { return full.empty() && open.empty(); }
    std::string take_first();  // requires: not empty
    void append(Chunks&& others);
  };

  bool on_entry(unsigned database, const store::Entry& entry, std::size_t& work) override;
  void select(std::string& out, unsigned database);
  void begin_entry(std::string& out, unsigned database, const store::Entry& entry);
  bool write(std::string& out, const store::Entry& entry, persist::ValueProgress& progress,
             std::size_t& work) const;
  bool write_on(Chunks& chunks, const store::Entry& entry, persist::ValueProgress& progress,
                std::size_t& work) const;
  bool go_on(std::size_t& work);
  void save_buckets(std::uint32_t count, std::size_t& work);
  void write_piece();
  void write_piece(KeyDelay& delay);
  bool hand_out(bool last);
  void give_encoded();
  void give(const Chunk& chunk);
  bool is_target_behind() const;
  void finish(Worker& worker);

  store::Keyspace& keyspace_;
  Options options_;
  UnixMs now_;
  std::string ends_;  // the beginning of the stream, later its end
  persist::RdbEncoder encoder_;
  // From here to announced_: under the walk's lock.
  Chunks chunks_;                       // of the stream, to be handed out
  Chunks aside_;                        // what follows half_
  const store::Entry* half_ = nullptr;  // the one that is half written, at the end of chunks_
  persist::ValueProgress half_progress_;
  int database_ = -1;            // selected at the end of the stream
  std::vector<bool> announced_;  // databases whose size has been written
  std::shared_ptr<store::Walk> walk_;
  std::vector<RdbTarget*> targets_;
  std::uint64_t keys_total_ = 0;
};

}  // namespace banyan::node
