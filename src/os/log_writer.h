// LogWriter: where the lines of the node's log go, standard output or a file.
//
// Invariants   A line is one write(2) to a descriptor opened for appending, so that lines of
//              different threads and processes do not mix.
// Threads      Any thread, set_file() included: the change of file is atomic (dup3), without a
// lock. Failure      A line that cannot be written is lost: a full disk must not stop the node.
#pragma once

#include "base/bytes.h"
#include "base/result.h"
#include "os/descriptor.h"

namespace banyan::os {

class LogWriter {
 public:
  LogWriter();

  void write(Bytes line);
  // Empty = standard output. After an error the log goes where it went before.
  Result<> set_file(const std::string& path);

 private:
  Descriptor log_;
};

}  // namespace banyan::os
