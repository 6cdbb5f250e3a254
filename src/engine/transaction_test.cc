#include <gtest/gtest.h>

#include "engine/node_for_test.h"
#include "log/stream_for_test.h"
#include "resp/request_parser.h"

namespace banyan::engine {
namespace {

const std::string kOk = "+OK\r\n", kQueued = "+QUEUED\r\n";

struct Transactions : testing::Test {
  TestNode node;
  std::unique_ptr<log::Reader> reader = log::Reader::open(node.log, log::Offset(0));

  std::string send(const std::string& line) { return node.send(1, line); }
  std::string other(const std::string& line) { return node.send(2, line); }
  // What was logged since the last call, as inline commands.
  std::string logged() {
    const std::string bytes = log::take(*reader);
    std::string text;
    resp::RequestParser parser;
    std::vector<Bytes> words;
    for (std::size_t at = 0; at < bytes.size(); at += parser.consumed()) {
      words.clear();
      CHECK(parser.parse(Bytes(bytes).substr(at), {}, words) ==
            resp::RequestParser::Outcome::command);
      for (const Bytes& word : words)
        text += std::string(word) + (&word == &words.back() ? "; " : " ");
    }
    return text;
  }
};

TEST_F(Transactions, run_their_commands_at_exec) {
  EXPECT_EQ(send("MULTI"), kOk);
  EXPECT_EQ(send("SET k 1"), kQueued);
  EXPECT_EQ(send("INCR k"), kQueued);
  EXPECT_EQ(other("GET k"), "$-1\r\n");
  EXPECT_EQ(send("EXEC"), "*2\r\n+OK\r\n:2\r\n");
  EXPECT_EQ(send("GET k"), "$1\r\n2\r\n");
}

TEST_F(Transactions, may_come_in_one_pipeline) {
  EXPECT_EQ(send("MULTI\r\nSET k 5\r\nGET k\r\nEXEC\r\nGET k"),
            kOk + kQueued + kQueued + "*2\r\n+OK\r\n$1\r\n5\r\n$1\r\n5\r\n");
}

TEST_F(Transactions, go_on_behind_a_command_that_fails) {
  send("SET text x");
  send("MULTI\r\nINCR text\r\nSET k 1");
  EXPECT_EQ(send("EXEC"), "*2\r\n-ERR value is not an integer or out of range\r\n+OK\r\n");
}

TEST_F(Transactions, with_a_command_that_was_refused_do_nothing) {
  EXPECT_EQ(send("MULTI\r\nSET k 1"), kOk + kQueued);
  EXPECT_EQ(send("SET k"), "-ERR wrong number of arguments for 'set' command\r\n");
  EXPECT_EQ(send("EXEC"), "-EXECABORT Transaction discarded because of previous errors.\r\n");
  EXPECT_EQ(send("GET k"), "$-1\r\n");
  send("MULTI");
  EXPECT_EQ(send("NONSENSE").substr(0, 21), "-ERR unknown command ");
  EXPECT_EQ(send("EXEC").substr(0, 10), "-EXECABORT");
}

TEST_F(Transactions, are_told_what_they_may_not) {
  EXPECT_EQ(send("EXEC"), "-ERR EXEC without MULTI\r\n");
  EXPECT_EQ(send("DISCARD"), "-ERR DISCARD without MULTI\r\n");
  send("MULTI");
  EXPECT_EQ(send("MULTI"), "-ERR MULTI calls can not be nested\r\n");
  EXPECT_EQ(send("WATCH k"), "-ERR WATCH inside MULTI is not allowed\r\n");
  EXPECT_EQ(send("EXEC"), "*0\r\n");
  EXPECT_EQ(send("EXEC x"),
            "-EXECABORT Transaction discarded because of: wrong number of arguments for 'exec' "
            "command\r\n");
}

TEST_F(Transactions, are_given_up_by_discard) {
  send("MULTI\r\nSET k 1");
  EXPECT_EQ(send("DISCARD"), kOk);
  EXPECT_EQ(send("GET k"), "$-1\r\n");
}

TEST_F(Transactions, are_one_block_of_the_log) {
  send("SET before 1");
  EXPECT_EQ(logged(), "SELECT 0; SET before 1; ");
  send("MULTI\r\nSET a 1\r\nGET a\r\nDEL nothing\r\nSET b 2\r\nEXEC");
  EXPECT_EQ(logged(), "MULTI; SET a 1; SET b 2; EXEC; ");
  send("MULTI\r\nSET a 1\r\nGET a\r\nEXEC");
  EXPECT_EQ(logged(), "SET a 1; ");
  send("MULTI\r\nGET a\r\nEXEC\r\nMULTI\r\nEXEC");
  EXPECT_EQ(logged(), "");
}

TEST_F(Transactions, select_databases_inside_their_block) {
  send("MULTI\r\nSELECT 1\r\nSET a 1\r\nSELECT 2\r\nSET b 2\r\nEXEC\r\nSET c 3");
  EXPECT_EQ(logged(), "MULTI; SELECT 1; SET a 1; SELECT 2; SET b 2; EXEC; SET c 3; ");
  EXPECT_EQ(node.worker().client(1).session.database, 2U);
}

TEST_F(Transactions, that_expire_a_key_log_its_end_in_the_block) {
  send("SET gone 1 PX 10");
  (void)logged();
  node.advance(11ms);
  send("MULTI\r\nGET gone\r\nSET k 1\r\nEXEC");
  EXPECT_EQ(logged(), "MULTI; DEL gone; SET k 1; EXEC; ");
}

TEST_F(Transactions, do_not_wait_for_keys) {
  EXPECT_EQ(send("MULTI\r\nBTAKE a b 0\r\nBMOVE a b 0\r\nEXEC"),
            kOk + kQueued + kQueued + "*2\r\n*-1\r\n$-1\r\n");
}

TEST_F(Transactions, look_at_all_keys_without_getting_in_their_own_way) {
  EXPECT_EQ(send("MULTI\r\nSET a 1\r\nKEYS *\r\nRANDOMKEY\r\nSCAN 0\r\nEXEC"),
            kOk + kQueued + kQueued + kQueued + kQueued +
                "*4\r\n+OK\r\n*1\r\n$1\r\na\r\n$1\r\na\r\n*2\r\n$1\r\n0\r\n*1\r\n$1\r\na\r\n");
}

TEST_F(Transactions, are_refused_where_one_of_their_commands_would_be) {
  node.policy.lacks_good_replicas = true;
  node.policy.refresh();
  EXPECT_EQ(send("MULTI\r\nGET k\r\nEXEC"), kOk + kQueued + "*1\r\n$-1\r\n");
  node.policy = {};
  send("MULTI\r\nSET k 1");
  node.policy.lacks_good_replicas = true;
  node.policy.refresh();
  EXPECT_EQ(send("EXEC"),
            "-EXECABORT Transaction discarded because of: NOREPLICAS Not enough good replicas to "
            "write.\r\n");
  EXPECT_EQ(send("EXEC"), "-ERR EXEC without MULTI\r\n");
  node.policy = {.is_replica = true};
  node.policy.refresh();
  EXPECT_EQ(send("MULTI\r\nSET k 1"),
            kOk + "-READONLY You can't write against a read only replica.\r\n");
  EXPECT_EQ(send("EXEC"), "-EXECABORT Transaction discarded because of previous errors.\r\n");
}

TEST_F(Transactions, count_their_commands) {
  send("MULTI\r\nSET k 1\r\nEXEC");
  const WorkerStats& stats = node.worker().dispatcher.stats();
  EXPECT_EQ(stats.commands, 3U);
  EXPECT_EQ(stats.by_command[node.registry.look_up("set").id].calls, 1U);
  EXPECT_EQ(stats.dirty, 1U);
}

TEST_F(Transactions, wait_in_parts_for_what_is_answered_elsewhere) {
  ClientState state;
  state.parted = {.pieces = {"*3\r\n:1\r\n", ":2\r\n", ""}, .parts = {{}, {}}, .missing = 2};
  resp::Output output;
  EXPECT_FALSE(Dispatcher::fill_part(state, 2, "+late\r\n", output));
  EXPECT_FALSE(Dispatcher::fill_part(state, 2, "+twice\r\n", output));
  EXPECT_TRUE(Dispatcher::fill_part(state, 1, "+early\r\n", output));
  EXPECT_EQ(output.text(), "*3\r\n:1\r\n+early\r\n:2\r\n+late\r\n");
}

struct Watching : Transactions {
  // The reply of an EXEC behind WATCH k and `what` by another client.
  std::string exec_after(const std::string& what) {
    EXPECT_EQ(send("WATCH k"), kOk);
    other(what);
    send("MULTI\r\nPERSIST free");
    return send("EXEC");
  }
  const std::string kRan = "*1\r\n:0\r\n", kDirty = "*-1\r\n";
};

TEST_F(Watching, makes_exec_do_nothing_when_a_key_has_changed) {
  EXPECT_EQ(exec_after("SET k 1"), kDirty);
  EXPECT_EQ(exec_after("DEL k"), kDirty);
  EXPECT_EQ(exec_after("GET k"), kRan);
  EXPECT_EQ(exec_after("SET other 1"), kRan);
  EXPECT_EQ(exec_after("DEL k"), kRan);
}

TEST_F(Watching, concerns_one_database) {
  EXPECT_EQ(exec_after("SELECT 1\r\nSET k 1\r\nSELECT 0"), kRan);
  EXPECT_EQ(exec_after("SET k 1"), kDirty);
}

TEST_F(Watching, ends_with_exec_discard_and_unwatch) {
  send("WATCH k\r\nMULTI\r\nEXEC");
  other("SET k 1");
  EXPECT_EQ(send("MULTI\r\nEXEC"), kOk + "*0\r\n");
  send("WATCH k\r\nMULTI\r\nDISCARD");
  other("SET k 2");
  EXPECT_EQ(send("MULTI\r\nEXEC"), kOk + "*0\r\n");
  send("WATCH k");
  other("SET k 3");
  EXPECT_EQ(send("UNWATCH\r\nMULTI\r\nEXEC"), kOk + kOk + "*0\r\n");
  EXPECT_FALSE(node.interest.count().any());
}

TEST_F(Watching, sees_own_changes_too) {
  send("WATCH k\r\nSET k 1");
  EXPECT_EQ(send("MULTI\r\nEXEC"), kOk + "*-1\r\n");
}

TEST_F(Watching, takes_a_key_that_expires_for_a_change) {
  send("SET k 1 PX 10");
  send("WATCH k");
  node.advance(11ms);
  EXPECT_EQ(send("MULTI\r\nEXEC"), kOk + "*-1\r\n");
  send("SET k 1 PX 10");
  send("WATCH k");
  node.advance(11ms);
  EXPECT_EQ(other("GET k"), "$-1\r\n");
  EXPECT_EQ(send("MULTI\r\nEXEC"), kOk + "*-1\r\n");
}

TEST_F(Watching, does_not_mind_the_end_of_a_key_that_had_expired_before) {
  send("SET k 1 PX 10");
  node.advance(11ms);
  send("WATCH k");
  EXPECT_EQ(send("MULTI\r\nEXEC"), kOk + "*0\r\n");
  send("SET k 1 PX 10");
  node.advance(11ms);
  EXPECT_EQ(exec_after("DEL k"), kRan);
  send("SET k 1 PX 10");
  node.advance(11ms);
  EXPECT_EQ(exec_after("SET k new"), kDirty);
}

TEST_F(Watching, hears_of_databases_being_swapped) {
  EXPECT_EQ(exec_after("SWAPDB 0 1"), kRan) << "nothing here, nothing there";
  send("SET k 1");
  EXPECT_EQ(exec_after("SWAPDB 0 1"), kDirty);
  EXPECT_EQ(exec_after("SWAPDB 0 1"), kDirty);
  send("SET k 1 PX 10");
  node.advance(11ms);
  EXPECT_EQ(exec_after("SWAPDB 0 1"), kRan) << "an expired key made way for none";
  EXPECT_EQ(exec_after("SWAPDB 0 1"), kRan) << "and came back";
}

TEST_F(Watching, ends_with_the_connection) {
  send("WATCH k k j");
  EXPECT_TRUE(node.interest.count().any());
  node.worker().disconnect(1);
  EXPECT_FALSE(node.interest.count().any());
  other("SET k 1");
}

TEST(WatchingAcrossWorkers, hears_of_changes_by_any_worker) {
  TestNode node(2);
  EXPECT_EQ(node.worker(0).send(1, "WATCH k"), kOk);
  EXPECT_EQ(node.worker(1).send(2, "SET k 1"), kOk);
  EXPECT_EQ(node.worker(0).send(1, "MULTI\r\nEXEC"), kOk + "*-1\r\n");
  EXPECT_EQ(node.worker(0).send(1, "WATCH k\r\nMULTI\r\nKEYS *\r\nEXEC"),
            kOk + kOk + kQueued + "*1\r\n*1\r\n$1\r\nk\r\n");
}

}  // namespace
}  // namespace banyan::engine
