// Poller: which descriptors are ready (epoll, level-triggered), told to the objects that own them.
//
// Vocabulary   A *source* owns a descriptor and hears of its readiness. Its SourceId is never given
//              to another source.
// Invariants   A source that was dismissed hears nothing more, also when its event had been fetched
//              already: events carry the id, and an id that is no longer known is skipped. So any
//              callback may destroy any source, itself included.
// Threads      None; owned by one thread.
// Failure      watch() can fail when the kernel's memory or its limit of watches is exhausted.
#pragma once

#include <sys/epoll.h>

#include <cstdint>
#include <vector>

#include "os/descriptor.h"

namespace banyan::net {

class Source {
 public:
  virtual void on_ready(std::uint32_t events) = 0;  // EPOLL* bits

 protected:
  ~Source() = default;
};

enum class SourceId : std::uint64_t { none = 0 };

class Poller {
 public:
  Poller();

  SourceId enroll(Source& source);
  // Also fine for `none`. The descriptor must not be watched any more, or be closed next.
  void dismiss(SourceId id);
  // Null when it was dismissed.
  Source* find(SourceId id) const;

  // Changes what `fd` is watched for. No call of the kernel when nothing changes. With `to` = 0 the
  // kernel forgets the descriptor, so that not even a hang-up is reported. 0 or errno.
  int watch(SourceId id, int fd, std::uint32_t from, std::uint32_t to);

  // Waits; -1 = without end.
  void wait(int timeout_ms);
  // Tells the sources what wait() found. Returns whether there was anything.
  bool dispatch();

 private:
  struct Slot {
    Source* source = nullptr;
    std::uint32_t uses = 0;
  };

  os::Descriptor epoll_;
  std::vector<Slot> slots_;
  std::vector<std::uint32_t> free_slots_;
  std::vector<epoll_event> events_;
  std::size_t event_count_ = 0;
};

}  // namespace banyan::net
