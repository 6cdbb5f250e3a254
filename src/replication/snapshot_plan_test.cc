#include "replication/snapshot_plan.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "replication/primary_clock.h"

namespace banyan::replication {
namespace {

using namespace plan;
using State = SnapshotPlan::State;
using Ids = std::vector<ReplicaId>;

struct SnapshotPlanTest : testing::Test {  // drives one plan by hand
  SnapshotPlan plan{{}};
  Instant now{1000s};
  Actions actions;

  void after(const Event& event) {
    actions.clear();
    plan.on(event, now, actions);
  }
  void after(Duration wait) {
    now += wait;
    actions.clear();
    plan.tick(now, actions);
  }
  void arrives(ReplicaId id, bool capa_eof = true, SnapshotWishes wishes = {}) {
    after(ReplicaWaiting{.id = id, .capa_eof = capa_eof, .rdb_only = false, .wishes = wishes});
  }
  template <class T>
  const T* find() const {
    for (const Action& action : actions)
      if (const T* found = std::get_if<T>(&action)) return found;
    return nullptr;
  }
  bool said(Bytes text) const {
    return std::any_of(actions.begin(), actions.end(), [&](const Action& action) {
      const Log* log = std::get_if<Log>(&action);
      return log && log->text == text;
    });
  }
  void expect_start(SnapshotTarget target, const Ids& ids) {
    ASSERT_TRUE(find<StartSnapshot>());
    EXPECT_EQ(find<StartSnapshot>()->target, target);
    EXPECT_EQ(find<StartSnapshot>()->replicas, ids);
    EXPECT_EQ(plan.state(), State::running);
  }
};

TEST_F(SnapshotPlanTest, waits_for_company_before_it_fills_sockets) {
  arrives(1);
  EXPECT_TRUE(said("Delay next BGSAVE for diskless SYNC"));
  after(3s);
  arrives(2);
  after(1999ms);
  EXPECT_FALSE(find<StartSnapshot>());
  after(1ms);
  EXPECT_TRUE(said("Starting BGSAVE for SYNC with target: replicas sockets"));
  expect_start(SnapshotTarget::socket, {1, 2});
}

TEST_F(SnapshotPlanTest, starts_at_once_when_enough_are_there) {
  plan.set_settings({.diskless_replicas_max = 2});
  arrives(1);
  EXPECT_FALSE(find<StartSnapshot>());
  arrives(2);
  expect_start(SnapshotTarget::socket, {1, 2});
}

TEST_F(SnapshotPlanTest, starts_at_once_through_a_file) {
  plan.set_settings({.diskless = false});
  arrives(1);
  EXPECT_TRUE(said("Starting BGSAVE for SYNC with target: disk"));
  expect_start(SnapshotTarget::file, {1});
}

TEST_F(SnapshotPlanTest, one_that_cannot_find_the_end_brings_its_group_to_a_file) {
  arrives(1);
  arrives(2, false);
  expect_start(SnapshotTarget::file, {1, 2});
}

TEST_F(SnapshotPlanTest, who_comes_late_joins_a_file_but_not_a_socket) {
  plan.set_settings({.diskless = false});
  arrives(1);
  arrives(2);
  EXPECT_TRUE(said("Waiting for end of BGSAVE for SYNC"));
  EXPECT_EQ(find<JoinSnapshot>()->id, 2);
  EXPECT_EQ(plan.running_for(), (Ids{1, 2}));
  after(SnapshotFinished{true});
  plan.set_settings({.diskless_delay = 0s});
  arrives(3);
  expect_start(SnapshotTarget::socket, {3});
  arrives(4);
  EXPECT_TRUE(said("Current BGSAVE has socket target. Waiting for next BGSAVE for SYNC"));
  after(SnapshotFinished{true});
  expect_start(SnapshotTarget::socket, {4});
}

TEST_F(SnapshotPlanTest, nobody_joins_a_file_whose_stream_is_not_kept) {
  plan.set_settings({.diskless = false});
  after(ReplicaWaiting{.id = 1, .capa_eof = true, .rdb_only = true, .wishes = {}});
  arrives(2);
  EXPECT_TRUE(
      said("Can't attach the replica to the current BGSAVE. Waiting for next BGSAVE for SYNC"));
  after(ReplicaWaiting{.id = 3, .capa_eof = true, .rdb_only = true, .wishes = {}});
  EXPECT_TRUE(find<JoinSnapshot>()) << "it wants no stream";
  after(SnapshotFinished{true});
  expect_start(SnapshotTarget::file, {2});
  after(ReplicaGone{2});
  arrives(4);
  EXPECT_FALSE(find<JoinSnapshot>()) << "nobody keeps the bytes since the cut";
}

TEST_F(SnapshotPlanTest, different_wishes_get_different_snapshots) {
  const SnapshotWishes functions_only{.exclude_data = true, .exclude_functions = false};
  plan.set_settings({.diskless = false});
  after(OtherWalk{true});
  arrives(1, true, functions_only);
  arrives(2);
  arrives(3, true, functions_only);
  after(OtherWalk{false});
  expect_start(SnapshotTarget::socket, {1, 3});
  EXPECT_EQ(find<StartSnapshot>()->wishes, functions_only);
  after(SnapshotFinished{true});
  expect_start(SnapshotTarget::file, {2});
}

TEST_F(SnapshotPlanTest, waits_while_another_walk_runs) {
  plan.set_settings({.diskless = false});
  after(OtherWalk{true});
  arrives(1);
  EXPECT_TRUE(
      said("No BGSAVE in progress, but another BG operation is active. BGSAVE for "
           "replication delayed"));
  after(100s);
  EXPECT_TRUE(actions.empty());
  after(OtherWalk{false});
  expect_start(SnapshotTarget::file, {1});
}

TEST_F(SnapshotPlanTest, failures_are_repeated_ever_more_slowly) {
  plan.set_settings({.diskless = false});
  arrives(1);
  for (const Duration pause : {1s, 2s, 4s, 8s, 16s, 32s, 60s, 60s, 60s}) {
    expect_start(SnapshotTarget::file, {1});
    after(SnapshotFinished{false});
    EXPECT_EQ(plan.state(), State::backing_off);
    arrives(1);
    EXPECT_FALSE(find<StartSnapshot>());
    after(pause - 1ms);
    EXPECT_FALSE(find<StartSnapshot>());
    after(1ms);
  }
  after(SnapshotFinished{true});
  arrives(1);
  expect_start(SnapshotTarget::file, {1});
  after(SnapshotFinished{false});
  arrives(1);
  after(1s);
  expect_start(SnapshotTarget::file, {1});
}

TEST_F(SnapshotPlanTest, a_walk_into_sockets_without_readers_is_stopped) {
  plan.set_settings({.diskless_delay = 0s});
  arrives(1);
  arrives(2);
  after(ReplicaGone{1});
  EXPECT_TRUE(find<CancelSnapshot>());
  after(ReplicaGone{1});
  EXPECT_FALSE(find<CancelSnapshot>());
  after(SnapshotFinished{false});
  expect_start(SnapshotTarget::socket, {2});
}

TEST_F(SnapshotPlanTest, a_file_is_finished_without_readers) {
  plan.set_settings({.diskless = false});
  arrives(1);
  after(ReplicaGone{1});
  EXPECT_FALSE(find<CancelSnapshot>());
  EXPECT_EQ(plan.state(), State::running);
}

TEST_F(SnapshotPlanTest, a_file_without_readers_is_stopped_where_nobody_else_wants_it) {
  plan.set_settings({.diskless = false, .wants_file = false});
  arrives(1);
  arrives(2);  // and joins
  after(ReplicaGone{1});
  EXPECT_FALSE(find<CancelSnapshot>());
  after(ReplicaGone{2});
  EXPECT_TRUE(find<CancelSnapshot>());
  arrives(3);
  EXPECT_EQ(plan.state(), State::running) << "until it has ended";
  after(SnapshotFinished{false});
  expect_start(SnapshotTarget::file, {3});
}

TEST_F(SnapshotPlanTest, who_leaves_before_the_start_is_forgotten) {
  arrives(1);
  after(ReplicaGone{1});
  after(10s);
  EXPECT_TRUE(actions.empty());
  after(SnapshotFinished{true});
  EXPECT_TRUE(actions.empty());
}

struct PrimaryClockTest : testing::Test {
  PrimaryClock clock{{}};
  Instant now{1000s};
  primary_clock::Actions actions;
  void after(const primary_clock::Event& event) {
    actions.clear();
    clock.on(event, now, actions);
  }
  void after(Duration wait) {
    now += wait;
    actions.clear();
    clock.tick(now, actions);
  }
  bool pings() const {
    return actions.size() == 1 &&
           std::holds_alternative<primary_clock::AppendPing>(actions.front());
  }
};

TEST_F(PrimaryClockTest, pings_replicas_each_period) {
  after(100s);
  EXPECT_TRUE(actions.empty()) << "nobody is there";
  after(primary_clock::ReplicasChanged{1});
  after(9s);
  EXPECT_TRUE(actions.empty());
  after(1s);
  EXPECT_TRUE(pings());
  after(primary_clock::ReplicasChanged{2});
  after(9s);
  EXPECT_TRUE(actions.empty());
  after(1s);
  EXPECT_TRUE(pings());
}

TEST_F(PrimaryClockTest, adds_nothing_to_a_stream_that_is_not_its_own_or_stands_still) {
  after(primary_clock::ReplicasChanged{1});
  after(primary_clock::StreamPaused{true});
  after(20s);
  EXPECT_TRUE(actions.empty());
  after(primary_clock::StreamPaused{false});
  after(0s);
  EXPECT_TRUE(pings());
  after(primary_clock::RoleChanged{false});
  after(20s);
  EXPECT_TRUE(actions.empty());
}

TEST_F(PrimaryClockTest, forgets_a_backlog_nobody_wants) {
  after(7200s);
  EXPECT_TRUE(actions.empty()) << "there is none";
  after(primary_clock::BacklogCreated{});
  after(primary_clock::ReplicasChanged{1});
  after(7200s);
  after(primary_clock::ReplicasChanged{0});
  after(3600s);
  EXPECT_TRUE(actions.empty());
  after(1s);
  ASSERT_EQ(actions.size(), 2U);
  EXPECT_TRUE(std::holds_alternative<primary_clock::DropBacklog>(actions[0]));
  after(7200s);
  EXPECT_TRUE(actions.empty());
}

TEST_F(PrimaryClockTest, a_new_primary_gives_replicas_time_to_find_it) {
  after(primary_clock::BacklogCreated{});
  after(primary_clock::RoleChanged{false});
  after(9000s);
  EXPECT_TRUE(actions.empty()) << "a replica keeps its backlog";
  after(primary_clock::RoleChanged{true});
  after(3600s);
  EXPECT_TRUE(actions.empty());
}

}  // namespace
}  // namespace banyan::replication
