#include "replication/replica_feed.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "replication/primary_clock.h"

namespace banyan::replication {
namespace {

using namespace feed;
using State = ReplicaFeed::State;

const std::string kIdA(40, 'a');
const std::string kIdB(40, 'b');

LogWindow window() {
  return {.replid = kIdA,
          .second_replid = kIdB,
          .second_next = 301,
          .first = 201,
          .next = 1001,
          .has_backlog = true};
}

struct ReplicaFeedTest : testing::Test {  // drives one feed by hand
  ReplicaFeed feed{"10.0.0.7"};
  Instant now{1000s};
  Actions actions;

  void after(const Event& event) {
    actions.clear();
    feed.on(event, now, actions);
  }
  void after(Duration wait) {
    now += wait;
    actions.clear();
    feed.tick(now, 60s, actions);
  }
  void after_replconf(std::vector<std::string> words) { after(ReplConf{std::move(words), 1000}); }
  void after_psync(const std::string& replid, std::int64_t first_wanted) {
    const PsyncRequest request{replid, first_wanted, false};
    after(Psync{request, judge(request, window())});
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
      return log && log->text.find(text) != std::string::npos;
    });
  }
  bool counted(Counter counter) const {
    return std::any_of(actions.begin(), actions.end(), [&](const Action& action) {
      const Count* count = std::get_if<Count>(&action);
      return count && count->counter == counter;
    });
  }
  std::vector<std::string> lines() const {
    std::vector<std::string> result;
    for (const Action& action : actions)
      if (const SendLine* line = std::get_if<SendLine>(&action)) result.push_back(line->text);
    return result;
  }
  using Lines = std::vector<std::string>;

  void introduce() {
    after_replconf({"listening-port", "6380"});
    after_replconf({"capa", "eof", "capa", "psync2"});
  }
  void until_online() {
    introduce();
    after_psync(kIdA, 501);
    ASSERT_EQ(feed.state(), State::online);
  }
  void until_waiting() {
    introduce();
    after_psync("?", -1);
    ASSERT_EQ(feed.state(), State::wait_snapshot_start);
  }
  void until_taking(SnapshotTarget target) {
    until_waiting();
    after(SnapshotStarted{{kIdA, 1000}, target, kIdB});
    ASSERT_EQ(feed.state(), State::wait_snapshot_end);
  }
};

TEST_F(ReplicaFeedTest, keeps_what_the_replica_says_of_itself) {
  EXPECT_EQ(feed.name(), "10.0.0.7:<unknown-replica-port>");
  introduce();
  EXPECT_EQ(lines(), Lines{"+OK"});
  EXPECT_EQ(feed.name(), "10.0.0.7:6380");
  after_replconf({"ip-address", "::1", "version", "7.2.5"});
  EXPECT_EQ(feed.name(), "[::1]:6380");
  EXPECT_TRUE(feed.profile().capa_eof && feed.profile().capa_psync2);
}

TEST_F(ReplicaFeedTest, bad_replconf_words_get_redis_replies) {
  const std::pair<std::vector<std::string>, std::string> cases[] = {
      {{"capa"}, "-ERR syntax error"},
      {{"listening-port", "x"}, "-ERR value is not an integer or out of range"},
      {{"listening-port", "65536"}, "-ERR value is not an integer or out of range"},
      {{"rdb-only", "2"}, "-ERR value is out of range, must be between 0 and 1"},
      {{"rdb-filter-only", "keys"}, "-ERR Unsupported rdb-filter-only option: keys"},
      {{"we\r\nird", "1"}, "-ERR Unrecognized REPLCONF option: we??ird"},
      {{"ip-address", std::string(256, 'x')},
       "-ERR REPLCONF ip-address provided by replica instance is too long: 256 bytes"},
      {{"ip-address", "1.2.3.4\r\nrole:master"}, "-ERR REPLCONF ip-address is not an address"},
      {{"version", "7 2"}, "-ERR Unrecognized version format"},
  };
  for (const auto& [words, reply] : cases) {
    after_replconf(words);
    EXPECT_EQ(lines(), Lines{reply});
    EXPECT_EQ(feed.state(), State::handshake);
  }
  after_replconf({"capa", "dual-channel"});
  EXPECT_EQ(lines(), Lines{"+OK"}) << "unknown capabilities are no error";
}

TEST_F(ReplicaFeedTest, an_ack_of_a_connection_that_is_no_replica_is_not_answered) {
  after_replconf({"ACK", "5"});
  EXPECT_TRUE(actions.empty());
  after_replconf({"ack", "x"});
  EXPECT_TRUE(actions.empty());
  EXPECT_EQ(feed.acked(), 0);
}

TEST_F(ReplicaFeedTest, continues_from_the_first_wanted_byte) {
  introduce();
  after_psync(kIdA, 501);
  EXPECT_EQ(lines(), Lines{"+CONTINUE " + kIdA});
  EXPECT_EQ(find<HoldStream>()->from, 501);
  EXPECT_EQ(find<StartStream>()->from, 501);
  EXPECT_TRUE(counted(Counter::sync_partial_ok));
  EXPECT_TRUE(said("Replica 10.0.0.7:6380 asks for synchronization"));
  EXPECT_TRUE(
      said("Partial resynchronization request from 10.0.0.7:6380 accepted. Sending 500 "
           "bytes of backlog starting from offset 501."));
}

TEST_F(ReplicaFeedTest, an_old_replica_gets_a_bare_continue) {
  after_psync(kIdA, 501);
  EXPECT_EQ(lines(), Lines{"+CONTINUE"});
}

TEST_F(ReplicaFeedTest, psync_verdicts_at_their_borders) {
  const auto answer = [](const std::string& replid, std::int64_t first_wanted) {
    return judge({replid, first_wanted, false}, window()).answer;
  };
  EXPECT_EQ(answer(kIdA, 201), Continuation::yes);
  EXPECT_EQ(answer(kIdA, 200), Continuation::not_held);
  EXPECT_EQ(answer(kIdA, 1001), Continuation::yes);
  EXPECT_EQ(answer(kIdA, 1002), Continuation::not_held);
  EXPECT_EQ(answer(kIdB, 301), Continuation::yes);
  EXPECT_EQ(answer(kIdB, 302), Continuation::second_id_passed);
  EXPECT_EQ(answer(kIdB, 200), Continuation::not_held);
  EXPECT_EQ(answer(std::string(40, 'A'), 201), Continuation::yes);
  EXPECT_EQ(answer(std::string(40, 'c'), 201), Continuation::unknown_id);
  EXPECT_EQ(answer("", 201), Continuation::unknown_id);
  EXPECT_EQ(answer("?", -1), Continuation::full_wanted);
  EXPECT_EQ(answer(kIdA, INT64_MIN), Continuation::not_held);
  EXPECT_EQ(answer(kIdA, INT64_MAX), Continuation::not_held);
  LogWindow none = window();
  none.has_backlog = false;
  EXPECT_EQ(judge({kIdA, 501, false}, none).answer, Continuation::not_held);
  LogWindow first_life = window();
  first_life.second_next = -1;
  EXPECT_EQ(judge({kIdB, -5, false}, first_life).answer, Continuation::unknown_id);
}

TEST_F(ReplicaFeedTest, says_why_it_cannot_continue) {
  const std::string zero(40, '0');
  const std::tuple<std::string, std::int64_t, std::string> cases[] = {
      {"?", -1, "Full resync requested by replica 10.0.0.7:6380"},
      {zero, 5,
       "Partial resynchronization not accepted: Replication ID mismatch (Replica asked for '" +
           zero + "', my replication IDs are '" + kIdA + "' and '" + kIdB + "')"},
      {kIdB, 400,
       "Partial resynchronization not accepted: Requested offset for second ID was 400, but I can "
       "reply up to 301"},
      {kIdA, 5,
       "Unable to partial resync with replica 10.0.0.7:6380 for lack of backlog (Replica request "
       "was: 5)."},
      {kIdA, 2000,
       "Warning: replica 10.0.0.7:6380 tried to PSYNC with an offset that is greater than the "
       "master replication offset."},
  };
  for (const auto& [replid, first_wanted, text] : cases) {
    feed = ReplicaFeed{"10.0.0.7"};
    introduce();
    after_psync(replid, first_wanted);
    EXPECT_TRUE(said(text)) << text;
    EXPECT_TRUE(find<RequestSnapshot>());
    EXPECT_TRUE(lines().empty()) << "the offset is not known before the cut";
    EXPECT_TRUE(counted(Counter::sync_full));
    EXPECT_EQ(counted(Counter::sync_partial_err), replid != "?");
  }
}

TEST_F(ReplicaFeedTest, what_a_stranger_asks_for_cannot_forge_log_lines) {
  introduce();
  after_psync("x\r\nfake line" + std::string(1000, 'y'), 1);
  EXPECT_TRUE(said("Replica asked for 'x??fake line"));
  for (const Action& action : actions) {
    const Log* log = std::get_if<Log>(&action);
    if (log == nullptr) continue;
    EXPECT_EQ(log->text.find_first_of("\r\n"), std::string::npos);
    EXPECT_LT(log->text.size(), 600U);
  }
}

TEST_F(ReplicaFeedTest, refuses_when_it_has_nothing_to_offer) {
  const PsyncRequest request{kIdA, 501, false};
  after(Psync{request, judge(request, window()), Refusal::not_connected_to_primary});
  EXPECT_EQ(lines(), Lines{"-NOMASTERLINK Can't SYNC while not connected with my master"});
  after(Sync{Refusal::failing_over});
  EXPECT_EQ(lines(), Lines{"-NOMASTERLINK Can't SYNC while failing over"});
  after_replconf({"rdb-filter-only", "functions"});
  after_psync("?", -1);
  EXPECT_EQ(lines(), Lines{"-ERR Filtered replica requires EOF capability"});
  EXPECT_EQ(feed.state(), State::handshake);
}

TEST_F(ReplicaFeedTest, a_snapshot_through_a_file_goes_through_all_its_steps) {
  until_waiting();
  EXPECT_STREQ(info_name(feed.state()), "wait_bgsave");
  after(1s);
  EXPECT_TRUE(find<SendNewline>());
  after(SnapshotStarted{{kIdA, 1000}, SnapshotTarget::file, ""});
  EXPECT_EQ(lines(), Lines{"+FULLRESYNC " + kIdA + " 1000"});
  EXPECT_EQ(find<HoldStream>()->from, 1001);
  after(1s);
  EXPECT_TRUE(find<SendNewline>());
  after(SnapshotFileReady{77});
  EXPECT_EQ(lines(), Lines{"$77"});
  EXPECT_TRUE(find<SendSnapshotFile>());
  EXPECT_STREQ(info_name(feed.state()), "send_bulk");
  after(1s);
  EXPECT_TRUE(actions.empty()) << "a newline would be a byte of the payload";
  after(SnapshotSent{});
  EXPECT_EQ(feed.state(), State::online);
  EXPECT_EQ(find<StartStream>()->from, 1001);
  EXPECT_TRUE(said("Synchronization with replica 10.0.0.7:6380 succeeded"));
}

TEST_F(ReplicaFeedTest, a_snapshot_through_a_socket_waits_for_an_ack_before_the_stream) {
  until_waiting();
  after(SnapshotStarted{{kIdA, 1000}, SnapshotTarget::socket, kIdB});
  EXPECT_EQ(lines(), (Lines{"+FULLRESYNC " + kIdA + " 1000", "$EOF:" + kIdB}));
  after(1s);
  EXPECT_TRUE(actions.empty()) << "a newline would be a byte of the payload";
  after(SnapshotSent{});
  EXPECT_EQ(feed.state(), State::rdb_transmitted);
  EXPECT_TRUE(
      said("Streamed RDB transfer with replica 10.0.0.7:6380 succeeded (socket). Waiting "
           "for REPLCONF ACK from replica to enable streaming"));
  EXPECT_FALSE(find<StartStream>());
  after_replconf({"ACK", "1000"});
  EXPECT_EQ(find<StartStream>()->from, 1001);
  EXPECT_EQ(feed.state(), State::online);
  EXPECT_EQ(feed.acked(), 1000);
}

TEST_F(ReplicaFeedTest, sync_gets_a_bare_payload_and_is_never_timed_out) {
  after(Sync{});
  after(SnapshotStarted{{kIdA, 1000}, SnapshotTarget::file, ""});
  EXPECT_TRUE(lines().empty());
  after(SnapshotFileReady{77});
  after(SnapshotSent{});
  EXPECT_EQ(feed.state(), State::online);
  after(1h);
  EXPECT_TRUE(actions.empty());
}

TEST_F(ReplicaFeedTest, sync_through_a_socket_does_not_wait_for_an_ack_that_cannot_come) {
  after_replconf({"capa", "eof"});
  after(Sync{});
  after(SnapshotStarted{{kIdA, 1000}, SnapshotTarget::socket, kIdB});
  EXPECT_EQ(lines(), Lines{"$EOF:" + kIdB});
  after(SnapshotSent{});
  EXPECT_EQ(feed.state(), State::online);
}

TEST_F(ReplicaFeedTest, an_rdb_only_replica_is_let_go_after_its_snapshot) {
  introduce();
  after_replconf({"rdb-only", "1"});
  after_psync("?", -1);
  after(SnapshotStarted{{kIdA, 1000}, SnapshotTarget::socket, kIdB});
  EXPECT_FALSE(find<HoldStream>());
  after(SnapshotSent{});
  EXPECT_TRUE(said("RDB transfer completed, rdb only replica (10.0.0.7:6380) should be"));
  EXPECT_TRUE(find<Disconnect>());
}

TEST_F(ReplicaFeedTest, a_failed_snapshot_ends_the_link) {
  until_waiting();
  after(SnapshotFailed{});
  EXPECT_EQ(lines(), Lines{"-ERR BGSAVE failed, replication can't continue"});
  EXPECT_TRUE(find<Disconnect>());
  for (const auto target : {SnapshotTarget::file, SnapshotTarget::socket}) {
    feed = ReplicaFeed{"10.0.0.7"};
    until_taking(target);
    after(SnapshotFailed{});
    EXPECT_TRUE(lines().empty()) << "it would be read as payload";
    EXPECT_TRUE(find<Disconnect>());
    EXPECT_EQ(feed.state(), State::gone);
  }
  feed = ReplicaFeed{"10.0.0.7"};
  until_online();
  after(SnapshotFailed{});
  EXPECT_TRUE(actions.empty()) << "not this replica's snapshot";
}

TEST_F(ReplicaFeedTest, a_second_psync_is_ignored) {
  until_online();
  after_psync("?", -1);
  EXPECT_TRUE(actions.empty());
  after(Sync{});
  EXPECT_TRUE(actions.empty());
}

TEST_F(ReplicaFeedTest, nothing_but_the_protocol_is_written_once_the_stream_runs) {
  until_online();
  after_replconf({"listening-port", "7777"});
  EXPECT_TRUE(lines().empty());
  after_replconf({"nonsense", "1"});
  EXPECT_TRUE(lines().empty());
  EXPECT_TRUE(find<Disconnect>());
}

TEST_F(ReplicaFeedTest, wishes_are_settled_by_psync) {
  introduce();
  after_replconf({"rdb-only", "1"});
  after_psync("?", -1);
  after(SnapshotStarted{{kIdA, 1000}, SnapshotTarget::socket, kIdB});
  after_replconf({"rdb-only", "0"});
  after(SnapshotSent{});
  EXPECT_TRUE(find<Disconnect>());
  EXPECT_FALSE(find<StartStream>()) << "nobody kept the stream for it";
}

TEST_F(ReplicaFeedTest, keeps_acks_that_only_grow) {
  until_online();
  after_replconf({"ACK", "600", "FACK", "550"});
  EXPECT_TRUE(find<AcksMoved>());
  EXPECT_EQ(feed.acked(), 600);
  EXPECT_EQ(feed.fsynced(), 550);
  after_replconf({"ACK", "590", "FACK", "10"});
  EXPECT_TRUE(actions.empty());
  EXPECT_EQ(feed.acked(), 600);
  after_replconf({"ACK", "600", "FACK", "600"});
  EXPECT_TRUE(find<AcksMoved>());
  after_replconf({"ACK", "9999999999999999999"});
  EXPECT_TRUE(actions.empty());
  after_replconf({"ACK", "-7"});
  EXPECT_TRUE(actions.empty());
  EXPECT_EQ(feed.acked(), 600);
}

TEST_F(ReplicaFeedTest, an_ack_of_bytes_not_yet_written_is_a_lie) {
  until_online();
  after_replconf({"ACK", "1001"});
  EXPECT_TRUE(find<Disconnect>());
  EXPECT_FALSE(find<AcksMoved>());
  EXPECT_EQ(feed.acked(), 0);
}

TEST_F(ReplicaFeedTest, a_replica_that_acks_nothing_is_cut_off) {
  until_online();
  after(50s);
  after_replconf({"ACK", "600"});
  EXPECT_EQ(feed.lag(now), 0s);
  after(60s);
  EXPECT_TRUE(actions.empty());
  after(1ms);
  EXPECT_TRUE(said("Disconnecting timedout replica (streaming sync): 10.0.0.7:6380"));
  EXPECT_TRUE(find<Disconnect>());
}

TEST_F(ReplicaFeedTest, a_newline_keeps_a_loading_replica_alive) {
  until_taking(SnapshotTarget::socket);
  after(SnapshotSent{});
  for (int i = 0; i < 5; ++i) {
    after(50s);
    after(Newline{});
  }
  EXPECT_EQ(feed.state(), State::rdb_transmitted);
  after(61s);
  EXPECT_TRUE(find<Disconnect>());
}

TEST_F(ReplicaFeedTest, a_replica_that_takes_no_bytes_of_its_snapshot_is_cut_off) {
  for (const auto target : {SnapshotTarget::file, SnapshotTarget::socket}) {
    feed = ReplicaFeed{"10.0.0.7"};
    until_taking(target);
    if (target == SnapshotTarget::file) after(SnapshotFileReady{77});
    after(SnapshotBytesSent{10, true});
    after(50s);
    after(SnapshotBytesSent{0, true});
    after(10s);
    EXPECT_TRUE(actions.empty());
    after(SnapshotBytesSent{1, true});
    after(60s);
    EXPECT_TRUE(actions.empty()) << "slow is not stuck";
    after(1ms);
    EXPECT_TRUE(said("Disconnecting timedout replica (full sync): 10.0.0.7:6380"));
    EXPECT_TRUE(find<Disconnect>());
  }
}

TEST_F(ReplicaFeedTest, a_closed_link_is_over) {
  until_online();
  after(feed::Closed{});
  EXPECT_EQ(feed.state(), State::gone);
  after_replconf({"ACK", "600"});
  after(100s);
  EXPECT_TRUE(actions.empty());
}

TEST_F(ReplicaFeedTest, passes_a_request_for_an_ack_on) {
  after_replconf({"GETACK", "*"});
  EXPECT_TRUE(find<PassAckRequest>());
  EXPECT_TRUE(lines().empty());
}

TEST_F(ReplicaFeedTest, good_replicas_are_online_and_were_heard_of) {
  until_online();
  after_replconf({"ACK", "600", "FACK", "550"});
  ReplicaFeed other{"10.0.0.8"};
  const ReplicaFeed* const feeds[] = {&feed, &other};
  EXPECT_EQ(count_good_replicas(feeds, now + 10s + 900ms, 10s), 1);
  EXPECT_EQ(count_good_replicas(feeds, now + 11s, 10s), 0);
  EXPECT_EQ(count_acks(feeds, 600), 1);
  EXPECT_EQ(count_acks(feeds, 601), 0);
  EXPECT_EQ(count_fsynced_acks(feeds, 550), 1);
  EXPECT_EQ(count_fsynced_acks(feeds, 551), 0);
  EXPECT_TRUE(has_enough_good_replicas({.replicas_min = 1}, 1));
  EXPECT_FALSE(has_enough_good_replicas({.replicas_min = 1}, 0));
  EXPECT_TRUE(has_enough_good_replicas({.replicas_min = 1, .lag_max = 0s}, 0));
  EXPECT_TRUE(has_enough_good_replicas({}, 0));
}

TEST(PsyncTest, words_are_checked) {
  EXPECT_EQ(parse_psync({"?", "-1"})->replid, "?");
  EXPECT_TRUE(parse_psync({kIdA, "5", "FailOver"})->is_failover);
  EXPECT_FALSE(parse_psync({kIdA}));
  EXPECT_FALSE(parse_psync({kIdA, "5", "x"}));
  EXPECT_EQ(parse_psync({kIdA, "5x"}).error().reply_line(),
            "ERR value is not an integer or out of range");
}

TEST(PsyncTest, a_failover_is_for_replicas_of_the_same_history) {
  const PsyncRequest request{kIdA, 5, true};
  EXPECT_TRUE(check_failover(request, false, kIdA));
  EXPECT_TRUE(check_failover({kIdA, 5, false}, true, kIdB));
  EXPECT_EQ(check_failover(request, true, kIdA).error().reply_line(),
            "ERR PSYNC FAILOVER can't be sent to a master.");
  EXPECT_EQ(check_failover(request, false, kIdB).error().reply_line(),
            "ERR PSYNC FAILOVER replid must match my replid.");
}

}  // namespace
}  // namespace banyan::replication
