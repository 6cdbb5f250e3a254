// TestNode: the dispatchers of a node with several workers and clients that speak inline commands,
// all driven by hand, on one thread or several. Time stands still until advance().
//
// Besides the commands of strings and keys there are some that wait:
//   BTAKE key [key ...] timeout   takes the first key that exists: its name and value
//   BMOVE from to timeout         moves a value
//   BGONE key timeout             waits for the key to be gone: an error then
//
// Threads   A Worker's functions on one thread at a time.
#pragma once

#include <deque>
#include <map>
#include <mutex>

#include "engine/dispatcher.h"
#include "engine/families.h"
#include "generic/families.h"

namespace banyan::engine {

class TestLoop final : public Loop {
 public:
  Instant now() const override { return now_; }
  UnixMs unix_ms() const override { return 0; }
  Instant precise_now() const override { return now_; }
  TimerId call_at(Instant when, Task task) override {
    timers_.emplace(++last_timer_, std::pair(when, std::move(task)));
    return TimerId{last_timer_};
  }
  void cancel(TimerId timer) override { timers_.erase(static_cast<std::uint64_t>(timer)); }
  void post(Task task) override {
    const std::lock_guard lock(mutex_);
    posted_.push_back(std::move(task));
  }
  void offload(Task work, Task done) override {
    work();
    post(std::move(done));
  }
  void set_turn_hook(std::move_only_function<bool()>) override {}
  Result<std::unique_ptr<Listener>> listen(const Address&, ListenOptions, OnAccept) override {
    return fail("no network here");
  }
  std::unique_ptr<Stream> connect(const Address&, StreamHandler&, const Address&) override {
    return nullptr;
  }
  void hang(Duration) override {}
  void stop() override {}

  // False when there was nothing to run.
  bool run_posted() {
    std::deque<Task> tasks;
    {
      const std::lock_guard lock(mutex_);
      tasks.swap(posted_);
    }
    for (Task& task : tasks) task();
    return !tasks.empty();
  }
  void advance(Duration time) {
    now_ += time;
    while (true) {
      const auto due = std::find_if(timers_.begin(), timers_.end(),
                                    [&](const auto& timer) { return timer.second.first <= now_; });
      if (due == timers_.end()) return;
      Task task = std::move(due->second.second);
      timers_.erase(due);
      task();
    }
  }
  std::size_t timer_count() const { return timers_.size(); }

 private:
  Instant now_{};
  std::uint64_t last_timer_ = 0;
  std::map<std::uint64_t, std::pair<Instant, Task>> timers_;
  std::mutex mutex_;
  std::deque<Task> posted_;
};

struct TestClient {
  commands::Session session;
  resp::RequestParser parser;
  resp::Output output;
  std::string pending;  // sent behind a command that waits
  bool held = false;
};

class TestWorker final : public Host {
 public:
  TestWorker(Shared& shared, unsigned number)
      : shared_(shared), number_(number), dispatcher(shared, *this, number, number + 1) {}

  // New at its first use.
  TestClient& client(std::uint64_t id) {
    auto& client = clients_[id];
    if (client == nullptr) {
      client = std::make_unique<TestClient>();
      client->session.id = id;
      client->session.authenticated = true;
    }
    return *client;
  }
  // What the client has received behind these lines; "" also when it must wait.
  std::string send(std::uint64_t id, const std::string& line) {
    TestClient& to = client(id);
    to.pending += line + "\r\n";
    run_inside([&] { run(to); });
    settle();
    return take(id);
  }
  std::string take(std::uint64_t id) {
    TestClient& from = client(id);
    std::string text = from.output.text();
    from.output.release();
    return text;
  }
  void disconnect(std::uint64_t id) {
    run_inside([&] { dispatcher.forget(client(id).session); });
    clients_.erase(id);
  }
  // Runs what other workers posted, and clients that have their reply.
  void settle() {
    bool more = true;
    while (more) {
      more = loop.run_posted();
      run_inside([&] {
        dispatcher.catch_up();
        for (const std::uint64_t id : std::exchange(to_resume_, {})) {
          client(id).held = false;
          run(client(id));
          more = true;
        }
      });
    }
  }

  Loop& host_loop() override { return loop; }
  void run_inside(Task task) override {
    if (depth_++ == 0) {
      shared_.gate.enter(number_);
      dispatcher.set_time(1'700'000'000'000 + loop.now().time_since_epoch() / 1ms);
    }
    task();
    if (--depth_ == 0) shared_.gate.leave(number_);
  }
  void post_inside(Task task) override {
    loop.post([this, task = std::move(task)]() mutable { run_inside(std::move(task)); });
  }
  Client find_client(std::uint64_t id) override {
    const auto found = clients_.find(id);
    if (found == clients_.end()) return {};
    return {&found->second->session, &found->second->output};
  }
  void send_later(std::uint64_t) override {}
  void resume_later(std::uint64_t id) override { to_resume_.push_back(id); }

 private:
  void run(TestClient& client) {
    if (client.held) return;
    const std::string input = std::exchange(client.pending, {});
    const auto outcome = dispatcher.run(client.session, client.parser, {}, input, client.output);
    client.pending = input.substr(outcome.consumed) + client.pending;
    client.held = outcome.held;
  }

  Shared& shared_;
  unsigned number_;
  unsigned depth_ = 0;
  std::map<std::uint64_t, std::unique_ptr<TestClient>> clients_;
  std::vector<std::uint64_t> to_resume_;

 public:
  TestLoop loop;
  Dispatcher dispatcher;
};

commands::Family waiting_commands_for_test();

class TestNode {
 public:
  explicit TestNode(unsigned workers = 1)
      : gate(workers), keyspace(options(workers)), pubsub(workers) {
    log.activate(log::Offset(0));
    for (unsigned number = 0; number < workers; ++number) {
      workers_.push_back(std::make_unique<TestWorker>(shared, number));
      shared.dispatchers.push_back(&workers_.back()->dispatcher);
    }
  }
  TestWorker& worker(unsigned number = 0) { return *workers_[number]; }
  // On the first worker. Other workers hear of it at once.
  std::string send(std::uint64_t client, const std::string& line) {
    std::string reply = worker().send(client, line);
    for (const auto& each : workers_) each->settle();
    return reply + worker().take(client);
  }
  void advance(Duration time) {
    for (const auto& worker : workers_) {
      worker->loop.advance(time);
      worker->settle();
    }
  }

  store::Gate gate;
  store::Keyspace keyspace;
  commands::Registry registry{families()};
  log::Log log{1 << 20};
  Policy policy;
  KeyInterest interest{keyspace};
  PubSub pubsub;
  Shared shared{.registry = registry,
                .keyspace = keyspace,
                .gate = gate,
                .log = log,
                .policy = policy,
                .interest = interest,
                .pubsub = pubsub};

 private:
  static store::KeyspaceOptions options(unsigned workers) {
    return {.workers = workers, .secret = {1, 2}};
  }
  static std::vector<commands::Family> families() {
    std::vector<commands::Family> all{pubsub_commands(), transaction_commands(),
                                      waiting_commands_for_test()};
    for (const commands::Family& family : generic::data_families()) all.push_back(family);
    return all;
  }

  std::vector<std::unique_ptr<TestWorker>> workers_;
};

}  // namespace banyan::engine
