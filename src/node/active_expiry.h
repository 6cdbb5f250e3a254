// ActiveExpiry: finds keys whose time is over though nobody asks for them.
//
// How it works  A cursor goes round all buckets of all tables. Every tick it looks at a few; while
//               more than a tenth of the keys with an expiry are found expired, it goes on, within
//               a budget of time. A bucket knows which of its keys have an expiry, so that others
//               cost nothing. Fields of hashes have their own record in each table (see
//               store/field_expiries.h), which is worked off first.
// Threads       The main worker's, but for run_own(); locks one partition at a time.
#pragma once

#include "node/worker.h"

namespace banyan::node {

class ActiveExpiry {
 public:
  explicit ActiveExpiry(store::Keyspace& keyspace) : keyspace_(keyspace) {}

  // Spends at most `budget`. True when there is more to be found at once.
  bool run(Worker& worker, Duration budget);
  // On a writable replica: deletes the keys that are its clients' own and whose time is over. On
  // the thread of `worker`, for the writes of that worker.
  void run_own(Worker& worker) const;
  bool enabled = true;  // DEBUG SET-ACTIVE-EXPIRE

  // A guess of how many keys are expired and still there (INFO expired_stale_perc).
  double stale_percent() const { return stale_percent_; }
  std::uint64_t cycles_cut_short() const { return cut_short_; }
  void reset_statistics() {
    stale_percent_ = 0;
    cut_short_ = 0;
  }

 private:
  struct Found {
    std::uint64_t looked_at = 0;
    std::uint64_t expired = 0;
  };
  Found sweep_table(Worker& worker);
  // The fields that are over, in all tables; false when `end` came first.
  bool sweep_fields(Worker& worker, Instant end);
  void expire_first_hash(Worker& worker, unsigned database, std::uint32_t table);
  void next_table();

  store::Keyspace& keyspace_;
  unsigned database_ = 0;
  std::uint32_t table_ = 0;
  std::uint32_t bucket_ = 0;
  double stale_percent_ = 0;
  std::uint64_t cut_short_ = 0;
};

}  // namespace banyan::node
