// Goal    Whatever happens to links, nodes and roles: a node at (replication id, offset) holds
//         exactly the bytes that every other node holds or held there; no stream skips a byte; and
//         once the trouble is over, all nodes get in step.
// Method  Three nodes, each with a ReplicaLink, ReplicaFeeds, a SnapshotPlan and an abstract
// history,
//         joined by wires that delay, cut at any byte and lose. A minute of trouble (cuts, silent
//         links, crashes that lose the newest data, promotions, chains, failing snapshots), then
//         quiet. All from one seed.
#include <fmt/format.h>
#include <gtest/gtest.h>

#include "replication/link_model.h"

namespace banyan::replication::model {

// ---- The world.

World::World(std::uint64_t seed) : rng(seed), is_diskless(rng.chance(0.5)) {
  for (int i = 0; i < 3; ++i) nodes.push_back(std::make_unique<Node>(*this, i));
  nodes[1]->follow(0);
  nodes[2]->follow(static_cast<int>(rng.below(2)));
}

std::string World::new_id() {
  std::string id;
  while (id.size() < kReplidSize) id += fmt::format("{:016x}", rng.next());
  return id.substr(0, kReplidSize);
}

void World::record(const History& history) {
  const auto [replid, offset] = history.position();
  const auto known = truth.emplace(std::pair(replid, offset), history.digest).first->second;
  EXPECT_EQ(known, history.digest) << "two contents at " << replid << ":" << offset;
}

void World::send(const WirePtr& wire, int end, Bytes bytes) {
  if (!wire || !wire->open[end]) return;
  while (!bytes.empty()) {
    const std::size_t size = 1 + rng.below(std::min<std::size_t>(bytes.size(), 300));
    wire->last[end] = std::max(now + delay(), wire->last[end]);
    queue.emplace(wire->last[end],
                  [this, wire, to = 1 - end, chunk = std::string(bytes.substr(0, size))] {
                    if (wire->open[to] && !wire->loses)
                      nodes[static_cast<std::size_t>(wire->node[to])]->receive(wire, chunk);
                  });
    bytes.remove_prefix(size);
  }
}

void World::close(const WirePtr& wire, int end) {
  if (!wire || !wire->open[end]) return;
  wire->open[end] = false;
  queue.emplace(std::max(now + delay(), wire->last[end]), [this, wire, to = 1 - end] {
    if (!std::exchange(wire->open[to], false)) return;
    nodes[static_cast<std::size_t>(wire->node[to])]->on_closed(wire);
  });
}

// What is under way is lost. An end may learn of it late, or only by its own timeout.
void World::cut(const WirePtr& wire) {
  wire->loses = true;
  for (const int end : {0, 1}) {
    if (rng.chance(0.3)) continue;
    at(delay(), [this, wire, end] {
      if (!std::exchange(wire->open[end], false)) return;
      nodes[static_cast<std::size_t>(wire->node[end])]->on_closed(wire);
    });
  }
}

void World::trouble() {
  const auto node = rng.below(3);
  const auto other = static_cast<int>((node + 1 + rng.below(2)) % 3);
  const auto kind = rng.below(10);
  if (kind == 0) {
    nodes[node]->crash();
  } else if (kind == 1) {
    nodes[node]->follow(std::nullopt);
  } else if (kind == 2) {
    nodes[node]->follow(other);
  } else if (kind == 3) {
    nodes[node]->save();
  } else if (!wires.empty()) {
    const std::size_t newest = std::min<std::size_t>(wires.size(), 4);
    cut(wires[wires.size() - 1 - rng.below(newest)]);
  }
}

void World::heal() {
  is_troubled = false;
  const auto primary = static_cast<int>(rng.below(3));
  const int second = (primary + 1) % 3;
  nodes[static_cast<std::size_t>(primary)]->follow(std::nullopt);
  nodes[static_cast<std::size_t>(second)]->follow(primary);
  nodes[static_cast<std::size_t>((primary + 2) % 3)]->follow(rng.chance(0.5) ? primary : second);
}

void World::run_for(Duration duration) {
  const Instant end = now + duration;
  for (; now < end; now += 50ms) {
    while (!queue.empty() && queue.begin()->first <= now) {
      const auto what = std::move(queue.begin()->second);
      queue.erase(queue.begin());
      what();
    }
    for (const auto& node : nodes) {
      if (is_writing && node->is_primary() && rng.chance(0.4))
        node->write(std::string(1 + rng.below(60), static_cast<char>('a' + rng.below(26))) + ";");
      node->tick();
    }
    if (is_troubled && rng.chance(0.06)) trouble();
  }
}

TEST(LinkModel, equal_positions_mean_equal_content_and_all_get_in_step_after_trouble) {
  int full_syncs = 0, partial_syncs = 0, snapshots_adopted = 0;
  for (std::uint64_t seed = 1; seed <= 1000; ++seed) {
    SCOPED_TRACE(testing::Message() << "seed " << seed);
    World world(seed);
    world.run_for(60s);
    world.heal();
    world.run_for(60s);
    world.is_writing = false;
    world.run_for(5s);
    const Node* primary = nullptr;
    for (const auto& node : world.nodes)
      if (node->is_primary()) primary = node.get();
    ASSERT_TRUE(primary);
    for (const auto& node : world.nodes) {
      EXPECT_EQ(node->history().position(), primary->history().position());
      EXPECT_EQ(node->history().digest, primary->history().digest);
      EXPECT_EQ(node->acked_least(), primary->history().next() - 1);
      EXPECT_TRUE(node.get() == primary || node->link().state() == ReplicaLink::State::streaming)
          << to_string(node->link().state());
    }
    ASSERT_FALSE(HasFailure());
    full_syncs += world.full_syncs;
    partial_syncs += world.partial_syncs;
    snapshots_adopted += world.snapshots_adopted;
  }
  // The trouble must be of the interesting kind.
  EXPECT_GT(partial_syncs, 1000);
  EXPECT_GT(snapshots_adopted, 1000);
  EXPECT_GT(full_syncs, snapshots_adopted);
}

}  // namespace banyan::replication::model
