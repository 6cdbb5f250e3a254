// KernelStream: the Stream of env.h over a TCP or Unix socket, accepted or connecting.
//
//     accepted:  connected
//     connect(): connecting -> connected | failed
//
// Vocabulary   A *candidate* is one of the addresses that a name has; they are tried in order.
//              *Wanted* is what the owner watches for, *registered* what the kernel was told.
// Invariants   While connecting, the kernel watches for EPOLLOUT alone; when connected, registered
//              equals wanted, once attached. When nothing is wanted the kernel forgets the socket,
//              so that a hang-up nobody asked about does not spin the loop.
// Threads      The loop's; before attach(), any one thread.
// Failure      A failure inside connect() is told on a later turn. If the kernel cannot watch the
//              socket, the stream is shut down and read() tells.
#pragma once

#include "base/env.h"
#include "net/poller.h"
#include "net/polling_loop.h"
#include "net/socket.h"
#include "os/descriptor.h"

namespace banyan::net {

class KernelStream final : public Stream, private Source {
 public:
  // An accepted connection. For a Unix socket, `peer` has the path that was listened at.
  KernelStream(os::Descriptor socket, Endpoint peer);
  // Starts connecting.
  KernelStream(PollingLoop& loop, StreamHandler& handler, const Address& to, const Address& source);
  ~KernelStream() override;

  void attach(Loop& loop, StreamHandler& handler) override;
  void set_handler(StreamHandler& handler) override { handler_ = &handler; }
  IoResult read(char* to, std::size_t room) override;             // room > 0
  IoResult write(Bytes data) override;                            // not empty
  IoResult write_pieces(std::span<const Bytes> pieces) override;  // not all empty
  void watch_readable(bool on) override { want(EPOLLIN, on); }
  void watch_writable(bool on) override { want(EPOLLOUT, on); }
  Address local() const override;
  Address peer() const override { return peer_.to_address(); }
  int descriptor() const override { return socket_.get(); }
  void set_keep_alive(std::chrono::seconds interval) override;
  void set_no_delay(bool on) override;
  void reset_on_close() override;

 private:
  enum class State : std::uint8_t { connected, connecting, failed };
  struct Attempt {
    Address source;
    std::vector<IpAddress> candidates;
    std::size_t next = 0;
    Error error = Errc::io;  // why the last candidate failed
  };

  void on_ready(std::uint32_t events) override;

  void connect_to(const Address& to);
  void on_resolved(Result<std::vector<IpAddress>> candidates);
  void try_next();
  Result<os::Descriptor> open_towards(const IpAddress& to) const;
  void adopt(os::Descriptor socket);
  void finish_connecting();
  int connect_error();
  void drop_socket();
  void report_failure();

  void want(std::uint32_t event, bool on);
  void watch(std::uint32_t events);
  void report_readable() { handler_->on_readable(); }
  // Calls the member on a later turn, unless the stream is destroyed first.
  void call_later(void (KernelStream::*member)());
  bool is_tcp() const { return peer_.path.empty(); }

  os::Descriptor socket_;
  PollingLoop* loop_ = nullptr;
  StreamHandler* handler_ = nullptr;
  SourceId id_ = SourceId::none;
  std::uint32_t wanted_ = EPOLLIN;
  std::uint32_t registered_ = 0;
  State state_;
  bool has_no_delay_ = false;  // these three are kept for the sockets of later candidates
  bool resets_on_close_ = false;
  std::chrono::seconds keep_alive_{0};
  Endpoint peer_;
  std::unique_ptr<Attempt> attempt_;  // while connecting
};

}  // namespace banyan::net
