#include <gtest/gtest.h>

#include "engine/node_for_test.h"
#include "log/stream_for_test.h"

namespace banyan::engine {
namespace {

std::string pair(const std::string& key, const std::string& value) {
  return "*2\r\n$" + std::to_string(key.size()) + "\r\n" + key + "\r\n$" +
         std::to_string(value.size()) + "\r\n" + value + "\r\n";
}
const std::string kOk = "+OK\r\n", kNullArray = "*-1\r\n";

struct Waiting : testing::Test {
  TestNode node;
  std::string send(std::uint64_t client, const std::string& line) {
    return node.send(client, line);
  }
  std::string take(std::uint64_t client) { return node.worker().take(client); }
};

TEST_F(Waiting, ends_when_somebody_writes_the_key) {
  EXPECT_EQ(send(1, "BTAKE k 0"), "");
  EXPECT_EQ(send(2, "SET other 1"), kOk);
  EXPECT_EQ(take(1), "");
  EXPECT_EQ(send(2, "SET k v"), kOk);
  EXPECT_EQ(take(1), pair("k", "v"));
  EXPECT_EQ(send(2, "EXISTS k"), ":0\r\n");
  EXPECT_FALSE(node.interest.count().any());
}

TEST_F(Waiting, is_not_needed_when_there_is_something) {
  send(1, "SET k v");
  EXPECT_EQ(send(1, "BTAKE j k 0"), pair("k", "v"));
}

TEST_F(Waiting, is_served_before_the_writer_goes_on) {
  send(1, "BTAKE k 0");
  EXPECT_EQ(send(2, "SET k v\r\nGET k"), kOk + "$-1\r\n");
  EXPECT_EQ(take(1), pair("k", "v"));
}

TEST_F(Waiting, is_first_come_first_served) {
  send(1, "BTAKE k 0");
  send(2, "BTAKE a k 0");
  send(3, "SET k first");
  EXPECT_EQ(take(1), pair("k", "first"));
  EXPECT_EQ(take(2), "");
  send(3, "SET k second");
  EXPECT_EQ(take(2), pair("k", "second"));
}

TEST_F(Waiting, looks_at_its_keys_in_their_order) {
  send(1, "BTAKE a b 0");
  EXPECT_EQ(send(2, "MULTI\r\nSET b 2\r\nSET a 1\r\nEXEC"),
            "+OK\r\n+QUEUED\r\n+QUEUED\r\n*2\r\n+OK\r\n+OK\r\n");
  EXPECT_EQ(take(1), pair("a", "1"));
  EXPECT_EQ(send(2, "GET b"), "$1\r\n2\r\n");
}

TEST_F(Waiting, is_served_behind_the_whole_transaction) {
  send(1, "BTAKE k 0");
  EXPECT_EQ(send(2, "MULTI\r\nSET k 1\r\nDEL k\r\nEXEC"),
            "+OK\r\n+QUEUED\r\n+QUEUED\r\n*2\r\n+OK\r\n:1\r\n");
  EXPECT_EQ(take(1), "") << "nothing is left for it";
  send(2, "SET k 2");
  EXPECT_EQ(take(1), pair("k", "2"));
}

TEST_F(Waiting, of_one_may_end_that_of_another) {
  send(1, "BMOVE a b 0");
  send(2, "BMOVE b c 0");
  send(3, "BTAKE c 0");
  send(4, "SET a v");
  EXPECT_EQ(take(1), "$1\r\nv\r\n");
  EXPECT_EQ(take(2), "$1\r\nv\r\n");
  EXPECT_EQ(take(3), pair("c", "v"));
}

TEST_F(Waiting, for_a_source_does_not_hear_of_its_target) {
  send(1, "BMOVE a b 0");
  send(2, "SET b 1");
  EXPECT_EQ(take(1), "");
  EXPECT_EQ(node.interest.count_blocking_keys().all, 1U);
}

TEST_F(Waiting, goes_on_with_its_place_kept_when_nothing_is_left) {
  send(1, "BTAKE a 0");
  send(2, "BTAKE a b 0");
  send(3, "MULTI\r\nSET b x\r\nDEL b\r\nEXEC");
  send(4, "BTAKE a 0");
  send(5, "SET a 1");
  EXPECT_EQ(take(1), pair("a", "1"));
  send(5, "SET a 2");
  EXPECT_EQ(take(2), pair("a", "2"));
  send(5, "SET a 3");
  EXPECT_EQ(take(4), pair("a", "3"));
}

TEST_F(Waiting, ends_with_its_time) {
  EXPECT_EQ(send(1, "BTAKE k 0.1\r\nPING x"), "");
  node.advance(99ms);
  EXPECT_EQ(take(1), "");
  node.advance(1ms);
  EXPECT_EQ(take(1).substr(0, kNullArray.size()), kNullArray);
  EXPECT_EQ(send(2, "SET k 1\r\nGET k"), kOk + "$1\r\n1\r\n");
  EXPECT_EQ(node.worker().loop.timer_count(), 0U);
}

TEST_F(Waiting, that_was_served_has_no_timer_left) {
  send(1, "BTAKE k 10");
  EXPECT_EQ(node.worker().loop.timer_count(), 1U);
  send(2, "SET k 1");
  EXPECT_EQ(node.worker().loop.timer_count(), 0U);
}

TEST_F(Waiting, holds_back_what_the_client_sent_behind) {
  EXPECT_EQ(send(1, "BTAKE k 0\r\nSET j 1\r\nBTAKE j 0"), "");
  EXPECT_EQ(send(2, "GET j\r\nSET k v"), "$-1\r\n" + kOk);
  EXPECT_EQ(take(1), pair("k", "v") + kOk + pair("j", "1"));
}

TEST_F(Waiting, is_over_with_the_connection) {
  send(1, "BTAKE k 5");
  node.worker().disconnect(1);
  EXPECT_EQ(send(2, "SET k 1\r\nGET k"), kOk + "$1\r\n1\r\n");
  EXPECT_EQ(node.worker().loop.timer_count(), 0U);
}

TEST_F(Waiting, is_ended_by_others_with_a_null_or_an_error) {
  send(1, "BTAKE k 0");
  EXPECT_TRUE(node.worker().dispatcher.end_wait(1, WaitEnd::timeout));
  EXPECT_FALSE(node.worker().dispatcher.end_wait(1, WaitEnd::timeout));
  node.worker().settle();
  EXPECT_EQ(take(1), kNullArray);
  send(1, "BTAKE k 0");
  EXPECT_TRUE(node.worker().dispatcher.end_wait(1, WaitEnd::error));
  node.worker().settle();
  EXPECT_EQ(take(1), "-UNBLOCKED client unblocked via CLIENT UNBLOCK\r\n");
  send(1, "BTAKE k 0");
  EXPECT_TRUE(node.worker().dispatcher.end_wait(1, WaitEnd::demoted));
  EXPECT_TRUE(node.worker().client(1).session.close_after_reply);
}

TEST_F(Waiting, for_a_key_to_be_gone_hears_of_its_end) {
  send(1, "SET k 1");
  EXPECT_EQ(send(2, "BGONE k 0"), "");
  EXPECT_EQ(node.interest.count_blocking_keys().when_gone, 1U);
  send(1, "SET k 2");
  EXPECT_EQ(take(2), "");
  send(1, "DEL k");
  EXPECT_EQ(take(2), "-NOGROUP it is gone\r\n");
}

TEST_F(Waiting, hears_of_a_database_that_is_swapped_in) {
  send(1, "BTAKE k 0");
  send(2, "SELECT 1\r\nSET k v\r\nSWAPDB 0 1");
  EXPECT_EQ(take(1), pair("k", "v"));
}

TEST_F(Waiting, hears_of_a_key_that_is_renamed_or_restored) {
  send(1, "BTAKE k 0");
  send(2, "SET j v\r\nRENAME j k");
  EXPECT_EQ(take(1), pair("k", "v"));
  EXPECT_EQ(send(1, "SELECT 1\r\nBTAKE k 0"), kOk);
  send(2, "SET k v\r\nMOVE k 1");
  EXPECT_EQ(take(1), pair("k", "v"));
}

TEST_F(Waiting, logs_what_happened_when_it_is_over) {
  const auto reader = log::Reader::open(node.log, log::Offset(0));
  send(1, "BTAKE k 0");
  send(2, "SET k v");
  const std::string bytes = log::take(*reader);
  EXPECT_TRUE(
      bytes.ends_with("*3\r\n$3\r\nSET\r\n$1\r\nk\r\n$1\r\nv\r\n"
                      "*2\r\n$3\r\nDEL\r\n$1\r\nk\r\n"))
      << bytes;
}

TEST_F(Waiting, counts_the_command_once_it_is_over) {
  const std::uint32_t id = node.registry.look_up("btake").id;
  send(1, "BTAKE k 0");
  EXPECT_EQ(node.worker().dispatcher.stats().by_command[id].calls, 0U);
  send(2, "SET k v");
  EXPECT_EQ(node.worker().dispatcher.stats().by_command[id].calls, 1U);
}

TEST_F(Waiting, without_replies_stays_silent) {
  node.worker().client(1).session.reply_mode = commands::ReplyMode::off;
  send(1, "BTAKE k 0");
  send(2, "SET k v\r\nEXISTS k");
  EXPECT_EQ(take(1), "");
}

TEST_F(Waiting, refuses_to_serve_when_the_command_would_be_refused) {
  send(1, "BTAKE k 0");
  node.policy.is_replica = true;
  node.policy.replica_read_only = false;
  node.policy.refresh();
  send(2, "SET k v");
  EXPECT_EQ(take(1), pair("k", "v"));
}

TEST(WaitingAcrossWorkers, is_served_by_the_worker_that_wrote) {
  TestNode node(2);
  EXPECT_EQ(node.worker(0).send(1, "BTAKE k 0\r\nEXISTS k"), "");
  EXPECT_EQ(node.worker(1).send(2, "SET k v\r\nGET k"), kOk + "$-1\r\n");
  EXPECT_EQ(node.worker(0).take(1), "");
  node.worker(0).settle();
  EXPECT_EQ(node.worker(0).take(1), pair("k", "v") + ":0\r\n");
}

TEST(WaitingAcrossWorkers, that_was_served_is_not_ended_by_its_timer_too) {
  TestNode node(2);
  node.worker(0).send(1, "BTAKE k 1");
  node.worker(1).send(2, "SET k v");
  node.worker(0).loop.advance(2s);
  node.worker(0).settle();
  EXPECT_EQ(node.worker(0).take(1), pair("k", "v"));
}

TEST(WaitingAcrossWorkers, of_a_client_that_has_gone_meanwhile_loses_its_reply) {
  TestNode node(2);
  node.worker(0).send(1, "BTAKE k 0");
  node.worker(1).send(2, "SET k v");
  node.worker(0).disconnect(1);
  node.worker(0).settle();
  EXPECT_FALSE(node.interest.count().any());
}

}  // namespace
}  // namespace banyan::engine
