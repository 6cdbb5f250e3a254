// SimLoop: a node's event loop in virtual time. What happens to the node waits in a queue; one
// queued item is one *step*, an event of the world's scheduler, so that anything else (a crash, a
// cut, another node) can come between two callbacks.
//
// Vocabulary   A *batch* is what is in the queue when the last batch is finished: the simulator's
//              turn of the loop. After it the turn hook runs.
// Invariants   A step runs at most the callbacks of one item (for a stream: readable, then
//              writable), never inside another call. Steps of one node are at least
//              Faults::cpu_step apart, so a busy hook cannot stop the time.
// Threads      None; offloaded works run as events of their own.
#pragma once

#include <deque>
#include <map>
#include <set>

#include "sim/clock.h"
#include "sim/sim_stream.h"

namespace banyan::sim {

// What one node's Env is built from. All of it outlives the Env.
struct Place {
  NodeId node;
  Scheduler& scheduler;
  Network& network;
  Rng& rng;
  const Faults& faults;
  const NodeClock& clock;
};

class SimLoop final : public Loop, private Kernel, private StreamOwner {
 public:
  SimLoop(const Place& place, std::shared_ptr<Process> process);
  ~SimLoop() override;

  // Steps begin; until then everything waits in the queue.
  void start();
  // No steps until `world_time`.
  void pause_until(Instant world_time);
  // For good: nothing runs any more.
  void halt() { is_halted_ = true; }
  // Runs the works that still wait, without their ends: a process that ends in peace does.
  void finish_works();

  // No time passes inside an event, but for who asks: each look at the precise clock stands for the
  // work done since the last one, and costs it.
  Instant now() const override { return place_.clock.local(place_.scheduler.now()); }
  UnixMs unix_ms() const override { return place_.clock.unix_ms(place_.scheduler.now()); }
  Instant precise_now() const override {
    process_->spend(place_.faults.work_step);
    return now() + process_->spent();
  }
  TimerId call_at(Instant when, Task task) override;
  void cancel(TimerId timer) override;
  void post(Task task) override { enqueue({.kind = EventKind::posted, .task = std::move(task)}); }
  void offload(Task work, Task done) override;
  void set_turn_hook(std::move_only_function<bool()> hook) override;
  Result<std::unique_ptr<Listener>> listen(const Address& at, ListenOptions options,
                                           OnAccept on_accept) override;
  std::unique_ptr<Stream> connect(const Address& to, StreamHandler& handler,
                                  const Address& source) override;
  void hang(Duration length) override { process_->spend(length); }
  void stop() override;

  // From the world: `task` runs as a step of its own.
  void enqueue_signal(Task task) { enqueue({.kind = EventKind::signal, .task = std::move(task)}); }

 private:
  struct Item {
    EventKind kind;
    std::uint64_t id = 0;  // listener or socket
    SocketId socket{};     // the accepted one
    Task task{};
  };
  struct Timer {
    Instant when;
    Scheduler::EventId event;
    Task task{};
  };
  struct Work {
    Task work, done;
  };

  // Kernel
  void on_accept(ListenerId listener, SocketId socket) override;
  void on_connected(SocketId socket) override;
  void on_connect_failed(SocketId socket, Error error) override;
  void on_ready(SocketId socket) override { wake(socket); }
  // StreamOwner
  void adopt(SimStream& stream) override;
  void forget(SocketId socket) override { streams_.erase(socket); }
  void wake(SocketId socket) override;

  void enqueue(Item item);
  void schedule_step();
  void step();
  void take_step();
  void run(Item item);
  void run_timer();
  void run_accept(const Item& item);
  void run_stream(SocketId id);
  bool run_hook();
  std::unique_ptr<Stream> make_stream(SocketId id);
  SimStream* find_stream(SocketId id);
  void schedule_work();
  void run_work();
  // `task` at `when`, unless the process has ended by then.
  Scheduler::EventId later(Instant when, const EventTag& tag, std::move_only_function<void()> task);
  bool is_running() const { return process_->is_alive() && !is_halted_; }

  Place place_;
  std::shared_ptr<Process> process_;
  bool is_started_ = false;
  bool is_halted_ = false;
  bool has_step_ = false;
  bool hook_wants_more_ = true;  // a loop's first turn needs no event
  Instant busy_until_{}, paused_until_{};
  std::deque<Item> queue_;
  std::size_t batch_left_ = 0;
  std::map<std::uint64_t, Timer> timers_;
  std::set<std::pair<Instant, std::uint64_t>> due_;  // one queued item for each, or more
  std::uint64_t next_timer_ = 1;
  std::map<SocketId, SimStream*> streams_;
  std::map<ListenerId, OnAccept> listeners_;
  std::deque<Work> works_;
  bool is_working_ = false;
  std::move_only_function<bool()> hook_;
};

}  // namespace banyan::sim
