#include "encodings/big_hash.h"

#include <algorithm>
#include <functional>

namespace banyan::encodings {

std::unique_ptr<BigHash> BigHash::clone() const {
  auto copy = std::make_unique<BigHash>(table_.secret());
  table_.copy_to(copy->table_);
  copy->heap_ = heap_;
  copy->expiring_ = expiring_;
  return copy;
}

void BigHash::add_due(UnixMs at, std::uint64_t hash) {
  heap_.push_back({at, hash});
  std::push_heap(heap_.begin(), heap_.end(), std::greater<>());
  ++expiring_;
}

void BigHash::remove_due(UnixMs at) {
  --expiring_;
  if (expiring_ == 0) return heap_ = {}, void();
  if (heap_.front().at == at) {
    while (!is_live(heap_.front())) {
      std::pop_heap(heap_.begin(), heap_.end(), std::greater<>());
      heap_.pop_back();
    }
  }
  if (heap_.size() > 2 * expiring_ + 16) compact();
}

void BigHash::compact() {
  std::sort(heap_.begin(), heap_.end());  // which is a heap, too
  heap_.erase(std::unique(heap_.begin(), heap_.end()), heap_.end());
  std::erase_if(heap_, [&](const Due& due) { return !is_live(due); });
  heap_.shrink_to_fit();
}

void BigHash::replace(const Slot& slot, std::uint64_t hash, Bytes value, UnixMs expiry) {
  const UnixMs before = expiring_ == 0 ? kNoExpiry : table_.item(slot).expiry;
  table_.replace(slot, value, expiry);
  if (before == expiry) return;
  if (expiry != kNoExpiry) add_due(expiry, hash);
  if (before != kNoExpiry) remove_due(before);
}

void BigHash::erase(const Slot& slot) {
  const UnixMs before = expiring_ == 0 ? kNoExpiry : table_.item(slot).expiry;
  table_.erase(slot);
  if (before != kNoExpiry) remove_due(before);
}

}  // namespace banyan::encodings
