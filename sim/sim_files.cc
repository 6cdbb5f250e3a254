#include "sim/sim_files.h"

#include <cerrno>
#include <system_error>

namespace banyan::sim {
namespace {

class SimFile final : public File {
 public:
  enum class Mode : std::uint8_t { read, write, append };

  SimFile(Disk& disk, InodePtr inode, std::shared_ptr<Process> process, Mode mode)
      : disk_(disk), inode_(std::move(inode)), process_(std::move(process)), mode_(mode) {}

  Result<std::size_t> read(char* to, std::size_t room) override {
    if (position_ >= inode_->data.size()) return std::size_t{0};
    const std::size_t count = inode_->data.copy(to, room, position_);
    position_ += count;
    return count;
  }

  Result<> write_all(Bytes data) override {
    if (!process_->may_act()) return {};
    if (mode_ == Mode::read) return bad_descriptor();
    if (mode_ == Mode::append) position_ = inode_->data.size();
    return disk_.write(*inode_, position_, data);
  }

  Result<> sync() override {
    if (!process_->may_act()) return {};
    process_->spend(disk_.draw_sync_cost());
    return disk_.sync(*inode_);
  }

  Result<std::uint64_t> size() override { return std::uint64_t{inode_->data.size()}; }

  Result<> truncate(std::uint64_t size) override {
    if (!process_->may_act()) return {};
    if (mode_ == Mode::read) return bad_descriptor();
    return disk_.truncate(*inode_, size);
  }

  Result<> seek(std::uint64_t position) override {
    position_ = position;
    return {};
  }

 private:
  static std::unexpected<Error> bad_descriptor() {
    return fail(Errc::io, std::generic_category().message(EBADF));
  }

  Disk& disk_;
  InodePtr inode_;
  std::shared_ptr<Process> process_;
  Mode mode_;
  std::uint64_t position_ = 0;
};

std::unexpected<Error> no_longer_there() {
  return fail(Errc::io, std::generic_category().message(EIO));
}

}  // namespace

std::string SimFiles::normal(const std::string& path) const {
  std::vector<std::string> parts;
  const std::string whole = path.starts_with('/') ? path : directory_ + "/" + path;
  for (std::size_t at = 0; at < whole.size();) {
    const std::size_t slash = std::min(whole.find('/', at), whole.size());
    const std::string part = whole.substr(at, slash - at);
    at = slash + 1;
    if (part == ".." && !parts.empty()) parts.pop_back();
    if (!part.empty() && part != "." && part != "..") parts.push_back(part);
  }
  std::string out;
  for (const std::string& part : parts) out += "/" + part;
  return out.empty() ? "/" : out;
}

Result<std::unique_ptr<File>> SimFiles::open_read(const std::string& path) {
  TRY(InodePtr inode, disk_.open(normal(path)));
  return std::make_unique<SimFile>(disk_, std::move(inode), process_, SimFile::Mode::read);
}

Result<std::unique_ptr<File>> SimFiles::create(const std::string& path) {
  if (!process_->may_act()) return no_longer_there();
  TRY(InodePtr inode, disk_.open_or_create(normal(path)));
  TRY_DO(disk_.truncate(*inode, 0));
  return std::make_unique<SimFile>(disk_, std::move(inode), process_, SimFile::Mode::write);
}

Result<std::unique_ptr<File>> SimFiles::open_append(const std::string& path) {
  if (!process_->may_act()) return no_longer_there();
  TRY(InodePtr inode, disk_.open_or_create(normal(path)));
  return std::make_unique<SimFile>(disk_, std::move(inode), process_, SimFile::Mode::append);
}

bool SimFiles::exists(const std::string& path) { return disk_.exists(normal(path)); }

Result<> SimFiles::rename(const std::string& from, const std::string& to) {
  if (!process_->may_act()) return {};
  return disk_.rename(normal(from), normal(to));
}

Result<> SimFiles::remove(const std::string& path) {
  if (!process_->may_act()) return {};
  return disk_.remove(normal(path));
}

Result<> SimFiles::make_directories(const std::string& path) {
  if (!process_->may_act()) return {};
  return disk_.make_directories(normal(path));
}

Result<std::vector<std::string>> SimFiles::list(const std::string& directory) {
  return disk_.list(normal(directory));
}

Result<> SimFiles::sync_directory(const std::string& path) {
  if (!process_->may_act()) return {};
  process_->spend(disk_.draw_sync_cost());
  return disk_.sync_directory(normal(path));
}

Result<> SimFiles::change_directory(const std::string& path) {
  const std::string to = normal(path);
  if (!disk_.is_directory(to)) return fail(Errc::io, std::generic_category().message(ENOENT));
  directory_ = to;
  return {};
}

}  // namespace banyan::sim
