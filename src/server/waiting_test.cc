// Clients that wait, transactions and subscribers, as seen from outside a whole node.
#include <gtest/gtest.h>

#include "server/world_for_test.h"

namespace banyan::server {
namespace {

const std::string kJob = "*2\r\n$1\r\nq\r\n$3\r\njob\r\n", kNullArray = "*-1\r\n";

bool has(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

TEST(WaitingClients, are_served_and_go_on) {
  TestWorld w;
  sim::Client& a = w.client();
  sim::Client& b = w.client();
  EXPECT_EQ(w.send(a, "BLPOP q 0\r\nPING"), "");
  EXPECT_EQ(w.send(b, "RPUSH q job\r\nLLEN q"), ":1\r\n:0\r\n");
  EXPECT_EQ(w.receive(a), kJob + "+PONG\r\n");
}

TEST(WaitingClients, time_out_to_the_millisecond) {
  TestWorld w;
  sim::Client& a = w.client();
  EXPECT_EQ(w.send(a, "BLPOP q 0.5"), "");
  w.world.run_for(470ms);
  EXPECT_EQ(a.take(), "");
  w.world.run_for(20ms);
  EXPECT_EQ(a.take(), kNullArray);
}

TEST(WaitingClients, are_ended_by_client_unblock) {
  TestWorld w;
  sim::Client& a = w.client();
  sim::Client& b = w.client();
  EXPECT_EQ(w.send(b, "CLIENT UNBLOCK 1"), ":0\r\n");
  w.send(a, "BLPOP q 0");
  EXPECT_EQ(w.send(b, "CLIENT UNBLOCK 1\r\nCLIENT UNBLOCK 1"), ":1\r\n:0\r\n");
  EXPECT_EQ(w.receive(a), kNullArray);
  w.send(a, "BLPOP q 0");
  EXPECT_EQ(w.send(b, "CLIENT UNBLOCK 1 ERROR"), ":1\r\n");
  EXPECT_EQ(w.receive(a), "-UNBLOCKED client unblocked via CLIENT UNBLOCK\r\n");
  w.send(a, "WAIT 1 0");
  EXPECT_EQ(w.send(b, "CLIENT UNBLOCK 1"), ":1\r\n");
  EXPECT_EQ(w.receive(a), ":0\r\n");
  w.send(a, "WAIT 1 0");
  EXPECT_EQ(w.send(b, "CLIENT UNBLOCK 1 ERROR"), ":1\r\n");
  EXPECT_EQ(w.receive(a), "-UNBLOCKED client unblocked via CLIENT UNBLOCK\r\n");
}

TEST(WaitingClients, are_counted) {
  TestWorld w;
  sim::Client& a = w.client();
  sim::Client& b = w.client();
  w.send(a, "BLPOP q p 0");
  std::string info = w.send(b, "INFO clients");
  EXPECT_TRUE(has(info, "blocked_clients:1\r\n")) << info;
  EXPECT_TRUE(has(info, "total_blocking_keys:2\r\n")) << info;
  EXPECT_TRUE(has(w.send(b, "CLIENT LIST"), "flags=b "));
  info = w.send(b, "RPUSH q job\r\nINFO clients");
  EXPECT_TRUE(has(info, "blocked_clients:0\r\n")) << info;
  EXPECT_TRUE(has(info, "total_blocking_keys:0\r\n")) << info;
}

TEST(WaitingClients, that_have_gone_take_nothing_with_them) {
  TestWorld w;
  sim::Client& a = w.client();
  sim::Client& b = w.client();
  w.send(a, "BLPOP q 0");
  a.close();
  w.world.run_for(10ms);
  EXPECT_EQ(w.send(b, "RPUSH q job\r\nLLEN q"), ":1\r\n:1\r\n");
  sim::Client& c = w.client();
  w.send(c, "BLPOP p 0");
  EXPECT_EQ(w.send(b, "CLIENT KILL ID 3\r\nRPUSH p job\r\nLLEN p"), ":1\r\n:1\r\n:1\r\n");
}

TEST(WaitingClients, are_sent_away_when_the_node_becomes_a_replica) {
  TestWorld w;
  sim::Client& a = w.client();
  sim::Client& b = w.client();
  sim::Client& c = w.client();
  w.send(a, "BLPOP q 0");
  w.send(c, "WAIT 1 0");
  EXPECT_EQ(w.send(b, "REPLICAOF nowhere 6379"), "+OK\r\n");
  const std::string error =
      "-UNBLOCKED force unblock from blocking operation, instance state changed (master -> "
      "replica?)\r\n";
  EXPECT_EQ(w.receive(a), error);
  EXPECT_EQ(w.receive(c), error);
  EXPECT_FALSE(a.is_connected());
  EXPECT_FALSE(c.is_connected());
}

TEST(TransactionsOfANode, may_hold_commands_that_are_answered_elsewhere) {
  TestWorld w;
  sim::Client& a = w.client();
  EXPECT_EQ(w.send(a, "MULTI\r\nSET k 1\r\nWAIT 0 0\r\nBGSAVE\r\nGET k\r\nEXEC\r\nPING"),
            "+OK\r\n+QUEUED\r\n+QUEUED\r\n+QUEUED\r\n+QUEUED\r\n*4\r\n+OK\r\n:0\r\n"
            "+Background saving started\r\n$1\r\n1\r\n+PONG\r\n");
  EXPECT_EQ(
      w.send(a, "MULTI\r\nCONFIG SET timeout 0\r\nCONFIG SET timeout x\r\nEXEC").substr(0, 49),
      "+OK\r\n+QUEUED\r\n+QUEUED\r\n*2\r\n+OK\r\n-ERR CONFIG SET f");
}

TEST(TransactionsOfANode, refuse_what_is_not_for_them) {
  TestWorld w;
  sim::Client& a = w.client();
  EXPECT_EQ(w.send(a, "MULTI\r\nSAVE\r\nEXEC"),
            "+OK\r\n-ERR Command not allowed inside a transaction\r\n"
            "-EXECABORT Transaction discarded because of previous errors.\r\n");
}

TEST(TransactionsOfANode, show_in_client_list) {
  TestWorld w;
  sim::Client& a = w.client();
  sim::Client& b = w.client();
  w.send(a, "WATCH k\r\nMULTI\r\nSET k 1");
  EXPECT_TRUE(has(w.send(b, "CLIENT LIST ID 1"), " flags=x db=0 sub=0 psub=0 ssub=0 multi=1 "));
  w.send(b, "SET k 2");
  EXPECT_TRUE(has(w.send(b, "CLIENT LIST ID 1"), " flags=xd db=0 "));
  EXPECT_EQ(w.send(a, "EXEC"), kNullArray);
  EXPECT_TRUE(has(w.send(b, "CLIENT LIST ID 1"), " flags=N db=0 "));
}

TEST(SubscribersOfANode, get_messages_and_are_counted) {
  TestWorld w({"--timeout", "2"});
  sim::Client& a = w.client();
  sim::Client& b = w.client();
  w.send(a, "SUBSCRIBE news\r\nPSUBSCRIBE x* y*");
  EXPECT_EQ(w.send(b, "PUBLISH news hello"), ":1\r\n");
  EXPECT_EQ(w.receive(a), "*3\r\n$7\r\nmessage\r\n$4\r\nnews\r\n$5\r\nhello\r\n");
  EXPECT_TRUE(has(w.send(b, "CLIENT LIST TYPE pubsub"), " flags=P db=0 sub=1 psub=2 ssub=0 "));
  EXPECT_TRUE(has(w.send(b, "INFO stats"), "pubsub_channels:1\r\npubsub_patterns:2\r\n"));
  w.world.run_for(5s);
  EXPECT_TRUE(a.is_connected()) << "subscribers may be idle";
  EXPECT_FALSE(b.is_connected());
  EXPECT_EQ(w.send(a, "RESET\r\nGET k"), "+RESET\r\n$-1\r\n");
}

TEST(SubscribersOfANode, hear_of_keys_when_the_settings_say_so) {
  TestWorld w;
  sim::Client& a = w.client();
  sim::Client& b = w.client();
  EXPECT_EQ(w.send(b, "CONFIG SET notify-keyspace-events KEA"), "+OK\r\n");
  EXPECT_EQ(w.send(b, "CONFIG GET notify-keyspace-events"),
            "*2\r\n$22\r\nnotify-keyspace-events\r\n$3\r\nAKE\r\n");
  w.send(a, "PSUBSCRIBE __keyevent@0__:*");
  (void)w.receive(a);
  w.send(b, "LPUSH list x");
  EXPECT_EQ(w.receive(a),
            "*4\r\n$8\r\npmessage\r\n$16\r\n__keyevent@0__:*\r\n$20\r\n__keyevent@0__:lpush\r\n"
            "$4\r\nlist\r\n");
}

}  // namespace
}  // namespace banyan::server
