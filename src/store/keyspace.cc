#include "store/keyspace.h"

#include "base/crc.h"

namespace banyan::store {

std::uint32_t slot_of(Bytes key) {
  constexpr std::uint32_t kSlotMask = 16383;
  const auto open = key.find('{');
  if (open != Bytes::npos) {
    const auto close = key.find('}', open + 1);
    if (close != Bytes::npos && close > open + 1) key = key.substr(open + 1, close - open - 1);
  }
  return crc16(key) & kSlotMask;
}

Keyspace::Keyspace(const KeyspaceOptions& options)
    : slots_(options.slots),
      threaded_(options.workers > 1),
      table_count_(options.slots ? 16384 : 1U << kTableBits),
      context_{.secret = options.secret},
      guard_(context_),
      locks_(std::make_unique<PartitionLock[]>(kPartitions)),
      reads_(options.workers) {
  databases_.reserve(options.databases);
  for (unsigned i = 0; i < options.databases; ++i) databases_.push_back(make_table_set());
}

// The locks are held, and a partition is being read. Between the wait and the locks another reading
// may have begun, but of each worker only one: those that had looked before we were counted.
void Keyspace::lock_after_reads(LockSet set) {
  unlock(set);
  SharedReads::Waiting waiting(reads_);
  while (true) {
    waiting.wait_for_end(set);
    take(set);
    if (!reads_.concern(set)) return;
    unlock(set);
  }
}

std::shared_ptr<TableSet> Keyspace::make_table_set() const {
  return std::make_shared<TableSet>(table_count_, context_);
}

std::shared_ptr<TableSet> Keyspace::detach(unsigned database) {
  std::shared_ptr<TableSet> fresh = make_table_set();
  fresh.swap(databases_[database]);
  return fresh;
}

std::vector<std::shared_ptr<TableSet>> Keyspace::exchange(
    std::vector<std::shared_ptr<TableSet>> content) {
  CHECK(content.size() == databases_.size());
  databases_.swap(content);
  return content;
}

std::shared_ptr<Walk> Keyspace::begin_walk(SnapshotSink& sink) {
  std::vector<Walk::Part> parts;
  for (unsigned i = 0; i < database_count(); ++i)
    parts.push_back({i, databases_[i]});  // empty ones too: their buckets' versions must keep up
  return guard_.begin(std::move(parts), sink);
}

std::uint64_t Keyspace::scan(unsigned database, std::uint64_t cursor, std::uint64_t count,
                             const Table::Visit& visit) {
  // The cursor's low bits are the table, the rest is the table's own cursor.
  const auto table_bits = static_cast<unsigned>(std::countr_zero(table_count_));
  auto number = static_cast<std::uint32_t>(cursor & (table_count_ - 1));
  std::uint64_t position = cursor >> table_bits;
  // Empty buckets count a tenth, so that a sparse table does not make one call long.
  std::uint64_t seen = 0;
  const auto counting = [&](Entry& entry) {
    ++seen;
    visit(entry);
  };
  for (std::uint64_t buckets = 0; seen < count && buckets / 10 < count; ++buckets) {
    const LockSet lock_set = LockSet{1} << (number % kPartitions);
    lock(lock_set);
    position = databases_[database]->table(number).scan(position, counting);
    unlock(lock_set);
    if (position == 0 && ++number == table_count_) return 0;
  }
  return position << table_bits | number;
}

void Keyspace::for_each(unsigned database, const Table::Visit& visit) {
  TableSet& tables = *databases_[database];
  for (std::uint32_t t = 0; t < table_count_; ++t) {
    const Table& table = tables.table(t);
    if (table.size() == 0) continue;
    const LockSet lock_set = LockSet{1} << (t % kPartitions);
    lock(lock_set);
    for (std::uint32_t n = 0; n < table.bucket_count(); ++n) table.visit_bucket(n, false, visit);
    unlock(lock_set);
  }
}

bool Keyspace::visit_random(unsigned database, Rng& rng, const Table::Visit& visit) {
  std::uint32_t number = 0;
  const Table* table = random_table(database, rng, &number);
  if (table == nullptr) return false;
  const LockSet lock_set = LockSet{1} << (number % kPartitions);
  lock(lock_set);
  const bool found = table->size() > 0;  // another worker may have removed the last key
  if (found) visit(*table->random_entry(rng));
  unlock(lock_set);
  return found;
}

Table* Keyspace::random_table(unsigned database, Rng& rng, std::uint32_t* number) {
  TableSet& tables = *databases_[database];
  const std::uint64_t total = tables.size();
  if (total == 0) return nullptr;
  std::uint64_t index = rng.below(total);
  for (std::uint32_t t = 0; t < table_count_; ++t) {
    const std::uint64_t size = tables.table(t).size();
    if (index < size) {
      *number = t;
      return &tables.table(t);
    }
    index -= size;
  }
  return nullptr;  // another worker removed keys meanwhile
}

}  // namespace banyan::store
