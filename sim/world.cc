#include "sim/world.h"

#include "base/check.h"

namespace banyan::sim {

World::World(std::uint64_t seed, const Options& options)
    : rng_(seed),
      faults_(options.faults),
      scheduler_(options.trace),
      network_(scheduler_, rng_, faults_) {
  expect_trouble();
}

World::~World() {
  for (const auto& machine : machines_) {
    if (machine->env) machine->env->process().kill();
    machine->node.reset();
  }
}

const World::Machine& World::machine(NodeId node) const {
  const std::size_t index = std::to_underlying(node) - std::size_t{1};
  CHECK(index < machines_.size());
  return *machines_[index];
}

World::Machine& World::machine(NodeId node) {
  return const_cast<Machine&>(std::as_const(*this).machine(node));
}

SimEnv& World::env(NodeId node) {
  CHECK(machine(node).env);
  return *machine(node).env;
}

NodeId World::add_machine(const std::string& name, Factory factory) {
  const NodeId id{static_cast<std::uint32_t>(machines_.size() + 1)};
  auto machine = std::make_unique<Machine>();
  machine->id = id;
  machine->name = name;
  machine->factory = std::move(factory);
  machine->disk = std::make_unique<Disk>(id, scheduler_, rng_, faults_);
  machine->log = std::make_unique<NodeLog>(id, scheduler_);
  const Duration offset_max = faults_.wall_offset_max;
  machine->clock = NodeClock(rng_.between(-faults_.drift_ppm_max, faults_.drift_ppm_max),
                             Duration(rng_.between(-offset_max.count(), offset_max.count())));
  network_.add_name(name, id);
  machines_.push_back(std::move(machine));
  return id;
}

NodeId World::add_node(const std::string& name, Factory factory) {
  const NodeId id = add_machine(name, std::move(factory));
  nodes_.push_back(id);
  restart(id);
  return id;
}

NodeId World::add_bystander(const std::string& name) {
  const NodeId id = add_machine(name, [](Env&) { return std::make_unique<Node>(); });
  boot(id);
  return id;
}

void World::event(Duration delay, EventKind kind, NodeId node, Task task) {
  scheduler_.after(delay, {.kind = kind, .node = node}, std::move(task));
}

void World::restart(NodeId node) {
  event(Duration::zero(), EventKind::boot, node, [this, node] { boot(node); });
}

void World::boot(NodeId node) {
  Machine& m = machine(node);
  if (m.env) return;
  m.exit_code.reset();
  m.clock.restart(scheduler_.now(), Duration(rng_.between(1'000'000, 1'000'000'000'000)));
  const Place place{node, scheduler_, network_, rng_, faults_, m.clock};
  m.env = std::make_unique<SimEnv>(
      place, SimEnv::Hooks{.disk = *m.disk,
                           .log = *m.log,
                           .on_stop =
                               [this, node](int code) {
                                 event(Duration::zero(), EventKind::exit, node,
                                       [this, node, code] { end(node, code); });
                               },
                           .process_id = std::to_underlying(node) * 1000 + ++m.runs});
  m.node = m.factory(*m.env);
  if (m.node)
    m.env->sim_loop().start();
  else
    m.env->stop(1);
}

// The node ended by itself: destroyed as in main(), with a world that still listens.
void World::end(NodeId node, int exit_code) {
  Machine& m = machine(node);
  if (!m.env) return;
  m.node.reset();
  network_.end_process(node);
  m.env.reset();
  m.exit_code = exit_code;
}

void World::crash(NodeId node, CrashKind kind) {
  event(Duration::zero(), EventKind::crash, node, [this, node, kind] { fall(node, kind); });
}

void World::crash_midway(NodeId node, CrashKind kind) {
  if (!machine(node).env) return;
  const unsigned run = machine(node).runs;
  machine(node).env->process().kill_after(static_cast<unsigned>(rng_.below(10)));
  event(draw_up_to(rng_, 1ms), EventKind::crash, node, [this, node, kind, run] {
    if (machine(node).runs == run) fall(node, kind);
  });
}

void World::fall(NodeId node, CrashKind kind) {
  Machine& m = machine(node);
  if (!m.env) return;
  scheduler_.note(node, kind == CrashKind::kill ? "killed" : "power cut");
  m.env->process().kill();
  if (kind == CrashKind::power_cut) {
    network_.lose_power(node);
    m.disk->lose_power();
  } else {
    network_.end_process(node);
  }
  m.node.reset();
  m.env.reset();
}

void World::pause(NodeId node, Duration length) {
  if (!machine(node).env) return;
  scheduler_.note(node, "paused");
  machine(node).env->sim_loop().pause_until(scheduler_.now() + length);
}

void World::signal(NodeId node, Signal signal) {
  if (machine(node).env) machine(node).env->deliver(signal);
}

void World::jump_wall(NodeId node, Duration by) { machine(node).clock.jump_wall(by); }

void World::heal() {
  faults_ = faults_.healed();
  ++trouble_round_;
  network_.heal();
  for (const NodeId node : nodes_)
    if (!machine(node).env) restart(node);
}

void World::after(Duration delay, Task task) {
  event(delay, EventKind::scenario, NodeId::none, std::move(task));
}

void World::run_for(Duration length) {
  const Instant limit = scheduler_.now() + length;
  while (scheduler_.run_next(limit)) {
  }
}

bool World::run_until(const std::function<bool()>& predicate, Duration limit) {
  const Instant end = scheduler_.now() + limit;
  while (!predicate())
    if (!scheduler_.run_next(end)) return predicate();
  return true;
}

std::string World::logs() const {
  std::string out;
  for (const auto& machine : machines_) {
    if (machine->log->lines().empty()) continue;
    out += "--- " + machine->name + " (" + ip_of(machine->id) + ")\n" + machine->log->text();
  }
  return out;
}

}  // namespace banyan::sim
