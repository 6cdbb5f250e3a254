#include "node/rdb_walk.h"

#include <algorithm>
#include <iterator>

#include "commands/lfu.h"

namespace banyan::node {

RdbWalk::RdbWalk(store::Keyspace& keyspace, const Options& options, UnixMs now)
    : keyspace_(keyspace),
      options_(options),
      now_(now),
      encoder_(ends_, options.encoding),
      announced_(keyspace.database_count()) {
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
  if (walk_ == nullptr) return;
  keyspace_.snapshots().abandon(*walk_);
  chunks_ = {};  // nobody writes there any more
  aside_ = {};
  half_ = nullptr;
}

void RdbWalk::select(std::string& out, unsigned database) {
  persist::append_select_db(out, database);
  if (!announced_[database]) {
    const store::TableSet& tables = keyspace_.database(database);
    persist::append_resize_db(out, tables.size(), tables.expiring_count());
    announced_[database] = true;
  }
  database_ = static_cast<int>(database);
}

[[gnu::always_inline]] inline void RdbWalk::begin_entry(std::string& out, unsigned database,
                                                        const store::Entry& entry) {
  if (database_ != static_cast<int>(database)) [[unlikely]]
    select(out, database);
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
  persist::append_key(out, persist::rdb_type(entry), entry.key(), meta,
                      options_.encoding.compression);
}

// Under the walk's lock, by whichever worker meets the bucket first.
bool RdbWalk::on_entry(unsigned database, const store::Entry& entry, std::size_t& work) {
  if (half_ == &entry) [[unlikely]]
    return go_on(work);
  Chunks& chunks = half_ == nullptr ? chunks_ : aside_;
  begin_entry(chunks.room(), database, entry);
  persist::ValueProgress progress;
  if (write(chunks.open, entry, progress, work)) [[likely]]
    return true;
  if (write_on(chunks, entry, progress, work)) return true;
  half_ = &entry;
  half_progress_ = progress;
  return false;
}

// A piece of the value, of a chunk's size at most. True when it was the last.
[[gnu::always_inline]] inline bool RdbWalk::write(std::string& out, const store::Entry& entry,
                                                  persist::ValueProgress& progress,
                                                  std::size_t& work) const {
  const std::size_t piece = std::min(work, kChunkBytes);
  progress.work = piece;
  const bool is_through =
      persist::append_value(out, entry, options_.encoding.compression, progress);
  work -= piece - progress.work;
  return is_through;
}

// Pieces until the value is through, or `work` used up: false.
[[gnu::noinline]] bool RdbWalk::write_on(Chunks& chunks, const store::Entry& entry,
                                         persist::ValueProgress& progress,
                                         std::size_t& work) const {
  while (work > 0)
    if (write(chunks.room(), entry, progress, work)) return true;
  return false;
}

[[gnu::noinline]] bool RdbWalk::go_on(std::size_t& work) {
  if (!write_on(chunks_, *half_, half_progress_, work)) return false;
  half_ = nullptr;
  chunks_.append(std::exchange(aside_, {}));
  return true;
}

void RdbWalk::Chunks::close() {
  full.push_back(std::exchange(open, {}));
  open.reserve(2 * kChunkBytes);
}

std::string RdbWalk::Chunks::take_first() {
  if (full.empty()) close();
  std::string first = std::move(full.front());
  full.pop_front();
  return first;
}

void RdbWalk::Chunks::append(Chunks&& others) {
  if (others.empty()) return;
  if (!open.empty()) close();
  std::ranges::move(others.full, std::back_inserter(full));
  open = std::move(others.open);
}

// The next chunk, if it is full or, at the end of the stream, there is one.
bool RdbWalk::hand_out(bool last) {
  std::string chunk;
  walk_->locked([&] {
    const bool is_full = !chunks_.full.empty() || chunks_.open.size() >= kChunkBytes;
    if (is_full || (last && !chunks_.empty())) chunk = chunks_.take_first();
  });
  if (chunk.empty()) return false;
  encoder_.pass(chunk);
  give(std::make_shared<const std::string>(std::move(chunk)));
  return true;
}

void RdbWalk::give_encoded() {
  auto chunk = std::make_shared<std::string>();
  encoder_.take(*chunk);
  give(chunk);
}

void RdbWalk::give(const Chunk& chunk) {
  const std::vector<RdbTarget*> targets = targets_;
  for (RdbTarget* target : targets) target->on_chunk(chunk);
}

bool RdbWalk::is_target_behind() const {
  return std::any_of(targets_.begin(), targets_.end(), [](const RdbTarget* target) {
    return target->bytes_behind() > kBehindBytesMax;
  });
}

bool RdbWalk::step(Worker& worker, Duration budget, KeyDelay* delay) {
  if (is_over()) return false;
  if (delay != nullptr && (!delay->is_on() || targets_.empty())) delay = nullptr;
  const Worker::Inside inside(worker);
  const Instant end = worker.loop().precise_now() + budget;
  if (encoder_.size() != 0) give_encoded();
  do {
    if (is_target_behind()) return false;
    if (hand_out(false)) continue;
    if (delay != nullptr && delay->must_wait()) return false;
    if (walk_->next_table() == nullptr) {
      finish(worker);
      return false;
    }
    delay == nullptr ? write_piece() : write_piece(*delay);
  } while (worker.loop().precise_now() < end);
  return true;
}

void RdbWalk::save_buckets(std::uint32_t count, std::size_t& work) {
  const store::LockSet lock = store::LockSet{1} << (walk_->next_table_index() % store::kPartitions);
  keyspace_.lock(lock);
  walk_->step(count, work, keyspace_.snapshots());
  keyspace_.unlock(lock);
}

// One piece of a big value, or a few buckets of small ones.
void RdbWalk::write_piece() {
  std::size_t work = kWorkPerPiece;
  for (int round = 0; round < 4 && work > 0 && walk_->next_table() != nullptr; ++round)
    save_buckets(kBucketsPerStep, work);
}

// No more than one bucket, so that the delay lies between few keys.
void RdbWalk::write_piece(KeyDelay& delay) {
  std::size_t work = kWorkPerPiece;
  std::uint64_t before = 0, after = 0;
  walk_->locked([&] { before = walk_->keys_done(); });
  save_buckets(1, work);
  walk_->locked([&] { after = walk_->keys_done(); });
  if (after != before) delay.add(after - before);
}

void RdbWalk::finish(Worker& worker) {
  CHECK(half_ == nullptr && aside_.empty());
  while (hand_out(true)) {
  }
  encoder_.end();
  give_encoded();
  worker.alone([&] { keyspace_.snapshots().finish(walk_); });
  std::shared_ptr<store::Walk> walk = std::exchange(walk_, nullptr);
  const std::vector<RdbTarget*> targets = std::exchange(targets_, {});
  for (RdbTarget* target : targets) target->on_end();
  // It may be the last that holds tables which were flushed meanwhile: many keys to free.
  worker.loop().offload([walk = std::move(walk)]() mutable { walk = nullptr; }, [] {});
}

}  // namespace banyan::node
