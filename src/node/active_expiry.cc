#include "node/active_expiry.h"

#include "collections/hash_access.h"

namespace banyan::node {

namespace {
constexpr std::uint32_t kBucketsPerStep = 32;  // under one lock
constexpr std::uint64_t kKeysPerRound = 200;
constexpr std::size_t kFieldsPerStep = 100;
}  // namespace

void ActiveExpiry::next_table() {
  bucket_ = 0;
  if (++table_ < keyspace_.table_count()) return;
  table_ = 0;
  database_ = (database_ + 1) % keyspace_.database_count();
}

// A few buckets of the table at the cursor.
ActiveExpiry::Found ActiveExpiry::sweep_table(Worker& worker) {
  Found found;
  commands::Context& context = worker.dispatcher().context();
  store::Table& table = keyspace_.database(database_).table(table_);
  const store::LockSet lock = store::LockSet{1} << (table_ % store::kPartitions);
  std::vector<std::string> expired;
  keyspace_.lock(lock);
  const std::uint32_t end = std::min(bucket_ + kBucketsPerStep, table.bucket_count());
  for (; bucket_ < end; ++bucket_) {
    table.visit_bucket(bucket_, true, [&](store::Entry& entry) {
      ++found.looked_at;
      if (entry.is_expired(context.now)) expired.emplace_back(entry.key());
    });
  }
  const bool through = bucket_ >= table.bucket_count();
  context.expiry = commands::ExpiryMode::remove;
  context.effects.begin(worker.shared().log.active());
  commands::Database database(context, database_);
  for (const std::string& key : expired) {
    (void)database.peek(keyspace_.key(key));
    worker.dispatcher().log_effects(database_);
    context.effects.begin(worker.shared().log.active());
  }
  keyspace_.unlock(lock);
  found.expired = expired.size();
  if (through) next_table();
  return found;
}

void ActiveExpiry::expire_first_hash(Worker& worker, unsigned database, std::uint32_t number) {
  commands::Context& context = worker.dispatcher().context();
  store::Table& table = keyspace_.database(database).table(number);
  const store::FieldExpiries& expiries = table.field_expiries();
  const store::LockSet lock = store::LockSet{1} << (number % store::kPartitions);
  keyspace_.lock(lock);
  if (const UnixMs soonest = expiries.soonest(); soonest < context.now) {
    const std::string key = expiries.first();
    context.expiry = commands::ExpiryMode::remove;
    context.effects.begin(worker.shared().log.active());
    commands::Database db(context, database);
    const std::size_t expired = collections::expire_fields(db, keyspace_.key(key), kFieldsPerStep);
    // A hash that was replaced by another value may have left its record behind.
    if (expired == 0) table.move_field_expiry(key, soonest, kNoExpiry);
    worker.dispatcher().log_effects(database);
    context.effects.begin(worker.shared().log.active());
  }
  keyspace_.unlock(lock);
}

bool ActiveExpiry::sweep_fields(Worker& worker, Instant end) {
  const UnixMs now = worker.dispatcher().context().now;
  for (unsigned database = 0; database < keyspace_.database_count(); ++database) {
    for (std::uint32_t table = 0; table < keyspace_.table_count(); ++table) {
      const auto& expiries = keyspace_.database(database).table(table).field_expiries();
      while (expiries.soonest() < now) {
        expire_first_hash(worker, database, table);
        if (worker.loop().precise_now() >= end) return false;
      }
    }
  }
  return true;
}

void ActiveExpiry::run_own(Worker& worker) const {
  const Worker::Inside inside(worker);
  commands::Context& context = worker.dispatcher().context();
  const engine::Policy& policy = worker.shared().policy;
  if (!policy.is_replica || policy.loading || !enabled) return;
  auto& keys = context.own_expiring;
  for (auto first = keys.begin(); first != keys.end() && first->first < context.now;
       first = keys.erase(first)) {
    const store::Key key = keyspace_.key(first->second.key);
    const store::LockSet lock = store::Keyspace::lock_of(key);
    keyspace_.lock(lock);
    context.expiry = commands::ExpiryMode::remove;
    context.effects.begin(false);  // the stream is the primary's
    (void)commands::Database(context, first->second.database).peek(key);
    keyspace_.unlock(lock);
  }
}

bool ActiveExpiry::run(Worker& worker, Duration budget) {
  const Worker::Inside inside(worker);
  if (worker.shared().policy.pause_in_force() != engine::PauseKind::none) return false;
  if (!enabled) return false;
  const Instant end = worker.loop().precise_now() + budget;
  if (!sweep_fields(worker, end - budget / 2)) return true;
  Found round;
  std::uint64_t tables_left = std::uint64_t{keyspace_.table_count()} * keyspace_.database_count();
  while (tables_left > 0) {
    if (keyspace_.database(database_).table(table_).expiring_count() == 0) {
      next_table();
      --tables_left;
      continue;
    }
    const std::uint32_t table = table_;
    const Found found = sweep_table(worker);
    if (table_ != table) --tables_left;
    round.looked_at += found.looked_at;
    round.expired += found.expired;
    const bool late = worker.loop().precise_now() >= end;
    if (round.looked_at < kKeysPerRound && !late) continue;
    const double percent = round.looked_at == 0 ? 0
                                                : 100.0 * static_cast<double>(round.expired) /
                                                      static_cast<double>(round.looked_at);
    stale_percent_ = stale_percent_ * 0.95 + percent * 0.05;
    if (late && percent > 10) ++cut_short_;
    if (late || percent <= 10) return percent > 10;
    round = {};
  }
  return false;
}

}  // namespace banyan::node
