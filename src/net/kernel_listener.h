// KernelListener: the Listener of env.h over a TCP or Unix socket.
//
// Invariants   One bad connection does not keep others out: errors of the connection being accepted
//              are skipped; when the process has no more descriptors or memory, accepting pauses
//              for a moment, and the loop serves the connections it has. A Unix socket has its
//              permissions before anybody can connect. Its file is removed at the end if it is
//              still the one that was made here. A file left over by a process that ended is
//              replaced; a socket that is answered, or any other file, is left alone.
// Threads      The loop's.
// Failure      Result; "bind: Address already in use".
#pragma once

#include "base/env.h"
#include "net/poller.h"
#include "net/polling_loop.h"
#include "os/descriptor.h"

namespace banyan::net {

class KernelListener final : public Listener, private Source {
 public:
  static Result<std::unique_ptr<Listener>> open(PollingLoop& loop, const Address& at,
                                                Loop::ListenOptions options,
                                                Loop::OnAccept on_accept);
  // Of a Unix socket's file: which one it is, whatever name leads to it. Zeros for TCP.
  struct FileId {
    std::string absolute_path;
    std::uint64_t device = 0;
    std::uint64_t inode = 0;
  };
  KernelListener(PollingLoop& loop, os::Descriptor socket, Address local, FileId file,
                 Loop::OnAccept on_accept);
  ~KernelListener() override;

  Address local() const override { return local_; }

 private:
  void on_ready(std::uint32_t events) override;
  std::unique_ptr<Stream> accept();  // null: errno says why
  void start();
  void pause();

  PollingLoop& loop_;
  os::Descriptor socket_;
  Address local_;
  FileId file_;
  // Shared with the call under way, which may destroy the listener.
  std::shared_ptr<Loop::OnAccept> on_accept_;
  SourceId id_;
  std::uint32_t registered_ = 0;
  TimerId retry_ = TimerId::none;
};

}  // namespace banyan::net
