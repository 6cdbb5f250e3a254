#include "sim/counter_world.h"

#include <array>

#include <fmt/format.h>

#include "base/number.h"
#include "sim/client.h"

namespace banyan::sim {
namespace {

constexpr std::uint16_t kPort = 7000;

class CounterNode final : public Node {
 public:
  static std::unique_ptr<Node> start(Env& env, bool forgets_to_sync) {
    auto node = std::make_unique<CounterNode>(env, forgets_to_sync);
    const auto result = node->load();
    if (!result) env.write_log("cannot start: " + result.error().describe());
    return result ? std::move(node) : nullptr;
  }

  CounterNode(Env& env, bool forgets_to_sync) : env_(env), forgets_to_sync_(forgets_to_sync) {}

 private:
  struct Session final : StreamHandler {
    Session(CounterNode& node, std::unique_ptr<Stream> s) : owner(node), stream(std::move(s)) {}
    void on_readable() override { owner.serve(*this); }
    void on_writable() override { owner.flush(*this); }
    CounterNode& owner;
    std::unique_ptr<Stream> stream;
    std::string in, out;
  };

  Result<> load() {
    if (env_.files().exists("counter")) {
      TRY(const std::string text, read_whole_file(env_.files(), "counter"));
      const auto value = parse_int(text);
      if (!value) return fail(Errc::corrupt, "the counter file says '" + text + "'");
      counter_ = *value;
    }
    TRY(listener_,
        env_.main_loop().listen({.host = "*", .port = kPort, .path = {}}, {}, [this](auto stream) {
          auto session = std::make_unique<Session>(*this, std::move(stream));
          session->stream->attach(env_.main_loop(), *session);
          sessions_.push_back(std::move(session));
        }));
    env_.write_log(fmt::format("counting from {}", counter_));
    return {};
  }

  void serve(Session& session) {
    std::array<char, 512> chunk;
    const IoResult got = session.stream->read(chunk.data(), chunk.size());
    if (got.status == IoResult::Status::would_block) return;
    if (got.status != IoResult::Status::ok) return drop(session);
    session.in.append(chunk.data(), got.count);
    for (auto end = session.in.find('\n'); end != std::string::npos; end = session.in.find('\n')) {
      session.in.erase(0, end + 1);
      ++counter_;
      if (const auto result = store(); !result) {
        env_.write_log("cannot store: " + result.error().describe());
        return env_.stop(1);
      }
      session.out += fmt::format("{}\n", counter_);
    }
    flush(session);
  }

  void flush(Session& session) {
    const IoResult sent = session.stream->write(session.out);
    if (sent.status == IoResult::Status::ok) session.out.erase(0, sent.count);
    session.stream->watch_writable(!session.out.empty());
  }

  Result<> store() {
    if (!forgets_to_sync_)
      return write_whole_file(env_.files(), "counter", std::to_string(counter_));
    TRY(const auto file, env_.files().create("counter.tmp"));
    TRY_DO(file->write_all(std::to_string(counter_)));
    return env_.files().rename("counter.tmp", "counter");
  }

  void drop(Session& session) {
    std::erase_if(sessions_, [&](const auto& other) { return other.get() == &session; });
  }

  Env& env_;
  bool forgets_to_sync_;
  std::int64_t counter_ = 0;
  std::unique_ptr<Listener> listener_;
  std::vector<std::unique_ptr<Session>> sessions_;
};

// Asks for one number after another; starts over with a new connection when an answer is late.
class Asker {
 public:
  Asker(World& world, const std::string& name, NodeId server)
      : world_(world), client_(world, name), server_(server) {}

  // The next acknowledged number, when one has come.
  std::optional<std::int64_t> poll() {
    const bool is_late = world_.now() - asked_at_ > 2s;
    if (!is_asking_ || client_.state() == Client::State::closed ||
        client_.state() == Client::State::failed || (is_late && !client_.is_connected())) {
      client_.connect(server_, kPort);
      client_.send("count\n");
      is_asking_ = true;
      asked_at_ = world_.now();
      return std::nullopt;
    }
    if (const auto line = client_.take_line()) {
      client_.send("count\n");
      asked_at_ = world_.now();
      return parse_int(*line);
    }
    if (is_late) is_asking_ = false;
    return std::nullopt;
  }

 private:
  World& world_;
  Client client_;
  NodeId server_;
  bool is_asking_ = false;
  Instant asked_at_{};
};

class Checker {
 public:
  void acknowledge(std::int64_t number) {
    if (!seen_.insert(number).second) failure_ = fmt::format("{} was given twice", number);
  }
  std::size_t count() const { return seen_.size(); }
  const std::string& failure() const { return failure_; }

 private:
  std::set<std::int64_t> seen_;
  std::string failure_;
};

}  // namespace

Result<> run_counter_world(std::uint64_t seed, const CounterOptions& options) {
  Rng rng(seed);
  World world(seed, World::Options{.faults = draw_faults(rng), .trace = options.trace});
  const NodeId server = world.add_node(
      "counter", [&](Env& env) { return CounterNode::start(env, options.forgets_to_sync); });
  std::vector<std::unique_ptr<Asker>> askers;
  for (int i = 1; i <= 3; ++i)
    askers.push_back(std::make_unique<Asker>(world, fmt::format("client{}", i), server));

  Checker checker;
  const auto count_for = [&](Duration length) {
    const Instant end = world.now() + length;
    while (world.now() < end && checker.failure().empty()) {
      world.run_for(10ms);
      if (world.exit_code(server)) world.restart(server);
      for (const auto& asker : askers)
        if (const auto number = asker->poll()) checker.acknowledge(*number);
    }
  };
  count_for(30s);
  world.heal();
  count_for(15s);
  const std::size_t before = checker.count();
  count_for(5s);
  if (checker.failure().empty() && checker.count() > before) return {};
  const bool is_stuck = checker.failure().empty();
  return fail((is_stuck ? "counting did not go on" : checker.failure()) + "\n" + world.logs());
}

}  // namespace banyan::sim
