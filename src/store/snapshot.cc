#include "store/snapshot.h"

#include <algorithm>
#include <limits>
#include <utility>

#include "base/touch.h"

namespace banyan::store {

namespace {
constexpr std::size_t kAllWork = std::numeric_limits<std::size_t>::max();
}  // namespace

std::shared_ptr<Walk> SnapshotGuard::begin(std::vector<Walk::Part> parts, SnapshotSink& sink) {
  ++context_.version;
  auto walk = std::make_shared<Walk>(std::move(parts), sink, context_.version, lock_);
  for (const Walk::Part& part : walk->parts_) walk->keys_total_ += part.tables->size();
  walk->skip_finished();
  walks_.push_back(walk);
  context_.walking = true;
  return walk;
}

void SnapshotGuard::finish(const std::shared_ptr<Walk>& walk) {
  CHECK(walk->next_table() == nullptr);
  std::erase(walks_, walk);
  context_.walking = !walks_.empty();
}

void SnapshotGuard::abandon(Walk& walk) {
  const std::lock_guard lock(walk.lock_);
  walk.sink_ = nullptr;
}

void SnapshotGuard::preserve(Table& table, std::uint32_t number) {
  if (table.bucket_head(number).version == context_.version) return;
  const std::lock_guard lock(lock_);
  std::size_t work = kAllWork;
  CHECK(save(table, number, nullptr, work));
}

// Under lock_. Saves the bucket for every walk: as far as `work` goes for the one that goes in
// pieces; whole for the others, once that one is through. False when it is not.
bool SnapshotGuard::save(Table& table, std::uint32_t number, Walk* in_pieces, std::size_t& work) {
  Bucket& chain = table.bucket_head(number);
  if (chain.version == context_.version) return true;
  if (in_pieces != nullptr && is_newer(in_pieces->number_, chain.version) &&
      !in_pieces->emit(table, number, work))
    return false;
  for (const std::shared_ptr<Walk>& walk : walks_) {
    if (walk.get() == in_pieces || !is_newer(walk->number_, chain.version)) continue;
    std::size_t all = kAllWork;
    CHECK(walk->emit(table, number, all));
  }
  chain.version = context_.version;
  return true;
}

Table* Walk::next_table() const {
  return part_ < parts_.size() ? &parts_[part_].tables->table(table_) : nullptr;
}

void Walk::skip_finished() {
  while (part_ < parts_.size()) {
    const TableSet& tables = *parts_[part_].tables;
    if (bucket_ < tables.table(table_).bucket_count()) return;
    bucket_ = 0;
    fetched_ = 0;
    if (++table_ == tables.table_count()) {
      table_ = 0;
      ++part_;
    }
  }
}

// Has the entries of some buckets on their way together, with the lines behind that small values
// lie in: read one after the other, each would be waited for.
void Walk::fetch(const Bucket& chain) {
  for (const Bucket* b = &chain; b != nullptr; b = b->next()) {
    for (std::uint64_t used = b->used_slots(); used != 0; used &= used - 1) {
      const char* const entry = reinterpret_cast<const char*>(b->entry(Bucket::slot_of(used)));
      touch(entry);
      for (int line = 1; line < 4; ++line) __builtin_prefetch(entry + 64 * line);
    }
  }
}

void Walk::step(std::uint32_t buckets, std::size_t& work, SnapshotGuard& guard) {
  Table& table = *next_table();
  const std::uint32_t end = std::min(bucket_ + buckets, table.bucket_count());
  for (; fetched_ < end; ++fetched_) fetch(table.bucket_head(fetched_));
  const std::lock_guard lock(lock_);
  for (; bucket_ < end; ++bucket_)
    if (!guard.save(table, bucket_, this, work)) return;
  skip_finished();
}

// Under lock_. False when `work` came to nothing first.
bool Walk::emit(const Table& table, std::uint32_t number, std::size_t& work) {
  const auto part = std::find_if(parts_.begin(), parts_.end(),
                                 [&](const Part& p) { return p.tables.get() == table.owner(); });
  if (part == parts_.end()) return true;  // a database that this walk does not cover
  const bool goes_on = halt_.table == &table && halt_.bucket == number;
  Halt at = goes_on ? std::exchange(halt_, {}) : Halt{&table, number, 0};
  if (sink_ == nullptr) return true;
  if (emit_chain(part->database, table.bucket_head(number), at.entries, work)) return true;
  halt_ = at;
  return false;
}

// Those behind the first `through`, which it counts up.
bool Walk::emit_chain(unsigned database, const Bucket& chain, std::uint32_t& through,
                      std::size_t& work) {
  std::uint32_t number = 0;
  bool is_through = true;
  for (const Bucket* b = &chain; b != nullptr && is_through; b = b->next()) {
    for (std::uint64_t used = b->used_slots(); used != 0; used &= used - 1, ++number) {
      if (number < through) continue;
      is_through = work > 0 && sink_->on_entry(database, *b->entry(Bucket::slot_of(used)), work);
      if (!is_through) break;
    }
  }
  keys_done_ += number - through;
  through = number;
  return is_through;
}

}  // namespace banyan::store
