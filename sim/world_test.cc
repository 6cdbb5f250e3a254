#include "sim/world.h"

#include <gtest/gtest.h>

#include "sim/client.h"
#include "sim/counter_world.h"
#include "sim/registry.h"
#include "sim/test_nodes.h"

namespace banyan::sim {
namespace {

// Everything of an Env in use, and used once more while it is being destroyed.
class ClingingNode final : public Node {
 public:
  explicit ClingingNode(Env& env) : env_(env) {
    Loop& loop = env.main_loop();
    listener_ = *loop.listen({.host = "*", .port = 9, .path = {}}, {}, [](auto) {});
    wire_.stream = loop.connect({.host = "10.0.0.1", .port = 9, .path = {}}, wire_);
    file_ = *env.files().create("f");
    timer_ = loop.call_after(1h, [] {});
    loop.post([stream = loop.connect({.host = "b", .port = 9, .path = {}}, wire_)] {});
    loop.set_turn_hook([] { return false; });
  }
  ~ClingingNode() override {
    Loop& loop = env_.main_loop();
    loop.cancel(timer_);
    loop.post([] {});
    loop.call_after(1s, [] {});
    loop.offload([] {}, [] {});
    static_cast<void>(wire_.stream->write("bye"));
    static_cast<void>(file_->write_all("bye"));
    static_cast<void>(write_whole_file(env_.files(), "g", "bye"));
    env_.write_log("going\n");
    env_.stop(3);
    Wire late;
    late.stream = loop.connect({.host = "10.0.0.1", .port = 9, .path = {}}, late);
    EXPECT_FALSE(loop.listen({.host = "*", .port = 10, .path = {}}, {}, [](auto) {}));
  }

 private:
  Env& env_;
  Wire wire_;
  std::unique_ptr<Listener> listener_;
  std::unique_ptr<File> file_;
  TimerId timer_{};
};

struct ClingingTest : testing::Test {
  World world{11};
  NodeId node = world.add_node("n", [](Env& env) { return std::make_unique<ClingingNode>(env); });
};

TEST_F(ClingingTest, a_dead_node_is_destroyed_in_peace) {
  world.run_for(1s);
  ASSERT_TRUE(world.is_up(node));
  for (const CrashKind kind : {CrashKind::kill, CrashKind::power_cut}) {
    world.crash(node, kind);
    EXPECT_TRUE(world.is_up(node));  // not inside the call
    world.run_for(1s);
    EXPECT_FALSE(world.is_up(node));
    EXPECT_FALSE(world.log(node).contains("going"));
    EXPECT_EQ(world.disk(node).content("/data/g"), std::nullopt);
    EXPECT_EQ(world.exit_code(node), std::nullopt);
    world.restart(node);
    world.run_for(1s);
    EXPECT_TRUE(world.is_up(node));
  }
}

TEST_F(ClingingTest, a_world_may_end_with_its_nodes_running) { world.run_for(1s); }

TEST(WorldTest, a_node_that_stops_ends_with_its_exit_code_and_keeps_its_files) {
  World world(2);
  Env* env = nullptr;
  const NodeId node = world.add_node("n", [&](Env& e) {
    env = &e;
    return std::make_unique<Node>();
  });
  world.run_for(1ms);
  ASSERT_TRUE((*env->files().create("f"))->write_all("unsynced"));
  bool worked = false, ended = false;
  env->main_loop().post([&] {
    env->main_loop().offload([&] { worked = true; }, [&] { ended = true; });
    env->stop(7);
  });
  bool ran_after = false;
  env->main_loop().post([&] { ran_after = true; });
  world.run_for(1ms);
  EXPECT_EQ(world.exit_code(node), 7);
  EXPECT_FALSE(world.is_up(node));
  EXPECT_FALSE(ran_after);
  EXPECT_TRUE(worked);  // a process that ends finishes what it offloaded
  EXPECT_FALSE(ended);
  EXPECT_EQ(world.disk(node).content("/data/f"), "unsynced");
}

TEST(WorldTest, a_factory_that_fails_is_an_exit) {
  World world(2);
  const NodeId node = world.add_node("n", [](Env&) { return nullptr; });
  world.run_for(1ms);
  EXPECT_EQ(world.exit_code(node), 1);
}

TEST(WorldTest, signals_reach_their_handler_or_end_the_node) {
  World world(2);
  int hung_up = 0;
  const NodeId node = world.add_node("n", [&](Env& env) {
    env.on_signal(Signal::hang_up, [&] { ++hung_up; });
    return std::make_unique<Node>();
  });
  world.run_for(1ms);
  world.signal(node, Signal::hang_up);
  world.signal(node, Signal::hang_up);
  EXPECT_EQ(hung_up, 0);
  world.run_for(1ms);
  EXPECT_EQ(hung_up, 2);
  world.signal(node, Signal::terminate);
  world.run_for(1ms);
  EXPECT_FALSE(world.is_up(node));
}

TEST(WorldTest, a_crash_may_come_in_the_middle_of_a_callback) {
  std::set<std::size_t> sizes;
  for (std::uint64_t seed = 1; seed <= 100; ++seed) {
    World world(seed);
    Env* env = nullptr;
    const NodeId node = world.add_node("n", [&](Env& e) {
      env = &e;
      return std::make_unique<Node>();
    });
    world.run_for(1ms);
    env->main_loop().post([&] {
      auto file = env->files().create("f");
      if (!file) return;
      for (int i = 0; i < 20; ++i) static_cast<void>((*file)->write_all("x"));
    });
    world.crash_midway(node, CrashKind::kill);
    world.run_for(10ms);
    EXPECT_FALSE(world.is_up(node));
    sizes.insert(world.disk(node).content("/data/f").value_or("").size());
  }
  EXPECT_TRUE(sizes.contains(0));
  EXPECT_TRUE(sizes.contains(3));
  EXPECT_LE(*sizes.rbegin(), 20U);
}

TEST(WorldTest, the_log_of_a_node_outlives_it) {
  World world(2);
  const NodeId node = world.add_node("n", [](Env& env) {
    env.write_log("started\n");
    EXPECT_TRUE(env.set_log_file("n.log"));
    env.write_log("second\n");
    return std::make_unique<Node>();
  });
  world.run_for(1ms);
  world.crash(node, CrashKind::kill);
  world.run_for(1ms);
  EXPECT_TRUE(world.log(node).contains("started"));
  EXPECT_NE(world.logs().find("--- n (10.0.0.1)"), std::string::npos);
  EXPECT_EQ(world.disk(node).content("/data/n.log"), "second\n");
}

TEST(WorldTest, randomness_of_nodes_comes_from_the_seed) {
  const auto draw = [](std::uint64_t seed) {
    World world(seed);
    return random_hex(world.env(world.add_bystander("n")), 40);
  };
  EXPECT_EQ(draw(1), draw(1));
  EXPECT_NE(draw(1), draw(2));
}

std::uint64_t hash_of_echo_run(std::uint64_t seed, std::string* received = nullptr) {
  Rng rng(seed);
  World world(seed, draw_faults(rng));
  const NodeId echo = world.add_node("echo", EchoNode::factory());
  Client client(world, "client");
  for (int round = 0; round < 5; ++round) {
    client.connect(echo, EchoNode::kPort);
    client.send(numbered_bytes(5000));
    world.run_for(2s);
    if (received) *received += client.received();
  }
  return world.event_hash();
}

TEST(Determinism, the_same_seed_gives_the_same_events) {
  std::set<std::uint64_t> hashes;
  for (std::uint64_t seed = 1; seed <= 20; ++seed) {
    std::string first, second;
    const std::uint64_t hash = hash_of_echo_run(seed, &first);
    EXPECT_EQ(hash, hash_of_echo_run(seed, &second)) << "seed " << seed;
    EXPECT_EQ(first, second);
    hashes.insert(hash);
  }
  EXPECT_EQ(hashes.size(), 20U);
}

TEST(Determinism, a_different_payload_gives_different_events) {
  const auto hash = [](const std::string& payload) {
    World world(1);
    const NodeId echo = world.add_node("echo", EchoNode::factory());
    Client client(world, "client");
    client.connect(echo, EchoNode::kPort);
    client.send(payload);
    world.run_for(1s);
    return world.event_hash();
  };
  EXPECT_EQ(hash("same"), hash("same"));
  EXPECT_NE(hash("same"), hash("sane"));
}

TEST(CounterWorld, counts_through_trouble_and_recovers) {
  for (std::uint64_t seed = 1; seed <= 40; ++seed) {
    const auto result = run_counter_world(seed, {});
    ASSERT_TRUE(result) << "dev sim counter --seed " << seed << "\n" << result.error().describe();
  }
}

TEST(CounterWorld, catches_a_server_that_forgets_to_sync) {
  std::uint64_t caught = 0;
  for (std::uint64_t seed = 1; seed <= 100 && caught == 0; ++seed)
    if (!run_counter_world(seed, {.forgets_to_sync = true})) caught = seed;
  EXPECT_GT(caught, 0U);
}

TEST(Registry, finds_worlds_by_name) {
  ASSERT_NE(find_world("counter"), nullptr);
  EXPECT_TRUE(find_world("counter")->run(1, false));
  EXPECT_EQ(find_world("nonsense"), nullptr);
}

}  // namespace
}  // namespace banyan::sim
