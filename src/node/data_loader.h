// DataLoader: builds a new data set from an RDB stream, beside the one in use; the owner exchanges
// the two when it is complete. So a snapshot that breaks off leaves the old data as it was.
//
// Threads   The main worker's. The new tables are nobody else's until the exchange.
// Failure   What persist/rdb_loader.h reports. Keys that are expired already are left out by a
//           primary and kept by a replica, whose primary will say when they go.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "persist/rdb_loader.h"
#include "store/keyspace.h"
#include "values/encoding_limits.h"

namespace banyan::node {

class DataLoader final : private persist::RdbSink {
 public:
  struct Options {
    bool keep_expired = false;
    bool lfu = false;
    bool verify_checksum = true;
    UnixMs now = 0;
    values::EncodingLimits limits = {};
  };
  DataLoader(store::Keyspace& keyspace, const Options& options);
  DataLoader(const DataLoader&) = delete;
  DataLoader& operator=(const DataLoader&) = delete;
  ~DataLoader();

  // `load_from` is given this as its sink where a file is read.
  persist::RdbSink& sink() { return *this; }

  using Content = std::vector<std::shared_ptr<store::TableSet>>;
  // After the end of the data.
  Content take() { return std::move(content_); }

  std::uint64_t keys_loaded() const { return keys_loaded_; }
  // That came so far, those that were left out too: who paces a load counts them.
  std::uint64_t keys_seen() const { return keys_seen_; }
  // Keys that were left out because their time had passed.
  struct ExpiredKey {
    std::size_t database;
    std::string name;
  };
  const std::vector<ExpiredKey>& expired() const { return expired_; }
  // What the file says of the history it belongs to.
  struct Origin {
    std::string replication_id;
    std::int64_t offset = -1;
    std::int64_t stream_db = 0;
  };
  const Origin& origin() const { return origin_; }

 private:
  Result<> on_aux(Bytes key, Bytes value) override;
  Result<> on_select(std::uint64_t db) override;
  Result<> on_resize(std::uint64_t keys, std::uint64_t keys_with_expiry) override;
  Result<> on_key(const persist::RdbKey& key) override;
  Result<> on_function(Bytes code) override;
  Result<> on_end() override;

  // An entry that is made, but not yet in its table.
  struct Made {
    store::Entry* entry;
    std::size_t database;
    store::Key place;
  };
  static constexpr std::size_t kMadeMax = 64;
  store::Table& table_of(const Made& made) {
    return content_[made.database]->table(made.place.table);
  }
  Result<> insert_made();

  store::Keyspace& keyspace_;
  Options options_;
  Content content_;
  std::size_t database_ = 0;
  std::vector<Made> made_;
  std::uint64_t keys_loaded_ = 0;
  std::uint64_t keys_seen_ = 0;
  std::vector<ExpiredKey> expired_;
  Origin origin_;
};

}  // namespace banyan::node
