// WorkerBase: what a connection sees of the worker it lives on.
//
// Threads   The worker's own, but where said.
#pragma once

#include <span>
#include <vector>

#include "base/env.h"
#include "config/settings.h"
#include "engine/dispatcher.h"
#include "node/logger.h"

namespace banyan::node {

class Connection;

// The settings a connection obeys. Changed under the exclusive gate.
struct ConnectionLimits {
  resp::Limits requests;
  std::size_t query_buffer_bytes = 1024UL * 1024 * 1024;
  config::OutputLimit normal_output, pubsub_output;
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

class WorkerBase : public engine::Host {
 public:
  // Inside the gate for the length of a callback; nested ones cost nothing.
  class Inside {
   public:
    explicit Inside(WorkerBase& worker) : worker_(worker) {
      if (worker_.depth_++ == 0) worker_.enter();
    }
    ~Inside() {
      if (--worker_.depth_ == 0) worker_.shared_.gate.leave(worker_.number_);
    }
    Inside(const Inside&) = delete;
    Inside& operator=(const Inside&) = delete;

   private:
    WorkerBase& worker_;
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
  Logger& logger() { return logger_; }

  void close_later(std::uint64_t id) { to_close_.push_back(id); }
  // Sends the connection's output at the end of the turn; once a turn for each. Replies of one turn
  // leave back to back: a client is then woken once for many of them, not once for each.
  void flush_later(Connection& connection) { to_flush_.push_back(&connection); }
  // A client asked to be a replica: somebody must take() the connection's socket.
  virtual void on_replica(Connection& connection) = 0;

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

 protected:
  WorkerBase(Loop& loop, Files& files, unsigned number, engine::Shared& shared, Logger& logger,
             const ConnectionLimits& limits, std::uint64_t seed)
      : loop_(loop),
        files_(files),
        number_(number),
        shared_(shared),
        logger_(logger),
        limits_(limits),
        dispatcher_(shared, *this, number, seed),
        read_buffer_(kReadBufferBytes) {}
  ~WorkerBase() = default;

  void enter() {
    shared_.gate.enter(number_);
    dispatcher_.set_time(loop_.unix_ms());
  }

  static constexpr std::size_t kReadBufferBytes = 64 * 1024;

  Loop& loop_;
  Files& files_;
  unsigned number_;
  engine::Shared& shared_;
  Logger& logger_;
  const ConnectionLimits& limits_;
  engine::Dispatcher dispatcher_;
  std::vector<char> read_buffer_;
  std::vector<std::uint64_t> to_close_;
  std::vector<Connection*> to_flush_;
  TrafficCounters traffic_;
  unsigned depth_ = 0;
};

}  // namespace banyan::node
