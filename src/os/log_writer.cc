#include "os/log_writer.h"

#include <fcntl.h>
#include <unistd.h>
#include <cerrno>

#include "base/check.h"

namespace banyan::os {

LogWriter::LogWriter() : log_(::fcntl(STDOUT_FILENO, F_DUPFD_CLOEXEC, 3)) {
  // A daemon may have been started with its standard output closed.
  if (!log_.is_open()) log_ = Descriptor(::open("/dev/null", O_WRONLY | O_CLOEXEC));
  CHECK(log_.is_open());
}

void LogWriter::write(Bytes line) {
  while (!line.empty()) {
    const ssize_t count = ::write(log_.get(), line.data(), line.size());
    if (count < 0 && errno == EINTR) continue;
    if (count <= 0) return;
    line.remove_prefix(static_cast<std::size_t>(count));
  }
}

Result<> LogWriter::set_file(const std::string& path) {
  Descriptor file;
  if (!path.empty()) {
    file = Descriptor(::open(path.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0644));
    if (!file.is_open()) return io_error("open", path, errno);
  }
  const int source = path.empty() ? STDOUT_FILENO : file.get();
  if (::dup3(source, log_.get(), O_CLOEXEC) < 0) return io_error("open", path, errno);
  return {};
}

}  // namespace banyan::os
