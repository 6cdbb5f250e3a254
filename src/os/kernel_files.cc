#include "os/kernel_files.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>
#include <algorithm>
#include <cerrno>
#include <filesystem>
#include <limits>
#include <system_error>

#include "os/descriptor.h"

namespace banyan::os {
namespace {

// A position or size as the kernel wants it; larger ones make the call fail with EINVAL.
off_t to_offset(std::uint64_t value) {
  constexpr auto kMax = static_cast<std::uint64_t>(std::numeric_limits<off_t>::max());
  return value <= kMax ? static_cast<off_t>(value) : -1;
}

template <class Call>
auto retry_interrupted(Call call) {
  while (true) {
    const auto result = call();
    if (result != -1 || errno != EINTR) return result;
  }
}

class KernelFile final : public File {
 public:
  KernelFile(Descriptor descriptor, std::string path)
      : descriptor_(std::move(descriptor)), path_(std::move(path)) {}

  Result<std::size_t> read(char* to, std::size_t room) override {
    const ssize_t count = retry_interrupted([&] { return ::read(fd(), to, room); });
    if (count < 0) return io_error("read", path_, errno);
    return static_cast<std::size_t>(count);
  }

  Result<> write_all(Bytes data) override {
    while (!data.empty()) {
      const ssize_t count =
          retry_interrupted([&] { return ::write(fd(), data.data(), data.size()); });
      if (count < 0) return io_error("write", path_, errno);
      data.remove_prefix(static_cast<std::size_t>(count));
    }
    return {};
  }

  Result<> sync() override {
    // fdatasync writes the size too; what it leaves out is the times.
    if (retry_interrupted([&] { return ::fdatasync(fd()); }) != 0)
      return io_error("fdatasync", path_, errno);
    return {};
  }

  Result<std::uint64_t> size() override {
    struct stat status;
    if (::fstat(fd(), &status) != 0) return io_error("stat", path_, errno);
    return static_cast<std::uint64_t>(status.st_size);
  }

  Result<> truncate(std::uint64_t size) override {
    const off_t end = to_offset(size);
    if (retry_interrupted([&] { return ::ftruncate(fd(), end); }) != 0)
      return io_error("truncate", path_, errno);
    // A position left beyond the end would make the next write leave zeros in between.
    if (const off_t position = ::lseek(fd(), 0, SEEK_CUR); position > end) return seek(size);
    return {};
  }

  Result<> seek(std::uint64_t position) override {
    if (::lseek(fd(), to_offset(position), SEEK_SET) < 0) return io_error("seek", path_, errno);
    return {};
  }

 private:
  int fd() const { return descriptor_.get(); }

  Descriptor descriptor_;
  std::string path_;
};

Result<std::unique_ptr<File>> open_file(std::string_view operation, const std::string& path,
                                        int flags) {
  Descriptor descriptor(
      retry_interrupted([&] { return ::open(path.c_str(), flags | O_CLOEXEC, 0644); }));
  if (!descriptor.is_open()) return io_error(operation, path, errno);
  return std::make_unique<KernelFile>(std::move(descriptor), path);
}

}  // namespace

Result<std::unique_ptr<File>> KernelFiles::open_read(const std::string& path) {
  return open_file("open", path, O_RDONLY);
}

Result<std::unique_ptr<File>> KernelFiles::create(const std::string& path) {
  return open_file("create", path, O_RDWR | O_CREAT | O_TRUNC);
}

Result<std::unique_ptr<File>> KernelFiles::open_append(const std::string& path) {
  return open_file("open", path, O_RDWR | O_CREAT | O_APPEND);
}

bool KernelFiles::exists(const std::string& path) { return ::access(path.c_str(), F_OK) == 0; }

Result<> KernelFiles::rename(const std::string& from, const std::string& to) {
  if (::rename(from.c_str(), to.c_str()) != 0) return io_error("rename", from + " to " + to, errno);
  return {};
}

Result<> KernelFiles::remove(const std::string& path) {
  if (::unlink(path.c_str()) != 0) return io_error("remove", path, errno);
  return {};
}

Result<> KernelFiles::make_directories(const std::string& path) {
  std::error_code error;
  std::filesystem::create_directories(path, error);
  if (error) return io_error("make directory", path, error.value());
  return {};
}

Result<std::vector<std::string>> KernelFiles::list(const std::string& directory) {
  std::error_code error;
  std::vector<std::string> names;
  for (std::filesystem::directory_iterator entry(directory, error), end; !error && entry != end;
       entry.increment(error))
    names.push_back(entry->path().filename().string());
  if (error) return io_error("list", directory, error.value());
  std::sort(names.begin(), names.end());
  return names;
}

Result<> KernelFiles::sync_directory(const std::string& path) {
  const Descriptor directory(::open(path.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (!directory.is_open()) return io_error("open", path, errno);
  // EINVAL: a file system that has no sync of directories; there is nothing more to be had from it.
  if (retry_interrupted([&] { return ::fsync(directory.get()); }) != 0 && errno != EINVAL)
    return io_error("fsync", path, errno);
  return {};
}

Result<std::string> KernelFiles::working_directory() {
  std::error_code error;
  std::string path = std::filesystem::current_path(error).string();
  if (error) return io_error("working directory", error.value());
  return path;
}

Result<> KernelFiles::change_directory(const std::string& path) {
  if (::chdir(path.c_str()) != 0) return io_error("change directory to", path, errno);
  return {};
}

}  // namespace banyan::os
