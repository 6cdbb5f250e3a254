// Client: a byte-level client on a machine of its own, for tests: connects, sends, collects what
// comes. Knows lines, and no protocol.
//
// Invariants   Collects without limit; the order of the bytes is the stream's.
// Threads      None. Must not outlive its World.
#pragma once

#include "sim/world.h"

namespace banyan::sim {

class Client final : private StreamHandler {
 public:
  enum class State : std::uint8_t { idle, connecting, connected, failed, closed };

  Client(World& world, const std::string& name);
  // Several clients may live on one machine.
  Client(World& world, NodeId machine) : world_(world), machine_(machine) {}
  ~Client() = default;
  Client(const Client&) = delete;
  Client& operator=(const Client&) = delete;

  void connect(NodeId node, std::uint16_t port) {
    connect({.host = ip_of(node), .port = port, .path = {}});
  }
  void connect(const Address& to);  // drops what it had before
  // Sent as soon as possible, in order. Lost when the connection is.
  void send(Bytes bytes);
  void close();
  void close_with_reset();

  State state() const { return state_; }
  bool is_connected() const { return state_ == State::connected; }
  NodeId machine() const { return machine_; }
  const Error& last_error() const { return last_error_; }

  // What came and was not taken yet.
  const std::string& received() const { return received_; }
  std::string take();
  // The first line, with its "\r\n" or "\n" taken off; nullopt when none is complete.
  std::optional<std::string> take_line();
  // Runs the world until the next line is here.
  std::optional<std::string> wait_line(Duration limit = 10s);
  bool wait_connected(Duration limit = 10s);
  std::size_t unsent() const { return unsent_.size(); }

 private:
  void on_connected() override;
  void on_readable() override;
  void on_writable() override { flush(); }
  void on_connect_failed(const Error& error) override;
  void flush();
  void end(State state);

  World& world_;
  NodeId machine_;
  State state_ = State::idle;
  std::unique_ptr<Stream> stream_;
  std::string unsent_, received_;
  Error last_error_ = Errc::closed;
};

}  // namespace banyan::sim
