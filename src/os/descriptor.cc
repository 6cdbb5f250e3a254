#include "os/descriptor.h"

#include <fmt/format.h>
#include <string.h>
#include <unistd.h>

namespace banyan::os {

void Descriptor::close() {
  // Never retried after EINTR: Linux has released the number by then, and another thread may own
  // it.
  if (fd_ >= 0) ::close(std::exchange(fd_, -1));
}

std::string error_text(int error) {
  const char* text = strerrordesc_np(error);  // unlike strerror, the same bytes on any thread
  return text ? text : fmt::format("Unknown error {}", error);
}

std::unexpected<Error> io_error(std::string_view operation, int error) {
  return fail(Errc::io, fmt::format("{}: {}", operation, error_text(error)));
}

std::unexpected<Error> io_error(std::string_view operation, std::string_view path, int error) {
  return fail(Errc::io, fmt::format("{} {}: {}", operation, path, error_text(error)));
}

}  // namespace banyan::os
