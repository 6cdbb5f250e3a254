#include "store/snapshot.h"

#include <algorithm>

#include "base/touch.h"

namespace banyan::store {

std::shared_ptr<Walk> SnapshotGuard::begin(std::vector<Walk::Part> parts, SnapshotSink& sink) {
  ++context_.version;
  auto walk = std::make_shared<Walk>(std::move(parts), sink, context_.version);
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
  Bucket& chain = table.bucket_head(number);
  if (chain.version == context_.version) return;
  for (const std::shared_ptr<Walk>& walk : walks_)
    if (is_newer(walk->number_, chain.version)) walk->emit(table, chain);
  chain.version = context_.version;
}

Table* Walk::next_table() const {
  return part_ < parts_.size() ? &parts_[part_].tables->table(table_) : nullptr;
}

void Walk::skip_finished() {
  while (part_ < parts_.size()) {
    const TableSet& tables = *parts_[part_].tables;
    if (bucket_ < tables.table(table_).bucket_count()) return;
    bucket_ = 0;
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

void Walk::step(std::uint32_t buckets, Preserver& preserver) {
  Table& table = *next_table();
  const std::uint32_t end = std::min(bucket_ + buckets, table.bucket_count());
  for (std::uint32_t number = bucket_; number < end; ++number) fetch(table.bucket_head(number));
  for (; bucket_ < end; ++bucket_) preserver.preserve(table, bucket_);
  skip_finished();
}

void Walk::emit(const Table& table, const Bucket& chain) {
  const auto part = std::find_if(parts_.begin(), parts_.end(),
                                 [&](const Part& p) { return p.tables.get() == table.owner(); });
  if (part == parts_.end()) return;  // a database that this walk does not cover
  const std::lock_guard lock(lock_);
  for (const Bucket* b = &chain; b != nullptr; b = b->next()) {
    for (std::uint64_t used = b->used_slots(); used != 0; used &= used - 1) {
      ++keys_done_;
      if (sink_ != nullptr) sink_->on_entry(part->database, *b->entry(Bucket::slot_of(used)));
    }
  }
}

}  // namespace banyan::store
