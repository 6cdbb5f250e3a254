#include "sim/sim_loop.h"

#include "base/check.h"

namespace banyan::sim {

SimLoop::SimLoop(const Place& place, std::shared_ptr<Process> process)
    : place_(place), process_(std::move(process)) {
  place_.network.start_process(place_.node, *this);
}

SimLoop::~SimLoop() = default;

void SimLoop::start() {
  is_started_ = true;
  schedule_step();
}

void SimLoop::pause_until(Instant world_time) {
  paused_until_ = std::max(paused_until_, world_time);
}

Scheduler::EventId SimLoop::later(Instant when, const EventTag& tag, Task task) {
  return place_.scheduler.at(when, tag, [process = process_, task = std::move(task)]() mutable {
    if (process->is_alive()) task();
  });
}

// --- steps

void SimLoop::enqueue(Item item) {
  if (!is_running()) return;
  queue_.push_back(std::move(item));
  schedule_step();
}

void SimLoop::schedule_step() {
  if (!is_started_ || !is_running() || has_step_) return;
  if (queue_.empty() && !hook_wants_more_) return;
  has_step_ = true;
  later(std::max(busy_until_, paused_until_), {.kind = EventKind::step, .node = place_.node},
        [this] { step(); });
}

// What is enqueued meanwhile waits until the loop is done with this, however long that takes.
void SimLoop::step() {
  if (is_running() && place_.scheduler.now() >= paused_until_) take_step();
  has_step_ = false;
  schedule_step();
}

void SimLoop::take_step() {
  if (batch_left_ == 0) batch_left_ = queue_.size();
  if (batch_left_ > 0) {
    --batch_left_;
    Item item = std::move(queue_.front());
    queue_.pop_front();
    run(std::move(item));
  }
  if (batch_left_ == 0 && is_running()) hook_wants_more_ = run_hook();
  busy_until_ = place_.scheduler.now() + place_.faults.cpu_step + process_->take_spent();
}

void SimLoop::run(Item item) {
  place_.scheduler.record({.kind = item.kind, .node = place_.node, .id = item.id});
  if (item.kind == EventKind::timer) return run_timer();
  if (item.kind == EventKind::accepted) return run_accept(item);
  if (item.kind == EventKind::stream_ready) return run_stream(SocketId{item.id});
  item.task();
}

bool SimLoop::run_hook() {
  if (!hook_) return false;
  // Out of its place while it runs: it may install another one.
  auto hook = std::exchange(hook_, nullptr);
  const bool wants_more = hook();
  if (!hook_) hook_ = std::move(hook);
  return wants_more;
}

void SimLoop::set_turn_hook(std::move_only_function<bool()> hook) { hook_ = std::move(hook); }

void SimLoop::stop() { CHECK(false && "only the loop of a worker can be stopped"); }

// --- timers and works

TimerId SimLoop::call_at(Instant when, Task task) {
  if (!is_running()) return TimerId::none;
  const std::uint64_t id = next_timer_++;
  const EventTag tag{.kind = EventKind::timer, .node = place_.node, .id = id};
  const auto event = later(place_.clock.world(when), tag, [this, when, id] {
    due_.emplace(when, id);
    enqueue({.kind = EventKind::timer});
  });
  timers_[id] = {when, event, std::move(task)};
  return TimerId{id};
}

void SimLoop::cancel(TimerId timer) {
  const auto it = timers_.find(std::to_underlying(timer));
  if (it == timers_.end()) return;
  place_.scheduler.cancel(it->second.event);
  due_.erase({it->second.when, it->first});
  timers_.erase(it);
}

// By their times, also where many became due at once (after a pause, or in the past already).
void SimLoop::run_timer() {
  if (due_.empty()) return;  // cancelled while it waited in the queue
  const auto it = timers_.find(due_.begin()->second);
  due_.erase(due_.begin());
  Task task = std::move(it->second.task);
  timers_.erase(it);
  task();
}

void SimLoop::offload(Task work, Task done) {
  if (!is_running()) return;
  works_.push_back({std::move(work), std::move(done)});
  if (!is_working_) schedule_work();
}

void SimLoop::schedule_work() {
  is_working_ = !works_.empty();
  if (!is_working_) return;
  const Instant when =
      place_.scheduler.now() + Duration(10) + draw_exponential(place_.rng, Duration(100));
  later(std::max(when, paused_until_), {.kind = EventKind::work, .node = place_.node},
        [this] { run_work(); });
}

void SimLoop::run_work() {
  if (!is_running()) return;
  if (place_.scheduler.now() < paused_until_) return schedule_work();
  Work work = std::move(works_.front());
  works_.pop_front();
  work.work();
  work.work = nullptr;  // what it holds is freed over there
  const Instant when = place_.scheduler.now() + process_->take_spent() + Duration(5);
  later(when, {.kind = EventKind::work_done, .node = place_.node},
        [this, done = std::move(work.done)]() mutable {
          if (done) enqueue({.kind = EventKind::work_done, .task = std::move(done)});
          schedule_work();
        });
}

void SimLoop::finish_works() {
  while (!works_.empty() && process_->is_alive()) {
    Work work = std::move(works_.front());
    works_.pop_front();
    work.work();
  }
}

// --- streams

SimStream* SimLoop::find_stream(SocketId id) {
  const auto it = streams_.find(id);
  return it == streams_.end() ? nullptr : it->second;
}

void SimLoop::adopt(SimStream& stream) {
  streams_[stream.id()] = &stream;
  stream.is_queued = false;  // what was queued before it was detached does not count
  wake(stream.id());
}

void SimLoop::wake(SocketId id) {
  SimStream* stream = find_stream(id);
  if (!stream || stream->is_queued || !(stream->wants_read() || stream->wants_write())) return;
  stream->is_queued = true;
  enqueue({.kind = EventKind::stream_ready, .id = std::to_underlying(id)});
}

void SimLoop::run_stream(SocketId id) {
  SimStream* stream = find_stream(id);
  if (!stream) return;
  stream->is_queued = false;
  if (stream->wants_read()) {
    stream->handler()->on_readable();
    if (!process_->is_alive()) return;
    stream = find_stream(id);  // the handler may have destroyed it
  }
  if (stream && stream->wants_write()) stream->handler()->on_writable();
  if (process_->is_alive()) wake(id);
}

std::unique_ptr<Stream> SimLoop::make_stream(SocketId id) {
  StreamOwner& owner = *this;
  return std::make_unique<SimStream>(id, place_.network, owner, process_);
}

Result<std::unique_ptr<Listener>> SimLoop::listen(const Address& at, ListenOptions,
                                                  OnAccept on_accept) {
  if (!process_->may_act()) return fail(Errc::io, "the node is dead");
  TRY(const Network::Listening listening, place_.network.listen(place_.node, at));
  listeners_[listening.id] = std::move(on_accept);
  return std::make_unique<SimListener>(listening.id, listening.at,
                                       [this, process = process_](ListenerId id) {
                                         if (!process->is_alive()) return;
                                         place_.network.unlisten(id);
                                         listeners_.erase(id);
                                       });
}

void SimLoop::on_accept(ListenerId listener, SocketId socket) {
  enqueue({.kind = EventKind::accepted, .id = std::to_underlying(listener), .socket = socket});
}

void SimLoop::run_accept(const Item& item) {
  const auto it = listeners_.find(ListenerId{item.id});
  // The callback may close its own listener: it must not be destroyed while it runs.
  if (it == listeners_.end()) return place_.network.close(item.socket, true);
  OnAccept on_accept = std::exchange(it->second, nullptr);
  on_accept(make_stream(item.socket));
  const auto again = listeners_.find(ListenerId{item.id});
  if (again != listeners_.end()) again->second = std::move(on_accept);
}

std::unique_ptr<Stream> SimLoop::connect(const Address& to, StreamHandler& handler,
                                         const Address& source) {
  const bool is_real = process_->may_act();
  const SocketId id = is_real ? place_.network.connect(place_.node, to, source) : SocketId::none;
  auto stream = make_stream(id);
  stream->attach(*this, handler);
  return stream;
}

void SimLoop::on_connected(SocketId socket) {
  enqueue({.kind = EventKind::connected, .task = [this, socket] {
             if (SimStream* stream = find_stream(socket)) stream->handler()->on_connected();
             if (process_->is_alive()) wake(socket);
           }});
}

void SimLoop::on_connect_failed(SocketId socket, Error error) {
  enqueue({.kind = EventKind::connect_failed, .task = [this, socket, error = std::move(error)] {
             SimStream* stream = find_stream(socket);
             if (stream) stream->handler()->on_connect_failed(error);
           }});
}

}  // namespace banyan::sim
