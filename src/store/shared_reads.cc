#include "store/shared_reads.h"

namespace banyan::store {

void SharedReads::wake(Place& place) {
  place.ends.fetch_add(1, std::memory_order_seq_cst);
  place.ends.notify_all();
}

// No wakeup is lost: who sleeps was counted in waiting_, then took `ends`, then still saw the
// partition being read. So the end of that reading came later, saw him counted, and changed `ends`.
void SharedReads::Waiting::wait_for_end(LockSet set) {
  constexpr int kSpins = 200;
  for (unsigned w = 0; w < reads_.workers_; ++w) {
    Place& place = reads_.places_[w];
    const auto is_read = [&] { return (place.reading.load(std::memory_order_seq_cst) & set) != 0; };
    for (int spin = 0; is_read(); ++spin) {
      if (spin < kSpins) {
        __builtin_ia32_pause();
        continue;
      }
      const std::uint32_t ends = place.ends.load(std::memory_order_seq_cst);
      if (is_read()) place.ends.wait(ends, std::memory_order_seq_cst);
    }
  }
}

}  // namespace banyan::store
