// ProcessTitle: what `ps` and /proc/self/cmdline show of this process in place of its arguments.
//
// How it works The kernel shows the memory that once held the arguments, and beyond it the
//              environment's, when the arguments' last byte is no zero. So the title is written
//              over both, after the environment has moved elsewhere.
// Threads      The main thread. While the first title is set, nobody else may look at the
//              environment.
// Failure      Where the kernel does not say where the arguments lie, titles have no effect. What
//              does not fit is cut off.
#pragma once

#include <span>

#include "base/bytes.h"

namespace banyan::os {

class ProcessTitle {
 public:
  void set(Bytes title);

 private:
  void find_room();

  bool is_ready_ = false;
  std::span<char> room_;
  std::size_t arguments_bytes_ = 0;  // of room_, at its beginning
};

}  // namespace banyan::os
