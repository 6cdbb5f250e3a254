#include "node/rdb_walk.h"

#include <algorithm>

#include "commands/lfu.h"

namespace banyan::node {

RdbWalk::RdbWalk(store::Keyspace& keyspace, const Options& options, UnixMs now)
    : keyspace_(keyspace),
      options_(options),
      now_(now),
      encoder_(buffer_, options.encoding),
      announced_(keyspace.database_count()) {
  buffer_.reserve(2 * kChunkBytes);
  encoder_.begin(options.info);
  walk_ = keyspace_.begin_walk(*this);
  keys_total_ = walk_->keys_total();
}

RdbWalk::~RdbWalk() { CHECK(is_over()); }

void RdbWalk::drop_target(RdbTarget& target) {
  std::erase(targets_, &target);
  if (targets_.empty()) abandon();
}

void RdbWalk::abandon() {
  targets_.clear();
  if (walk_ != nullptr) keyspace_.snapshots().abandon(*walk_);
}

// Under the walk's lock, by whichever worker meets the bucket first.
void RdbWalk::on_entry(unsigned database, const store::Entry& entry) {
  if (database_ != static_cast<int>(database)) {
    encoder_.select_db(database);
    if (!announced_[database]) {
      const store::TableSet& tables = keyspace_.database(database);
      encoder_.resize_db(tables.size(), tables.expiring_count());
      announced_[database] = true;
    }
    database_ = static_cast<int>(database);
  }
  persist::RdbKeyMeta meta;
  if (entry.has_expiry()) meta.expires_at = entry.expiry();
  if (options_.with_access) {
    if (options_.lfu) {
      meta.frequency = static_cast<std::uint8_t>(entry.access() & 0xff);
    } else {
      const auto clock = static_cast<std::uint32_t>(now_ / 1000) & 0xffffff;
      meta.idle_seconds = (clock - entry.access()) & 0xffffff;
    }
  }
  encoder_.key(persist::rdb_type(entry), entry.key(), meta);
  encoder_.value(entry);
}

void RdbWalk::hand_out(bool last) {
  auto chunk = std::make_shared<std::string>();
  walk_->locked([&] {
    if (!last && encoder_.size() < kChunkBytes) return;
    chunk->reserve(2 * kChunkBytes);
    encoder_.take(*chunk);
  });
  if (chunk->empty()) return;
  const std::vector<RdbTarget*> targets = targets_;
  for (RdbTarget* target : targets) target->on_chunk(chunk);
}

bool RdbWalk::is_target_behind() const {
  return std::any_of(targets_.begin(), targets_.end(), [](const RdbTarget* target) {
    return target->bytes_behind() > kBehindBytesMax;
  });
}

void RdbWalk::save_buckets(std::uint32_t count) {
  const store::LockSet lock = store::LockSet{1} << (walk_->next_table_index() % store::kPartitions);
  keyspace_.lock(lock);
  walk_->step(count, keyspace_.snapshots());
  keyspace_.unlock(lock);
}

// With a delay one bucket at a time, so that it lies between few keys.
void RdbWalk::save_some(KeyDelay* delay) {
  if (delay == nullptr) {
    for (int round = 0; round < 4 && walk_->next_table() != nullptr; ++round)
      save_buckets(kBucketsPerStep);
    return;
  }
  std::uint64_t before = 0, after = 0;
  walk_->locked([&] { before = walk_->keys_done(); });
  if (walk_->next_table() != nullptr) save_buckets(1);
  walk_->locked([&] { after = walk_->keys_done(); });
  if (after != before) delay->add(after - before);
}

bool RdbWalk::step(Worker& worker, Duration budget, KeyDelay* delay) {
  if (is_over()) return false;
  if (delay != nullptr && (!delay->is_on() || targets_.empty())) delay = nullptr;
  const Worker::Inside inside(worker);
  const Instant end = worker.loop().precise_now() + budget;
  do {
    if (is_target_behind()) return false;
    if (delay != nullptr && delay->must_wait()) return false;
    save_some(delay);
    hand_out(false);
    if (walk_->next_table() == nullptr && (delay == nullptr || !delay->must_wait())) {
      finish(worker);
      return false;
    }
  } while (worker.loop().precise_now() < end);
  return true;
}

void RdbWalk::finish(Worker& worker) {
  encoder_.end();
  hand_out(true);
  worker.alone([&] { keyspace_.snapshots().finish(walk_); });
  walk_ = nullptr;
  const std::vector<RdbTarget*> targets = std::exchange(targets_, {});
  for (RdbTarget* target : targets) target->on_end();
}

}  // namespace banyan::node
