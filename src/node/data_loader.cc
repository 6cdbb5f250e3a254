#include "node/data_loader.h"

#include <fmt/format.h>

#include <utility>

#include "base/number.h"
#include "commands/lfu.h"
#include "persist/values.h"

namespace banyan::node {

DataLoader::DataLoader(store::Keyspace& keyspace, const Options& options)
    : keyspace_(keyspace), options_(options) {
  for (unsigned i = 0; i < keyspace_.database_count(); ++i)
    content_.push_back(keyspace_.make_table_set());
}

DataLoader::~DataLoader() {
  for (const Made& made : made_)
    if (made.entry != nullptr) store::Entry::destroy(made.entry);
}

Result<> DataLoader::on_aux(Bytes key, Bytes value) {
  if (key == "repl-id") origin_.replication_id = value;
  if (key == "repl-offset") origin_.offset = parse_int(value).value_or(-1);
  if (key == "repl-stream-db") origin_.stream_db = parse_int(value).value_or(0);
  return {};
}

Result<> DataLoader::on_select(std::uint64_t db) {
  if (db >= content_.size())
    return fail(Errc::corrupt, fmt::format("FATAL: Data file was created with a Redis server "
                                           "configured to handle more than {} databases. Exiting",
                                           content_.size()));
  database_ = db;
  return {};
}

Result<> DataLoader::on_resize(std::uint64_t, std::uint64_t) { return {}; }

Result<> DataLoader::on_key(const persist::RdbKey& key) {
  ++keys_seen_;
  const UnixMs expiry = key.meta.expires_at.value_or(kNoExpiry);
  if (key.meta.expires_at && expiry <= options_.now && !options_.keep_expired) {
    expired_.push_back({database_, std::string(key.key)});
    return {};
  }
  persist::RdbReader reader(key.payload, key.payload_offset);
  const persist::LoadOptions load{
      .limits = options_.limits, .now = options_.now, .keep_expired = options_.keep_expired};
  TRY(store::Entry * entry, persist::load_value(reader, key.type, key.key, load));
  if (entry == nullptr) {
    expired_.push_back({database_, std::string(key.key)});
    return {};
  }
  if (expiry != kNoExpiry) entry = store::Entry::with_expiry(entry, expiry);
  const auto clock = static_cast<std::uint32_t>(options_.now / 1000);
  entry->set_access(clock);
  if (options_.lfu) {
    entry->set_access(commands::lfu_minutes(options_.now) << 8 |
                      key.meta.frequency.value_or(commands::kLfuInitial));
  } else if (key.meta.idle_seconds) {
    entry->set_access(clock - static_cast<std::uint32_t>(*key.meta.idle_seconds));
  }
  made_.push_back({entry, database_, keyspace_.key(entry->key())});
  return made_.size() < kMadeMax ? Result<>() : insert_made();
}

// Many at once, so that the waiting for their buckets overlaps.
Result<> DataLoader::insert_made() {
  for (const Made& made : made_) table_of(made).prefetch_bucket(made.place.hash);
  for (const Made& made : made_) (void)table_of(made).prefetch_entry(made.place.hash);
  for (Made& made : made_) {
    const Bytes key = made.place.text;
    if (table_of(made).find(key, made.place.hash))
      return fail(Errc::corrupt, fmt::format("RDB has duplicated key '{}' in DB {}",
                                             key.substr(0, 128), made.database));
    table_of(made).insert(std::exchange(made.entry, nullptr), made.place.hash);
    ++keys_loaded_;
  }
  made_.clear();
  return {};
}

Result<> DataLoader::on_function(Bytes) {
  return fail(Errc::corrupt, "the file holds functions, which this server does not run");
}

Result<> DataLoader::on_end() { return insert_made(); }

}  // namespace banyan::node
