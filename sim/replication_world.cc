#include "sim/replication_world.h"

#include <fmt/format.h>

#include "sim/replication_writer.h"

namespace banyan::sim {
namespace {

constexpr Duration kTrouble = 15s, kCalm = 3s, kHealing = 90s;
constexpr std::size_t kNodes = 3;
constexpr double kSlowShare = 0.3;  // of all seeds

// Networks so slow that no snapshot gets through in time say nothing about the servers.
Faults draw_server_faults(Rng& rng) {
  Faults faults = draw_faults(rng);
  faults.latency_mean = std::min<Duration>(faults.latency_mean, 20ms);
  faults.socket_buffer_bytes = std::max<std::size_t>(faults.socket_buffer_bytes, 16 * 1024);
  faults.work_step = draw_up_to(rng, 200us);
  return faults;
}

// Without delays a walk goes through the few keys of this world in one turn or two. Drawn apart
// from everything else, so that the other seeds stay what they were.
struct Slowness {
  explicit Slowness(std::uint64_t seed) {
    Rng rng(~seed);
    if (!rng.chance(kSlowShare)) return;
    fresh_share = 0.1 + 0.5 * rng.unit();
    for (KeyDelays& node : delays) {
      if (rng.chance(0.8)) node.save = draw_delay(rng);
      if (rng.chance(0.3)) node.load = draw_delay(rng);
    }
  }

  static std::int64_t draw_delay(Rng& rng) {
    if (rng.chance(0.1)) return -rng.between(1, 100);
    return 1 + draw_exponential(rng, 100us).count();
  }

  std::vector<KeyDelays> delays = std::vector<KeyDelays>(kNodes);
  double fresh_share = 0;
};

class Scenario {
 public:
  Scenario(std::uint64_t seed, bool trace)
      : rng_(seed),
        world_(rng_.next(), {.faults = draw_server_faults(rng_), .trace = trace}),
        slowness_(seed),
        tree_(world_, rng_, slowness_.delays),
        checker_(tree_) {
    for (unsigned i = 1; i <= 3; ++i)
      writers_.push_back(std::make_unique<ReplicationWriter>(
          tree_, checker_,
          ReplicationWriter::Habits{
              .number = i, .seed = rng_.next(), .fresh_share = slowness_.fresh_share}));
    switches_per_s_ = rng_.chance(0.5) ? rng_.unit() * 0.3 : 0;
    terminations_per_s_ = rng_.chance(0.3) ? rng_.unit() * 0.2 : 0;
  }

  Result<ReplicationReport> run() {
    go_on(kTrouble, true);
    world_.heal();
    switches_per_s_ = terminations_per_s_ = 0;
    go_on(kCalm, true);
    settle();
    if (!failure().empty())
      return fail(fmt::format("{}\n{}{}", failure(), checker_.describe(), world_.logs()));
    ReplicationReport report{.event_hash = world_.event_hash(),
                             .contents_compared = checker_.contents_compared()};
    for (const auto& writer : writers_) report.acknowledged += writer->acknowledged();
    return report;
  }

 private:
  const std::string& failure() const {
    return tree_.failure().empty() ? checker_.failure() : tree_.failure();
  }

  void go_on(Duration length, bool writes) {
    const Instant end = world_.now() + length;
    while (world_.now() < end && failure().empty()) tick(writes);
  }

  // Writers pause now and then, so that replicas catch up and are compared.
  void tick(bool writes) {
    const Duration step = Duration(rng_.between(2'000, 20'000));
    world_.run_for(step);
    const double seconds = std::chrono::duration<double>(step).count();
    if (rng_.chance(switches_per_s_ * seconds)) tree_.switch_roles();
    if (rng_.chance(terminations_per_s_ * seconds)) tree_.terminate_one();
    tree_.tick();
    if (world_.now() >= phase_ends_) {
      is_busy_ = !is_busy_;
      phase_ends_ = world_.now() + Duration(rng_.between(50'000, 1'500'000));
      checker_.compare_logs();
    }
    for (const auto& writer : writers_) writer->tick(writes && is_busy_);
    if (!is_busy_ || rng_.chance(0.2)) checker_.look();
  }

  void settle() {
    const Instant limit = world_.now() + kHealing;
    go_on(1s, false);
    while (failure().empty() && !checker_.is_in_step()) {
      if (world_.now() > limit) return checker_.fail("the nodes are not in step again");
      tick(false);
    }
    if (!failure().empty()) return;
    checker_.look();
    checker_.compare_logs();
    checker_.compare_contents();
    for (const auto& writer : writers_) writer->check_acknowledged();
  }

  Rng rng_;
  World world_;
  Slowness slowness_;
  ReplicationTree tree_;
  ReplicationChecker checker_;
  std::vector<std::unique_ptr<ReplicationWriter>> writers_;
  double switches_per_s_ = 0, terminations_per_s_ = 0;
  bool is_busy_ = false;
  Instant phase_ends_{};
};

}  // namespace

Result<ReplicationReport> run_replication_world(std::uint64_t seed, bool trace) {
  return Scenario(seed, trace).run();
}

}  // namespace banyan::sim
