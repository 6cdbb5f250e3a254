#include "node/persistence.h"

#include "node/core.h"
#include "node/snapshots.h"

namespace banyan::node {

namespace {
constexpr std::size_t kLoadSliceBytes = 256 * 1024;
constexpr Duration kRetryPause = 5s;  // after a save that failed
}  // namespace

Persistence::Persistence(Core& core)
    : core_(core), delay_(core.env().main_loop(), core.settings().persistence.key_load_delay) {}

DataLoader::Options Persistence::loader_options() const {
  const config::Settings& s = core_.settings();
  return {.keep_expired = !s.replication.primary_host.empty(),
          .lfu = core_.main_worker().dispatcher().context().lfu,
          .verify_checksum = s.persistence.rdb_checksum,
          .now = core_.env().unix_ms(),
          .limits = core_.main_worker().dispatcher().context().limits};
}

Result<> Persistence::start_loading() {
  const std::string path = core_.snapshots().path();
  if (!core_.env().files().exists(path)) return {};
  loader_ = std::make_unique<DataLoader>(core_.keyspace(), loader_options());
  TRY_IN(
      reader_,
      persist::RdbFileReader::open(core_.env().files(), path, loader_->sink(),
                                   {.verify_checksum = core_.settings().persistence.rdb_checksum}),
      "Fatal error loading the DB");
  stats_ = {.started = core_.main_worker().loop().now()};
  return {};
}

// What is loaded between two looks at the loop.
Result<bool> Persistence::load_slice(persist::RdbFileReader& reader, const DataLoader& loader) {
  const std::int64_t interval = core_.settings().persistence.loading_events_interval_bytes;
  const std::uint64_t before = loader.keys_seen();
  TRY(const bool done,
      reader.load_some(std::min(kLoadSliceBytes, static_cast<std::size_t>(interval))));
  if (delay_.is_on()) delay_.add(loader.keys_seen() - before);
  return done;
}

bool Persistence::step() {
  if (reader_ == nullptr || delay_.must_wait()) return false;
  const Result<bool> done = load_slice(*reader_, *loader_);
  if (!done) {
    core_.logger().warning("Fatal error loading the DB {}: {}. Exiting.", core_.snapshots().path(),
                           done.error().describe());
    reader_.reset();
    core_.env().stop(1);
    return false;
  }
  if (!*done) return true;
  if (!delay_.must_wait()) finish_loading();
  return false;
}

Persistence::LoadStats Persistence::load_stats() const {
  LoadStats now = stats_;
  if (reader_ != nullptr) {
    now.bytes_total = reader_->bytes_total();
    now.bytes_read = reader_->bytes_read();
    now.keys_loaded = loader_->keys_loaded();
    now.keys_expired = loader_->expired().size();
  }
  return now;
}

void Persistence::finish_loading() {
  stats_ = load_stats();
  reader_.reset();
  const Duration took = core_.main_worker().loop().precise_now() - stats_.started;
  core_.main_worker().alone([&] { (void)core_.keyspace().exchange(loader_->take()); });
  core_.logger().notice("Done loading RDB, keys loaded: {}, keys expired: {}.", stats_.keys_loaded,
                        stats_.keys_expired);
  core_.logger().notice("DB loaded from disk: {:.3f} seconds",
                        std::chrono::duration<double>(took).count());
  const std::unique_ptr<DataLoader> loader = std::move(loader_);
  core_.on_loaded(*loader);
}

Result<> Persistence::reload() {
  DataLoader::Options options = loader_options();
  options.keep_expired = true;  // our replicas still have them
  DataLoader loader(core_.keyspace(), options);
  TRY(auto reader, persist::RdbFileReader::open(core_.env().files(), core_.snapshots().path(),
                                                loader.sink(), {}));
  while (true) {
    TRY(const bool done, load_slice(*reader, loader));
    if (const Duration left = delay_.left(); left > Duration{0}) core_.env().main_loop().hang(left);
    if (done) break;
  }
  core_.main_worker().alone([&] { (void)core_.keyspace().exchange(loader.take()); });
  return {};
}

void Persistence::tick() {
  const Snapshots& snapshots = core_.snapshots();
  if (snapshots.is_running() || is_loading()) return;
  const Instant now = core_.main_worker().loop().now();
  if (!snapshots.stats().last_ok && now - last_attempt_ < kRetryPause) return;
  const auto changes = static_cast<std::int64_t>(core_.dirty() - snapshots.stats().dirty_at_save);
  const std::int64_t seconds = (core_.env().unix_ms() - snapshots.stats().last_save_ms) / 1000;
  for (const config::SavePoint& point : core_.settings().persistence.save_points) {
    if (changes < point.changes || seconds < point.seconds) continue;
    core_.logger().notice("{} changes in {} seconds. Saving...", point.changes, point.seconds);
    last_attempt_ = now;
    (void)core_.snapshots().start_file({});
    return;
  }
}

}  // namespace banyan::node
