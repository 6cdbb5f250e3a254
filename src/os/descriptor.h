// Descriptor: a file descriptor that closes itself; and the errors that calls on one bring.
//
// Vocabulary   An *io error* is an Error with Errc::io whose text ends in strerror's words.
// Threads      None; a value. io_error and error_text: any thread.
// Failure      Closing cannot fail: what had to reach the disk was synced before.
#pragma once

#include <string>
#include <string_view>
#include <utility>

#include "base/result.h"

namespace banyan::os {

class Descriptor {
 public:
  Descriptor() = default;
  explicit Descriptor(int fd) : fd_(fd) {}
  Descriptor(Descriptor&& other) noexcept : fd_(std::exchange(other.fd_, -1)) {}
  Descriptor& operator=(Descriptor&& other) noexcept {
    std::swap(fd_, other.fd_);
    return *this;
  }
  ~Descriptor() { close(); }

  int get() const { return fd_; }
  bool is_open() const { return fd_ >= 0; }
  void close();

 private:
  int fd_ = -1;
};

// "Connection refused"
std::string error_text(int error);
// "bind: Address already in use"
std::unexpected<Error> io_error(std::string_view operation, int error);
// "open /data/x: No such file or directory"
std::unexpected<Error> io_error(std::string_view operation, std::string_view path, int error);

}  // namespace banyan::os
