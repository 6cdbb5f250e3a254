// Log: the replication log: every effect of a write, once, in order. Replicas, the AOF and later
// consumers are readers with a position in it (reader.h).
//
// Vocabulary   An *entry* is what one append() added: a command or a MULTI ... EXEC block, and the
//              SELECT before it if there was one. The *window* [first, next) is what can be read:
//              `next` is master_repl_offset, next - first is repl_backlog_histlen.
//              *Unfinished* bytes came from upstream but are not a whole command yet. They are
//              stored past `next`, where no reader sees them, so that a link which breaks in the
//              middle of a command leaves no half command behind for others (truncate_tail()).
// Invariants   next - first >= min(backlog size, bytes since the start): trimming takes whole
//              blocks, and only such as leave the configured size. next never decreases but by
//              activate() and reset(), and no offset a reader has seen gets other bytes.
//              A block stays while the window or a reader needs it; readers behind the backlog hold
//              the window open, so shared memory counts once and serves partial resyncs as well.
// Inactive     Until somebody needs the log: writes then cost the test of active(), and offsets
//              stand still (Redis: no backlog before the first replica).
// Threads      All calls from any thread, but for the constructor, the destructor and
//              set_on_append(). Appends of several threads are ordered by a short lock; an append
//              copies under it, so a value of n bytes holds up other appends while it is copied.
//              Readers do not take it, except once a block.
// Failure      None: a full append or nothing. Memory is the allocator's matter.
#pragma once

#include <atomic>
#include <mutex>
#include <optional>
#include <utility>

#include "base/env.h"
#include "log/block.h"
#include "log/marks.h"
#include "log/offset.h"

namespace banyan::log {

struct Entry {
  Offset start;
  EntryInfo info;
};

// For INFO: repl_backlog_*, mem_total_replication_buffers and the like.
struct Figures {
  Window window{};
  std::int64_t backlog_size_bytes = 0;
  std::int64_t unfinished_bytes = 0;
  std::size_t held_bytes = 0;   // blocks that the window or a reader needs, with their marks
  std::size_t spare_bytes = 0;  // blocks kept for reuse
  std::size_t readers = 0;
};

class Log {
 public:
  explicit Log(std::int64_t backlog_size_bytes);
  ~Log();  // requires: no reader is left
  Log(const Log&) = delete;
  Log& operator=(const Log&) = delete;

  bool active() const { return active_.load(std::memory_order_relaxed); }
  // An empty window at `start`. Requires: !active().
  void activate(Offset start);
  // Forgets all and cuts all readers off; next() stays where it was. Fine when inactive.
  void deactivate();

  // Appends one entry and returns its end: the offset that a reply to this write waits for. When
  // the database differs from the last entry's, the matching SELECT goes before it, under the same
  // lock: threads that write to different databases cannot come between.
  // While inactive, appends nothing. Requires: no unfinished bytes.
  Offset append(const EntryInfo& info, Bytes bytes);
  // The same for a block of commands, which must be taken together: MULTI, the SELECT if there must
  // be one, `body`, EXEC. `last_database` is the one that `body` selects last, if it selects any.
  Offset append_block(const EntryInfo& info, Bytes body, std::uint16_t last_database);
  // The next entry brings its SELECT: at the cut of a snapshot (its loader starts in database 0)
  // and at a promotion.
  void forget_database();

  // A replica keeps its primary's stream byte for byte. Stores `bytes` as unfinished.
  // While inactive, appends nothing.
  void append_raw(Bytes bytes);
  // The bytes [next, end) were one command and have been applied: they become readable, as one
  // entry. Fine when inactive. Requires: next < end <= next + unfinished bytes.
  void finish(const EntryInfo& info, Offset end);
  // Discards what is stored at and after `at`. Fine when inactive.
  // Requires: next <= at <= next + unfinished bytes.
  void truncate_tail(Offset at);

  // After a full resync: another history, of which we hold nothing. Cuts all readers off.
  // Requires: active().
  void reset(Offset next);
  void clear() { reset(next()); }

  // `hook` is called by an appending thread, outside the lock, at most once after each arm(). Set
  // it before threads start; it must be safe to call from any of them (Loop::post is).
  void set_on_append(Task hook) { on_append_ = std::move(hook); }
  // Asks for one call at the next append. Returns next(): if that is more than the caller has read,
  // read again instead of waiting.
  Offset arm();

  // Takes effect at once, but gives memory back bit by bit (trim()).
  void set_backlog_size(std::int64_t bytes);
  // Gives back a bounded number of blocks that nobody needs. Appends and readers do this as they
  // go; call it now and then so that an idle log shrinks too. True when there may be more.
  bool trim();

  Offset next() const { return Offset(published_.load(std::memory_order_acquire)); }
  Window window() const;
  // The first entry in the window that starts at `at` or later: what comes first in the window may
  // be the rest of an entry. O(log entries), but for entries larger than a block.
  std::optional<Entry> entry_at_or_after(Offset at) const;
  Figures figures() const;

 private:
  friend class Reader;

  // Freeing the gigabytes that a slow replica leaves behind must not stop the node.
  static constexpr std::size_t kTrimBlocksPerCall = 64;

  // Holds the lock; on the way out, frees what became garbage after unlocking.
  class Locked {
   public:
    explicit Locked(Log& log) : log_(log) { log_.mutex_.lock(); }
    ~Locked() {
      Block* garbage = log_.chain_.take_garbage();
      log_.mutex_.unlock();
      if (garbage) [[unlikely]]
        BlockChain::destroy(garbage);
    }
    Locked(const Locked&) = delete;
    Locked& operator=(const Locked&) = delete;

   private:
    Log& log_;
  };

  // All of these: under the lock.
  Window window_locked() const;
  template <class Write>
  Offset append_with(const EntryInfo& info, const Write& fill);
  void select(std::uint16_t database);
  void write(Bytes bytes);
  void write_over_blocks(Bytes bytes);
  void write_select(std::uint16_t database);
  void mark(Offset start, const EntryInfo& info);
  void publish(Offset end);
  [[nodiscard]] bool take_hook() { return std::exchange(armed_, false); }
  bool trim_locked(std::size_t blocks);  // at most so many
  void restart_at(Offset next);

  mutable std::mutex mutex_;
  BlockChain chain_;
  Offset written_;  // >= published_; the difference is unfinished
  std::int64_t backlog_size_bytes_ = 0;
  Offset trim_from_;                     // no use in trying while next() is less
  std::int32_t selected_database_ = -1;  // -1 = unknown to the stream's readers
  bool armed_ = false;
  std::size_t readers_ = 0;
  Task on_append_;

  std::atomic<bool> active_ = false;
  std::atomic<std::int64_t> published_ = 0;
  // Raised before published_ moves to another history: a reader that sees the new offset sees that
  // it is not its own (see Reader::readable_end()).
  std::atomic<std::uint64_t> generation_ = 0;
};

}  // namespace banyan::log
