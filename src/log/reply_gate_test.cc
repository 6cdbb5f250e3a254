#include "log/reply_gate.h"

#include <gtest/gtest.h>

#include "base/rng.h"

namespace banyan::log {
namespace {

using Kind = ReplyGate::Kind;
using Why = Release::Why;

struct ReplyGateTest : testing::Test {
  ReplyGate gate;
  Instant start{};

  std::vector<Release> add(ReplyGate::ReaderId reader, Kind kind = Kind::replica) {
    std::vector<Release> out;
    gate.add_reader(reader, kind, out);
    return out;
  }
  std::vector<Release> remove(ReplyGate::ReaderId reader) {
    std::vector<Release> out;
    gate.remove_reader(reader, out);
    return out;
  }
  std::vector<Release> ack(ReplyGate::ReaderId reader, std::int64_t applied,
                           std::int64_t fsynced = 0) {
    std::vector<Release> out;
    gate.on_ack(reader, Offset(applied), Offset(fsynced), out);
    return out;
  }
  std::vector<Release> tick(Duration passed) {
    std::vector<Release> out;
    gate.tick(start + passed, out);
    return out;
  }
  std::vector<std::uint64_t> tokens(const std::vector<Release>& releases) {
    std::vector<std::uint64_t> out;
    for (const Release& release : releases) out.push_back(release.token);
    return out;
  }
  using Tokens = std::vector<std::uint64_t>;
};

TEST_F(ReplyGateTest, answers_at_once_when_enough_have_acknowledged) {
  add(1), add(2), add(3);
  ack(1, 100), ack(2, 100), ack(3, 99);
  const auto answer = gate.wait(7, {.offset = Offset(100), .copies = 1});
  ASSERT_TRUE(answer);
  EXPECT_EQ(answer->why, Why::satisfied);
  EXPECT_EQ(answer->copies, 2U);
  EXPECT_EQ(gate.waiting(), 0U);
}

TEST_F(ReplyGateTest, releases_when_the_last_needed_copy_arrives) {
  add(1), add(2);
  EXPECT_FALSE(gate.wait(7, {.offset = Offset(100), .copies = 2}));
  EXPECT_TRUE(ack(1, 100).empty());
  EXPECT_TRUE(ack(2, 99).empty());
  const auto released = ack(2, 100);
  ASSERT_EQ(tokens(released), Tokens{7});
  EXPECT_EQ(released[0].copies, 2U);
  EXPECT_EQ(gate.waiting(), 0U);
}

TEST_F(ReplyGateTest, releases_in_order_of_offset_then_of_waiting) {
  add(1), add(2);
  gate.wait(1, {.offset = Offset(30), .copies = 1});
  gate.wait(2, {.offset = Offset(10), .copies = 2});
  gate.wait(3, {.offset = Offset(10), .copies = 1});
  gate.wait(4, {.offset = Offset(10), .copies = 1});
  EXPECT_EQ(tokens(ack(1, 30)), (Tokens{3, 4, 1}));
  EXPECT_EQ(tokens(ack(2, 10)), Tokens{2});
}

TEST_F(ReplyGateTest, a_deadline_releases_with_the_copies_there_are) {
  add(1), add(2);
  ack(1, 100);
  gate.wait(7, {.offset = Offset(100), .copies = 2, .deadline = start + 50ms});
  gate.wait(8, {.offset = Offset(100), .copies = 2});
  EXPECT_EQ(gate.next_deadline(), start + 50ms);
  EXPECT_TRUE(tick(49ms).empty());
  const auto released = tick(50ms);
  ASSERT_EQ(tokens(released), Tokens{7});
  EXPECT_EQ(released[0].why, Why::timed_out);
  EXPECT_EQ(released[0].copies, 1U);
  EXPECT_EQ(gate.next_deadline(), std::nullopt);
  EXPECT_TRUE(tick(1h).empty()) << "without a deadline one waits for ever";
  EXPECT_EQ(tokens(ack(2, 100)), Tokens{8});
}

TEST_F(ReplyGateTest, more_copies_than_replicas_wait_for_new_ones) {
  gate.wait(7, {.offset = Offset(0), .copies = 1});
  EXPECT_EQ(tokens(add(1)), Tokens{7}) << "everybody has the first 0 bytes";
  gate.wait(8, {.offset = Offset(5), .copies = 2});
  add(2);
  EXPECT_TRUE(ack(1, 5).empty());
  EXPECT_EQ(tokens(ack(2, 5)), Tokens{8});
}

TEST_F(ReplyGateTest, a_replica_that_left_does_not_count) {
  add(1), add(2);
  ack(1, 100);
  gate.wait(7, {.offset = Offset(100), .copies = 2});
  remove(1);
  EXPECT_EQ(gate.count_acked(Offset(100), false), 0U);
  EXPECT_TRUE(ack(2, 100).empty());
  EXPECT_TRUE(ack(1, 100).empty()) << "a late acknowledgement of one that left";
  add(1);
  EXPECT_EQ(tokens(ack(1, 100)), Tokens{7});
}

TEST_F(ReplyGateTest, acknowledgements_never_go_back) {
  add(1);
  ack(1, 100, 90);
  ack(1, 50, 40);
  EXPECT_EQ(gate.count_acked(Offset(100), false), 1U);
  EXPECT_EQ(gate.count_acked(Offset(90), true), 1U);
  EXPECT_EQ(gate.acked_by(1, true), Offset(90));
  EXPECT_EQ(gate.acked_by(2, true), std::nullopt);
}

TEST_F(ReplyGateTest, waitaof_needs_fsyncs_here_and_there) {
  add(1), add(9, Kind::local_disk);
  gate.wait(7, {.offset = Offset(100), .copies = 1, .copies_on_disk = true, .local_disk = true});
  EXPECT_TRUE(ack(1, 100, 99).empty());
  EXPECT_TRUE(ack(1, 100, 100).empty());
  EXPECT_EQ(gate.count_acked(Offset(1), false), 1U) << "the local disk is not a replica";
  EXPECT_TRUE(ack(9, 1000, 99).empty()) << "of the local disk, only the fsync counts";
  const auto released = ack(9, 0, 100);
  ASSERT_EQ(tokens(released), Tokens{7});
  EXPECT_TRUE(released[0].on_local_disk);
  EXPECT_EQ(released[0].copies, 1U);
}

TEST_F(ReplyGateTest, tells_of_the_local_disk_also_when_it_was_not_asked_for) {
  add(1), add(9, Kind::local_disk);
  ack(9, 0, 100);
  gate.wait(7, {.offset = Offset(100), .copies = 1, .copies_on_disk = true});
  EXPECT_TRUE(ack(1, 100, 100).at(0).on_local_disk);
}

TEST_F(ReplyGateTest, group_commit_releases_all_replies_of_one_fsync) {
  add(9, Kind::local_disk);
  for (std::uint64_t i = 1; i <= 5; ++i)
    gate.wait(i, {.offset = Offset(static_cast<std::int64_t>(i)), .local_disk = true});
  EXPECT_EQ(tokens(ack(9, 0, 4)), (Tokens{1, 2, 3, 4}));
}

TEST_F(ReplyGateTest, nobody_waits_for_a_disk_that_is_not_there) {
  EXPECT_EQ(gate.wait(1, {.offset = Offset(5), .local_disk = true})->why, Why::local_disk_gone);
  add(9, Kind::local_disk);
  gate.wait(2, {.offset = Offset(5), .local_disk = true});
  gate.wait(3, {.offset = Offset(5), .copies = 1});
  const auto released = remove(9);
  ASSERT_EQ(tokens(released), Tokens{2});
  EXPECT_EQ(released[0].why, Why::local_disk_gone);
  EXPECT_EQ(gate.waiting(), 1U);
}

TEST_F(ReplyGateTest, a_cancelled_token_is_never_released) {
  add(1);
  gate.wait(7, {.offset = Offset(5), .copies = 1, .deadline = start + 1ms});
  gate.cancel(7);
  gate.cancel(7);
  EXPECT_TRUE(ack(1, 5).empty());
  EXPECT_TRUE(tick(1h).empty());
}

TEST_F(ReplyGateTest, a_change_of_role_releases_everybody) {
  gate.wait(1, {.offset = Offset(9), .copies = 1, .deadline = start + 1ms});
  gate.wait(2, {.offset = Offset(5), .copies = 3, .copies_on_disk = true});
  std::vector<Release> out;
  gate.release_all(out);
  EXPECT_EQ(tokens(out), (Tokens{2, 1}));
  EXPECT_EQ(out[0].why, Why::role_changed);
  EXPECT_EQ(gate.waiting(), 0U);
  EXPECT_EQ(gate.next_deadline(), std::nullopt);
}

// The gate against a list that is searched from end to end.
struct Naive {
  struct Reader {
    Kind kind;
    Offset applied, fsynced;
  };
  std::map<std::uint64_t, Reader> readers;
  std::map<std::uint64_t, Need> waiters;

  std::size_t copies(const Need& need) const {
    std::size_t count = 0;
    for (const auto& [id, r] : readers)
      count +=
          r.kind == Kind::replica && (need.copies_on_disk ? r.fsynced : r.applied) >= need.offset;
    return count;
  }
  bool on_local_disk(Offset offset) const {
    for (const auto& [id, r] : readers)
      if (r.kind == Kind::local_disk && r.fsynced >= offset) return true;
    return false;
  }
  bool has_local_disk() const {
    for (const auto& [id, r] : readers)
      if (r.kind == Kind::local_disk) return true;
    return false;
  }
  bool satisfied(const Need& need) const {
    return copies(need) >= need.copies && (!need.local_disk || on_local_disk(need.offset));
  }
};

struct GateModel {
  ReplyGate gate;
  Naive naive;
  Rng rng;
  Instant now{};
  std::uint64_t next_token = 1;
  std::vector<Release> out;

  explicit GateModel(std::uint64_t seed) : rng(seed) {}

  Offset some_offset() { return Offset(static_cast<std::int64_t>(rng.below(200))); }

  void wait() {
    const Need need{
        .offset = some_offset(),
        .copies = rng.below(4),
        .copies_on_disk = rng.chance(0.3),
        .local_disk = rng.chance(0.3),
        .deadline = rng.chance(0.5) ? std::optional(now + Duration(rng.below(50))) : std::nullopt};
    const std::uint64_t token = next_token++;
    const auto answer = gate.wait(token, need);
    const bool is_hopeless = need.local_disk && !naive.has_local_disk();
    ASSERT_EQ(answer.has_value(), naive.satisfied(need) || is_hopeless);
    if (!answer)
      naive.waiters.emplace(token, need);
    else
      ASSERT_EQ(answer->copies, naive.copies(need));
  }
  void ack(std::uint64_t id) {
    const Offset applied = some_offset(), fsynced = some_offset();
    gate.on_ack(id, applied, fsynced, out);
    const auto reader = naive.readers.find(id);
    if (reader == naive.readers.end()) return;
    reader->second.applied = std::max(reader->second.applied, applied);
    reader->second.fsynced = std::max(reader->second.fsynced, fsynced);
  }
  void toggle(std::uint64_t id) {
    if (naive.readers.erase(id)) return gate.remove_reader(id, out);
    const Kind kind = id < 4 ? Kind::replica : Kind::local_disk;
    naive.readers.emplace(id, Naive::Reader{kind, Offset(), Offset()});
    gate.add_reader(id, kind, out);
  }
  void cancel() {
    const std::uint64_t token = 1 + rng.below(next_token);
    naive.waiters.erase(token);
    gate.cancel(token);
  }

  void step() {
    out.clear();
    const std::uint64_t dice = rng.below(100);
    if (dice < 40) return wait();
    if (dice < 70)
      ack(rng.below(6));
    else if (dice < 80)
      toggle(rng.below(6));
    else if (dice < 85)
      cancel();
    else
      gate.tick(now += Duration(rng.below(20)), out);
    check();
  }

  bool is_due(const Need& need, bool was_tick) const {
    if (naive.satisfied(need) || (need.local_disk && !naive.has_local_disk())) return true;
    return was_tick && need.deadline && *need.deadline <= now;
  }
  void check() {
    Offset last;
    for (const Release& release : out) {
      const auto waiter = naive.waiters.find(release.token);
      ASSERT_NE(waiter, naive.waiters.end());
      const Need& need = waiter->second;
      ASSERT_TRUE(is_due(need, release.why == Why::timed_out));
      ASSERT_EQ(release.copies, naive.copies(need));
      ASSERT_EQ(release.on_local_disk, naive.on_local_disk(need.offset));
      ASSERT_GE(need.offset, last);
      last = need.offset;
      naive.waiters.erase(waiter);
    }
    for (const auto& [token, need] : naive.waiters) ASSERT_FALSE(is_due(need, false));
    ASSERT_EQ(gate.waiting(), naive.waiters.size());
  }
};

TEST(ReplyGateModel, agrees_with_a_searched_list) {
  for (std::uint64_t seed = 1; seed <= 200; ++seed) {
    SCOPED_TRACE(testing::Message() << "seed " << seed);
    GateModel model(seed);
    for (int i = 0; i < 300; ++i) {
      model.step();
      ASSERT_FALSE(testing::Test::HasFailure());
    }
  }
}

}  // namespace
}  // namespace banyan::log
