#include "server/snapshots.h"

#include "server/server.h"

namespace banyan::server {

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
  ~FileTarget() { shared_->target = nullptr; }

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
          if (shared->result) shared->result = shared->writer->commit();
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
    FileTarget* target = nullptr;  // the loop's thread only
  };
  Snapshots& owner_;
  Loop& loop_;
  std::shared_ptr<Shared> shared_;
  std::size_t behind_ = 0;
};

Snapshots::Snapshots(Server& server) : server_(server) {
  stats_.last_save_ms = server.env().unix_ms();
}

Snapshots::~Snapshots() {
  file_.reset();
  if (walk_ == nullptr) return;
  walk_->abandon();
  while (!walk_->is_over()) walk_->step(server_.main_worker(), 1s);
}

std::string Snapshots::path() const {
  const config::Persistence& settings = server_.settings().persistence;
  const std::string& directory = settings.directory;
  return directory + (directory.ends_with('/') ? "" : "/") + settings.rdb_file;
}

RdbWalk::Options Snapshots::options() const {
  const config::Settings& s = server_.settings();
  RdbWalk::Options options;
  options.encoding.compression =
      s.persistence.rdb_compression ? persist::Compression::lzf : persist::Compression::off;
  options.encoding.checksum = s.persistence.rdb_checksum;
  options.info = server_.replication().rdb_info();
  options.lfu = server_.main_worker().dispatcher().context().lfu;
  options.with_access = s.memory.max_bytes > 0;
  return options;
}

void Snapshots::begin(const std::function<void()>& at_cut) {
  const UnixMs now = server_.env().unix_ms();
  server_.main_worker().alone([&] {
    walk_ = std::make_unique<RdbWalk>(server_.keyspace(), options(), now);
    dirty_at_cut_ = server_.dirty();
    server_.log().forget_database();
    at_cut();
  });
  started_ = server_.main_worker().loop().now();
}

Duration Snapshots::running_for() const {
  return is_running() ? server_.main_worker().loop().now() - started_ : Duration{0};
}

Result<> Snapshots::start_file(Over over, const std::function<void()>& at_cut) {
  CHECK(!is_running());
  Result<std::unique_ptr<persist::RdbFileWriter>> writer =
      persist::RdbFileWriter::create(server_.env().files(), path(), server_.env().process_id(), {});
  if (!writer) {
    server_.logger().warning("Failed opening the temp RDB file for saving: {}",
                             writer.error().text());
    stats_.last_ok = false;
    server_.on_save_status();
    return std::unexpected(writer.error());
  }
  file_ = std::make_unique<FileTarget>(*this, server_.env().main_loop(), *std::move(writer));
  over_ = std::move(over);
  begin(at_cut);
  walk_->add_target(*file_);
  server_.logger().notice("Background saving started by pid {}", server_.env().process_id());
  server_.wake_main();
  return {};
}

void Snapshots::start_sockets(const std::vector<RdbTarget*>& targets, SocketSnapshotOwner& owner,
                              const std::function<void()>& at_cut) {
  CHECK(!is_running());
  socket_owner_ = &owner;
  begin(at_cut);
  for (RdbTarget* target : targets) walk_->add_target(*target);
  server_.wake_main();
}

void Snapshots::drop_target(RdbTarget& target) {
  if (walk_ != nullptr) walk_->drop_target(target);
}

void Snapshots::cancel_file() {
  if (file_ == nullptr) return;
  drop_target(*file_);
  on_file_over(false, "the data was flushed", 0);
}

bool Snapshots::step() {
  if (walk_ == nullptr) return false;
  if (walk_->step(server_.main_worker(), kSlice)) return true;
  if (!walk_->is_over() || file_ != nullptr) return false;
  walk_.reset();
  if (SocketSnapshotOwner* owner = std::exchange(socket_owner_, nullptr))
    owner->on_socket_snapshot_over();
  return false;
}

void Snapshots::on_file_over(bool ok, const std::string& error, std::int64_t bytes) {
  file_.reset();
  stats_.last_ok = ok;
  stats_.last_seconds = std::chrono::duration_cast<std::chrono::seconds>(running_for()).count();
  if (ok) {
    ++stats_.saves;
    stats_.last_save_ms = server_.env().unix_ms();
    stats_.dirty_at_save = dirty_at_cut_;
    server_.logger().notice("DB saved on disk");
    server_.logger().notice("Background saving terminated with success");
  } else {
    server_.logger().warning("Background saving error: {}", error);
  }
  server_.on_save_status();
  if (walk_ != nullptr && walk_->is_over()) walk_.reset();
  if (over_) std::exchange(over_, nullptr)(ok, bytes);
}

Result<> Snapshots::save_now() {
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
  auto writer =
      persist::RdbFileWriter::create(server_.env().files(), path(), server_.env().process_id(), {});
  if (!writer) {
    target.result = std::unexpected(writer.error());
  } else {
    target.writer = *std::move(writer);
    begin([] {});
    walk_->add_target(target);
    while (!walk_->is_over()) walk_->step(server_.main_worker(), 1s);
    walk_.reset();
  }
  stats_.last_ok = target.result.has_value();
  server_.on_save_status();
  if (!target.result) {
    server_.logger().warning("Error saving DB on disk: {}", target.result.error().text());
    return target.result;
  }
  ++stats_.saves;
  stats_.last_save_ms = server_.env().unix_ms();
  stats_.dirty_at_save = dirty_at_cut_;
  server_.logger().notice("DB saved on disk");
  return {};
}

}  // namespace banyan::server
