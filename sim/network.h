// Network: the kernels' side of the virtual network. Listeners, connections, the bytes under way,
// and everything that can happen to them.
//
// Vocabulary   See socket.h and links.h. Node n has the address 10.0.(n / 256).(n % 256); 127.x and
//              ::1 are the node itself; names given with add_name() resolve too.
// Invariants   Bytes of one direction of one connection arrive in order, once and unaltered, or
//              not at all: after the first lost byte nothing of that direction arrives but the end.
//              Connections are independent: bytes of a closed one may arrive after those of a
//              newer one.
// Threads      None.
// Failure      connect() fails later, through Kernel; read() and write() as IoResult says.
//              A closed peer is Status::closed after the last byte. A broken connection is
//              Status::error with its errno once (ECONNRESET, ETIMEDOUT), and then closed for
//              read(), EPIPE for write().
#pragma once

#include <set>
#include <vector>

#include "sim/links.h"
#include "sim/socket.h"

namespace banyan::sim {

// What the process on a machine hears. These calls only note it for later; they run no node code.
class Kernel {
 public:
  virtual void on_accept(ListenerId listener, SocketId socket) = 0;
  virtual void on_connected(SocketId socket) = 0;
  virtual void on_connect_failed(SocketId socket, Error error) = 0;
  virtual void on_ready(SocketId socket) = 0;  // readable or writable may have changed

 protected:
  ~Kernel() = default;
};

std::string ip_of(NodeId node);

class Network {
 public:
  Network(Scheduler& scheduler, Rng& rng, const Faults& faults)
      : scheduler_(scheduler), rng_(rng), faults_(faults), links_(rng, faults) {}

  void add_name(const std::string& name, NodeId node) { names_[name] = node; }

  // A process starts on `node`; `kernel` must live until the matching end_process().
  void start_process(NodeId node, Kernel& kernel);
  // It ended: its kernel closes all that was open.
  void end_process(NodeId node);
  // The machine lost power: peers hear nothing until it is back and they send something.
  void lose_power(NodeId node);

  struct Listening {
    ListenerId id;
    Address at;
  };
  Result<Listening> listen(NodeId node, const Address& at);
  void unlisten(ListenerId listener);

  SocketId connect(NodeId node, const Address& to, const Address& source);
  void close(SocketId socket, bool reset);
  IoResult read(SocketId socket, char* to, std::size_t room);
  IoResult write(SocketId socket, Bytes data);
  bool is_readable(SocketId socket) const;  // something to read, or an end not yet told
  bool is_writable(SocketId socket) const;  // room, or an error not yet told
  void set_keep_alive(SocketId socket, Duration interval);
  const Socket* find(SocketId socket) const;

  // Faults.
  void block(NodeId from, NodeId to);
  void unblock(NodeId from, NodeId to);
  void partition(const std::set<NodeId>& side, const std::set<NodeId>& other);  // both ways
  void clog(NodeId from, NodeId to, Duration length);
  // Both ends learn, each after a while, that the connection has ended; from a random byte on,
  // what was under way is lost.
  void cut(SocketId socket);
  void cut_all_between(NodeId a, NodeId b);
  std::vector<SocketId> connections() const;  // between different nodes, each named once
  void heal();

 private:
  struct Listener {
    NodeId node;
    Address at;
  };

  Socket* get(SocketId socket);
  void erase(SocketId socket) { sockets_.erase(socket); }
  Socket& make_socket(NodeId node);
  void notify(const Socket& socket);
  void later(Duration delay, EventKind kind, const Socket& about, Task task);

  // Setting up (network_connect.cc).
  bool binds(NodeId node, const std::string& host) const;
  bool is_taken(NodeId node, const Address& at) const;
  std::uint16_t free_port(NodeId node);
  std::string numeric(NodeId from, const std::string& host) const;
  NodeId resolve(NodeId from, const std::string& host) const;
  void start_handshake(SocketId id);
  void knock(SocketId id, Instant since, Duration pause);
  void answer(SocketId id, Instant since);
  ListenerId find_listener(NodeId node, const Address& to) const;
  void accept(ListenerId listener, Socket& from);
  void confirm(SocketId id, Instant since);
  void fail_connect(SocketId id, Error error);

  // Carrying bytes (network.cc).
  void push(Socket& socket, Segment::Kind kind, Bytes bytes);
  void send_on(Socket& socket);
  void deliver(SocketId id);
  void arrive(Socket& from, Segment segment);
  void bounce(const Socket& from);
  void return_credit(Socket& reader, std::size_t count);
  void grant(SocketId writer, std::size_t count);
  void break_off(Socket& socket, int error);

  // Trouble (network_faults.cc).
  void hold(Socket& socket);
  void release_held();
  void lose_tail(Socket& socket);
  void sever(Socket& socket);
  void probe(SocketId id);

  Scheduler& scheduler_;
  Rng& rng_;
  const Faults& faults_;
  Links links_;
  std::map<NodeId, Kernel*> kernels_;
  std::map<std::string, NodeId> names_;
  std::map<ListenerId, Listener> listeners_;
  std::map<SocketId, Socket> sockets_;
  std::uint64_t next_id_ = 1;
  std::uint16_t next_port_ = 40000;
};

}  // namespace banyan::sim
