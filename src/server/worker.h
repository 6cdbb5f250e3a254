// Worker: a thread's event loop with the connections that live on it.
//
// Threads   Its own, but where said. What concerns several workers runs under the exclusive gate.
#pragma once

#include <functional>
#include <memory>
#include <span>
#include <unordered_map>
#include <vector>

#include "base/env.h"
#include "config/settings.h"
#include "engine/dispatcher.h"
#include "server/connection.h"
#include "server/logger.h"

namespace banyan::server {

// The settings a connection obeys. Changed under the exclusive gate.
struct ConnectionLimits {
  resp::Limits requests;
  std::size_t query_buffer_bytes = 1024UL * 1024 * 1024;
  config::OutputLimit normal_output;
  std::chrono::seconds idle_timeout{0};
};

struct TrafficCounters {
  engine::Counter input_bytes, output_bytes;
  engine::Counter reads, writes;  // calls of the kernel that moved something
  engine::Counter turns;          // of the event loop
  std::uint64_t output_limit_disconnections = 0;

  void reset() {
    for (engine::Counter* counter : {&input_bytes, &output_bytes, &reads, &writes, &turns})
      counter->reset();
    output_limit_disconnections = 0;
  }
};

class Worker {
 public:
  Worker(Loop& loop, Files& files, unsigned number, engine::Shared& shared, Logger& logger,
         const ConnectionLimits& limits, std::uint64_t seed);

  void start();  // on its own thread, once

  // Inside the gate for the length of a callback; nested ones cost nothing.
  class Inside {
   public:
    explicit Inside(Worker& worker) : worker_(worker) {
      if (worker_.depth_++ == 0) worker_.enter();
    }
    ~Inside() {
      if (--worker_.depth_ == 0) worker_.shared_.gate.leave(worker_.number_);
    }
    Inside(const Inside&) = delete;
    Inside& operator=(const Inside&) = delete;

   private:
    Worker& worker_;
  };
  // Runs `fn` alone on the node.
  template <class Fn>
  void alone(const Fn& fn) {
    shared_.gate.enter_alone(number_);
    fn();
    shared_.gate.leave_alone(number_);
  }

  Loop& loop() { return loop_; }
  Files& files() { return files_; }
  unsigned number() const { return number_; }
  engine::Dispatcher& dispatcher() { return dispatcher_; }
  const engine::Dispatcher& dispatcher() const { return dispatcher_; }
  engine::Shared& shared() { return shared_; }
  const ConnectionLimits& limits() const { return limits_; }
  std::span<char> read_buffer() { return read_buffer_; }

  // On this worker's thread.
  void add(std::unique_ptr<Stream> stream, std::uint64_t id);
  void close_later(std::uint64_t id);
  // Sends the connection's output at the end of the turn. Replies of one turn leave back to back: a
  // client is then woken once for many of them, not once for each.
  void flush_later(Connection& connection);
  Connection* find(std::uint64_t id);
  // Own thread, or under the exclusive gate.
  const std::unordered_map<std::uint64_t, std::unique_ptr<Connection>>& connections() const {
    return connections_;
  }
  // Once a second: clients that have been idle, and strangers that have been strangers, too long.
  void close_overdue();
  // For so long, as if the machine were busy elsewhere. Out of the gate: others go on.
  void hang(Duration length);
  // Clients that a pause held back go on.
  void retry_held();

  void count_input(std::size_t bytes) {
    traffic_.input_bytes += bytes;
    ++traffic_.reads;
  }
  void count_output(std::size_t bytes) {
    traffic_.output_bytes += bytes;
    ++traffic_.writes;
  }
  void count_output_limit_disconnection() { ++traffic_.output_limit_disconnections; }
  TrafficCounters& traffic() { return traffic_; }
  void log_closed(Connection& connection, Bytes why);
  void log_security_attack(Connection& connection);
  void log_protocol_error(Connection& connection, Bytes text);

  // What runs at the end of every turn of the loop; true when it has more to do at once.
  void set_turn_work(std::move_only_function<bool()> work) { turn_work_ = std::move(work); }
  // Told, on this thread, about every connection that ends.
  // Told about a client that asked to be a replica; it must take() the connection's socket.
  void set_on_replica(std::move_only_function<void(Connection&)> hook) {
    on_replica_ = std::move(hook);
  }
  void on_replica(Connection& connection) { on_replica_(connection); }
  void set_on_close(std::move_only_function<void(Connection&)> hook) {
    on_close_ = std::move(hook);
  }

 private:
  void enter();
  bool end_turn();

  Loop& loop_;
  Files& files_;
  unsigned number_;
  engine::Shared& shared_;
  Logger& logger_;
  const ConnectionLimits& limits_;
  engine::Dispatcher dispatcher_;
  std::vector<char> read_buffer_;
  std::unordered_map<std::uint64_t, std::unique_ptr<Connection>> connections_;
  std::vector<std::uint64_t> to_close_;
  std::vector<Connection*> to_flush_;
  TrafficCounters traffic_;
  std::move_only_function<bool()> turn_work_;
  std::move_only_function<void(Connection&)> on_close_;
  std::move_only_function<void(Connection&)> on_replica_;
  unsigned depth_ = 0;
};

// As CLIENT LIST shows a client. `argument_bytes` are those of the command it is running.
std::string describe_client(const Connection& connection, Instant now,
                            std::size_t argument_bytes = 0);

}  // namespace banyan::server
