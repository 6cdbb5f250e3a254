// SharedReads: who reads which partitions without holding their locks, beside others who do so.
//
// A worker *announces* the partitions that it is about to read, then waits until it has seen the
// lock of each free. Who has taken locks looks at what is announced; when that is one of his, he
// gives the locks back, and tries again when the reading is over. Each writes before he looks, all
// in one order (seq_cst): so of a reader and a writer at least one sees the other, and who sees the
// other's mark yields: the reader to him who was seen holding the lock, the writer to the reader.
// Nobody waits here while he holds a lock (R4), so a reader waits only for who is running, and a
// writer only for readers that wait for nobody else.
//
// Invariants   While somebody waits for an end, nobody announces anew (but those who had looked
//              before, once each): who writes cannot starve.
// Threads      announce() and end(): a worker, with its own number. The others: any thread.
#pragma once

#include <atomic>
#include <cstdint>
#include <memory>

#include "store/lock.h"

namespace banyan::store {

class SharedReads {
 public:
  explicit SharedReads(unsigned workers)
      : workers_(workers), places_(std::make_unique<Place[]>(workers)) {}

  // False when somebody waits for an end: then the locks must do. Does not nest.
  bool announce(unsigned worker, LockSet set) {
    if (waiting_.load(std::memory_order_relaxed) != 0) [[unlikely]]
      return false;
    places_[worker].reading.store(set, std::memory_order_seq_cst);
    return true;
  }
  void end(unsigned worker) {
    Place& place = places_[worker];
    place.reading.store(0, std::memory_order_seq_cst);
    if (waiting_.load(std::memory_order_seq_cst) != 0) [[unlikely]]
      wake(place);
  }

  // Whether any of these partitions is being read. For who holds their locks.
  bool concern(LockSet set) const {
    LockSet all = 0;
    for (unsigned w = 0; w < workers_; ++w)
      all |= places_[w].reading.load(std::memory_order_seq_cst);
    return (all & set) != 0;
  }

  // Keeps others from announcing while it lives.
  class Waiting {
   public:
    explicit Waiting(SharedReads& reads) : reads_(reads) {
      reads_.waiting_.fetch_add(1, std::memory_order_seq_cst);
    }
    Waiting(const Waiting&) = delete;
    Waiting& operator=(const Waiting&) = delete;
    ~Waiting() { reads_.waiting_.fetch_sub(1, std::memory_order_relaxed); }
    // Until each of the partitions was unread at some moment since the call.
    void wait_for_end(LockSet set);

   private:
    SharedReads& reads_;
  };

 private:
  struct alignas(64) Place {
    std::atomic<LockSet> reading = 0;
    std::atomic<std::uint32_t> ends = 0;  // counts them while somebody waits: what he sleeps on
  };
  static void wake(Place& place);

  unsigned workers_;
  std::unique_ptr<Place[]> places_;
  alignas(64) std::atomic<std::uint32_t> waiting_ = 0;
};

}  // namespace banyan::store
