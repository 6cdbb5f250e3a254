// World, part two: what befalls it by itself. Each kind of trouble comes at exponentially
// distributed times, to machines drawn at random.
#include "sim/world.h"

namespace banyan::sim {

void World::expect_trouble() {
  expect(&Faults::cuts_per_s, &World::cut_something);
  expect(&Faults::partitions_per_s, &World::part_something);
  expect(&Faults::clogs_per_s, &World::clog_something);
  expect(&Faults::crashes_per_s, &World::crash_something);
  expect(&Faults::pauses_per_s, &World::pause_something);
  expect(&Faults::wall_jumps_per_s, &World::jump_something);
}

void World::expect(double Faults::*rate, Trouble trouble) {
  if (faults_.*rate <= 0) return;
  const double mean_us = 1e6 / (faults_.*rate);
  const Duration delay = draw_exponential(rng_, Duration(static_cast<std::int64_t>(mean_us)));
  event(delay, EventKind::trouble, NodeId::none, [this, rate, trouble, round = trouble_round_] {
    if (round != trouble_round_) return;
    if (!nodes_.empty()) (this->*trouble)();
    expect(rate, trouble);
  });
}

NodeId World::draw_node() { return nodes_[rng_.below(nodes_.size())]; }
NodeId World::draw_machine() { return machines_[rng_.below(machines_.size())]->id; }

void World::cut_something() {
  const std::vector<SocketId> all = network_.connections();
  if (!all.empty()) network_.cut(all[rng_.below(all.size())]);
}

// One machine from all, a random half from the rest, or one link; sometimes in one direction only.
void World::part_something() {
  const bool is_half = rng_.chance(0.3), is_link = rng_.chance(0.3);
  std::set<NodeId> side{draw_machine()}, other;
  for (const auto& machine : machines_) {
    const bool joins = is_half && rng_.chance(0.5);
    if (joins) side.insert(machine->id);
    if (!joins && !is_link) other.insert(machine->id);
  }
  if (is_link) other.insert(draw_machine());
  for (const NodeId id : side) other.erase(id);
  const bool forward = rng_.chance(0.8), back = !forward || rng_.chance(0.8);
  const Duration length = draw_up_to(rng_, faults_.partition_max);
  for (const NodeId a : side) {
    for (const NodeId b : other) {
      if (forward) network_.block(a, b);
      if (back) network_.block(b, a);
    }
  }
  event(length, EventKind::trouble, NodeId::none, [this, side, other] {
    for (const NodeId a : side) {
      for (const NodeId b : other) {
        network_.unblock(a, b);
        network_.unblock(b, a);
      }
    }
  });
}

void World::clog_something() {
  const NodeId from = draw_machine(), to = draw_machine();
  const Duration length = draw_up_to(rng_, faults_.clog_max);
  network_.clog(from, to, length);
  if (rng_.chance(0.5)) network_.clog(to, from, length);
}

void World::crash_something() {
  const NodeId node = draw_node();
  const CrashKind kind = rng_.chance(faults_.kill_share) ? CrashKind::kill : CrashKind::power_cut;
  if (rng_.chance(0.5))
    crash_midway(node, kind);
  else
    crash(node, kind);
  event(Duration(1ms) + draw_up_to(rng_, faults_.down_max), EventKind::boot, node,
        [this, node] { boot(node); });
}

void World::pause_something() { pause(draw_node(), draw_up_to(rng_, faults_.pause_max)); }

void World::jump_something() {
  const std::int64_t most = faults_.wall_jump_max.count();
  jump_wall(draw_node(), Duration(rng_.between(-most, most)));
}

}  // namespace banyan::sim
