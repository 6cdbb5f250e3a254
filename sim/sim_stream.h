// SimStream, SimListener: what a node holds of a virtual connection or a listening address.
//
// Invariants   After the process has died they are empty shells: no call has an effect, and the
//              destructor touches nothing but the shell.
// Threads      None.
#pragma once

#include <memory>

#include "sim/network.h"
#include "sim/process.h"

namespace banyan::sim {

class SimStream;

// The loop, as its streams see it.
class StreamOwner {
 public:
  virtual void adopt(SimStream& stream) = 0;  // deliver its events from now on
  virtual void forget(SocketId socket) = 0;
  virtual void wake(SocketId socket) = 0;  // it may have something to tell its handler

 protected:
  ~StreamOwner() = default;
};

class SimStream final : public Stream {
 public:
  SimStream(SocketId id, Network& network, StreamOwner& owner, std::shared_ptr<Process> process)
      : id_(id), network_(network), owner_(owner), process_(std::move(process)) {}
  ~SimStream() override;

  void attach(Loop& loop, StreamHandler& handler) override;
  void set_handler(StreamHandler& handler) override { handler_ = &handler; }
  IoResult read(char* to, std::size_t room) override;
  IoResult write(Bytes data) override;
  IoResult write_pieces(std::span<const Bytes> pieces) override;
  void watch_readable(bool on) override;
  void watch_writable(bool on) override;
  Address local() const override;
  Address peer() const override;
  int descriptor() const override { return static_cast<int>(id_) % 10'000 + 8; }
  void set_keep_alive(std::chrono::seconds interval) override;
  void set_no_delay(bool) override {}
  void reset_on_close() override { reset_on_close_ = true; }

  // For the loop. `is_queued`: it has an event for this stream in its queue already.
  SocketId id() const { return id_; }
  StreamHandler* handler() const { return handler_; }
  bool wants_read() const { return watch_readable_ && network_.is_readable(id_); }
  bool wants_write() const { return watch_writable_ && network_.is_writable(id_); }
  bool is_queued = false;

 private:
  IoResult after_death() const;

  SocketId id_;
  Network& network_;
  StreamOwner& owner_;
  std::shared_ptr<Process> process_;
  StreamHandler* handler_ = nullptr;
  bool watch_readable_ = false;
  bool watch_writable_ = false;
  bool reset_on_close_ = false;
};

class SimListener final : public Listener {
 public:
  SimListener(ListenerId id, Address at, std::move_only_function<void(ListenerId)> close)
      : id_(id), at_(std::move(at)), close_(std::move(close)) {}
  ~SimListener() override { close_(id_); }
  Address local() const override { return at_; }

 private:
  ListenerId id_;
  Address at_;
  std::move_only_function<void(ListenerId)> close_;
};

}  // namespace banyan::sim
