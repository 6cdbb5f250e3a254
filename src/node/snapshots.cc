#include "node/snapshots.h"

#include <mutex>

#include "node/core.h"

namespace banyan::node {

namespace {
constexpr Duration kSlice = 150us;
}

// The chunks on their way to the file. The state that the background thread works on outlives the
// target: a save may be cancelled, or the node destroyed, while a write is under way.
class Snapshots::FileTarget final : public RdbTarget {
 public:
  FileTarget(Snapshots& owner, Loop& loop, std::unique_ptr<persist::RdbFileWriter> writer)
      : owner_(owner), loop_(loop), shared_(std::make_shared<Shared>()) {
    shared_->writer = std::move(writer);
    shared_->target = this;
  }
  // From here on nothing is put in place any more: a commit that has begun is waited for, so that
  // it cannot replace what is saved after it.
  ~FileTarget() {
    const std::lock_guard lock(shared_->committing);
    shared_->cancelled = true;
    shared_->target = nullptr;
  }

  void on_chunk(const Chunk& chunk) override {
    behind_ += chunk->size();
    loop_.offload(
        [shared = shared_, chunk] {
          if (shared->result) shared->result = shared->writer->append(*chunk);
        },
        [shared = shared_, size = chunk->size()] {
          if (shared->target != nullptr) shared->target->behind_ -= size;
        });
  }
  void on_end() override {
    loop_.offload(
        [shared = shared_] {
          const std::lock_guard lock(shared->committing);
          if (shared->result && !shared->cancelled) shared->result = shared->writer->commit();
        },
        [shared = shared_] {
          if (shared->target == nullptr) return;
          const auto bytes = static_cast<std::int64_t>(shared->writer->bytes_written());
          const bool ok = shared->result.has_value();
          const std::string error = ok ? "" : shared->result.error().describe();
          shared->writer.reset();
          shared->target->owner_.on_file_over(ok, error, bytes);
        });
  }
  std::size_t bytes_behind() const override { return behind_; }

 private:
  struct Shared {
    std::unique_ptr<persist::RdbFileWriter> writer;
    Result<> result;
    std::mutex committing;
    bool cancelled = false;        // under `committing`
    FileTarget* target = nullptr;  // the loop's thread only
  };
  Snapshots& owner_;
  Loop& loop_;
  std::shared_ptr<Shared> shared_;
  std::size_t behind_ = 0;
};

Snapshots::Snapshots(Core& core)
    : core_(core), delay_(core.env().main_loop(), core.settings().persistence.key_save_delay) {
  stats_.last_save_ms = core.env().unix_ms();
}

Snapshots::~Snapshots() {
  file_.reset();
  if (walk_ == nullptr) return;
  walk_->abandon();
  while (!walk_->is_over()) walk_->step(core_.main_worker(), 1s);
}

std::string Snapshots::path() const {
  const config::Persistence& settings = core_.settings().persistence;
  const std::string& directory = settings.directory;
  return directory + (directory.ends_with('/') ? "" : "/") + settings.rdb_file;
}

RdbWalk::Options Snapshots::options() const {
  const config::Settings& s = core_.settings();
  RdbWalk::Options options;
  options.encoding.compression =
      s.persistence.rdb_compression ? persist::Compression::lzf : persist::Compression::off;
  options.encoding.checksum = s.persistence.rdb_checksum;
  options.info = core_.rdb_info();
  options.lfu = core_.main_worker().dispatcher().context().lfu;
  options.with_access = s.memory.max_bytes > 0;
  return options;
}

void Snapshots::begin(const std::function<void()>& at_cut) {
  const UnixMs now = core_.env().unix_ms();
  delay_.forget();
  core_.main_worker().alone([&] {
    walk_ = std::make_unique<RdbWalk>(core_.keyspace(), options(), now);
    dirty_at_cut_ = core_.dirty();
    core_.log().forget_database();
    at_cut();
  });
  started_ = core_.main_worker().loop().now();
}

Duration Snapshots::running_for() const {
  return is_running() ? core_.main_worker().loop().now() - started_ : Duration{0};
}

Result<std::unique_ptr<persist::RdbFileWriter>> Snapshots::new_file() {
  return persist::RdbFileWriter::create(core_.env().files(), path(), core_.env().process_id(),
                                        ++files_created_, {});
}

Result<> Snapshots::start_file(Over over, const std::function<void()>& at_cut) {
  CHECK(!is_running());
  Result<std::unique_ptr<persist::RdbFileWriter>> writer = new_file();
  if (!writer) {
    core_.logger().warning("Failed opening the temp RDB file for saving: {}",
                           writer.error().text());
    stats_.last_ok = false;
    refresh_policy();
    return std::unexpected(writer.error());
  }
  file_ = std::make_unique<FileTarget>(*this, core_.env().main_loop(), *std::move(writer));
  over_ = std::move(over);
  begin(at_cut);
  walk_->add_target(*file_);
  core_.logger().notice("Background saving started by pid {}", core_.env().process_id());
  core_.wake_main();
  return {};
}

void Snapshots::start_sockets(const std::vector<RdbTarget*>& targets, SocketSnapshotOwner& owner,
                              const std::function<void()>& at_cut) {
  CHECK(!is_running());
  socket_owner_ = &owner;
  begin(at_cut);
  for (RdbTarget* target : targets) walk_->add_target(*target);
  core_.logger().notice("Background RDB transfer started by pid {}", core_.env().process_id());
  core_.wake_main();
}

void Snapshots::drop_target(RdbTarget& target) {
  if (walk_ != nullptr) walk_->drop_target(target);
}

void Snapshots::stop() {
  if (walk_ == nullptr) return;
  walk_->abandon();
  while (!walk_->is_over()) walk_->step(core_.main_worker(), 1s);
  if (file_ != nullptr) return on_file_over(false, "cancelled", 0, true);
  end_walk();
}

// Without a file: into sockets, or for one that was cancelled.
void Snapshots::end_walk() {
  walk_.reset();
  if (SocketSnapshotOwner* owner = std::exchange(socket_owner_, nullptr))
    owner->on_socket_snapshot_over();
  if (over_) std::exchange(over_, nullptr)(false, 0);
}

void Snapshots::cancel_file() {
  if (file_ == nullptr) return;
  core_.logger().notice("Background saving is cancelled: nobody waits for it");
  walk_->abandon();
  file_.reset();
  if (walk_->is_over()) end_walk();  // all but the last writes were done
}

bool Snapshots::step() {
  if (walk_ == nullptr) return false;
  if (walk_->step(core_.main_worker(), kSlice, &delay_)) return true;
  if (walk_->is_over() && file_ == nullptr) end_walk();
  return false;
}

// A save that was cancelled is no failure: writes need not be refused for it.
void Snapshots::on_file_over(bool ok, const std::string& error, std::int64_t bytes,
                             bool cancelled) {
  file_.reset();
  stats_.last_ok = ok || (cancelled && stats_.last_ok);
  stats_.last_seconds = std::chrono::duration_cast<std::chrono::seconds>(running_for()).count();
  if (ok) {
    ++stats_.saves;
    stats_.last_save_ms = core_.env().unix_ms();
    stats_.dirty_at_save = dirty_at_cut_;
    core_.logger().notice("DB saved on disk");
    core_.logger().notice("Background saving terminated with success");
  } else {
    core_.logger().warning("Background saving error: {}", error);
  }
  refresh_policy();
  if (walk_ != nullptr && walk_->is_over()) walk_.reset();
  if (over_) std::exchange(over_, nullptr)(ok, bytes);
}

Result<> Snapshots::save_now(Haste haste) {
  CHECK(!is_running());
  // A target that writes where it stands: nobody is served meanwhile.
  struct Direct final : RdbTarget {
    std::unique_ptr<persist::RdbFileWriter> writer;
    Result<> result;
    void on_chunk(const Chunk& chunk) override {
      if (result) result = writer->append(*chunk);
    }
    void on_end() override {
      if (result) result = writer->commit();
    }
    std::size_t bytes_behind() const override { return 0; }
  } target;
  auto writer = new_file();
  if (!writer) {
    target.result = std::unexpected(writer.error());
  } else {
    target.writer = *std::move(writer);
    begin([] {});
    walk_->add_target(target);
    while (!walk_->is_over()) {
      walk_->step(core_.main_worker(), 1s, haste == Haste::delayed ? &delay_ : nullptr);
      if (const Duration left = delay_.left(); left > Duration{0})
        core_.env().main_loop().hang(left);
    }
    walk_.reset();
  }
  stats_.last_ok = target.result.has_value();
  refresh_policy();
  if (!target.result) {
    core_.logger().warning("Error saving DB on disk: {}", target.result.error().text());
    return target.result;
  }
  ++stats_.saves;
  stats_.last_save_ms = core_.env().unix_ms();
  stats_.dirty_at_save = dirty_at_cut_;
  core_.logger().notice("DB saved on disk");
  return {};
}

void Snapshots::refresh_policy() {
  const config::Persistence& settings = core_.settings().persistence;
  const bool failed =
      settings.stop_writes_on_save_error && !settings.save_points.empty() && !stats_.last_ok;
  if (core_.policy().save_failed == failed) return;
  core_.main_worker().alone([&] {
    core_.policy().save_failed = failed;
    core_.policy().refresh();
  });
}

}  // namespace banyan::node
