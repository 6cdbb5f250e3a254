#include <gtest/gtest.h>

#include "engine/node_for_test.h"
#include "log/stream_for_test.h"

namespace banyan::engine {
namespace {

std::string text_of(const std::vector<std::string>& words, char type = '*') {
  std::string text = type + std::to_string(words.size()) + "\r\n";
  for (const std::string& word : words)
    text += word.starts_with(':') ? word + "\r\n"
                                  : "$" + std::to_string(word.size()) + "\r\n" + word + "\r\n";
  return text;
}

struct Publishing : testing::Test {
  TestNode node;
  std::string send(std::uint64_t client, const std::string& line) {
    return node.send(client, line);
  }
  std::string take(std::uint64_t client) { return node.worker().take(client); }
  void speak_resp3(std::uint64_t client) {
    node.worker().client(client).session.protocol = resp::Protocol::resp3;
  }
};

TEST_F(Publishing, reaches_the_subscribers_of_the_channel) {
  EXPECT_EQ(send(1, "SUBSCRIBE a b"),
            text_of({"subscribe", "a", ":1"}) + text_of({"subscribe", "b", ":2"}));
  EXPECT_EQ(send(2, "PUBLISH b hello"), ":1\r\n");
  EXPECT_EQ(take(1), text_of({"message", "b", "hello"}));
  EXPECT_EQ(send(2, "PUBLISH c hello"), ":0\r\n");
  EXPECT_EQ(take(1), "");
}

TEST_F(Publishing, reaches_patterns_behind_channels) {
  send(1, "PSUBSCRIBE n?ws n*");
  send(2, "SUBSCRIBE news");
  EXPECT_EQ(send(3, "PUBLISH news x"), ":3\r\n");
  EXPECT_EQ(take(1),
            text_of({"pmessage", "n*", "news", "x"}) + text_of({"pmessage", "n?ws", "news", "x"}));
  EXPECT_EQ(take(2), text_of({"message", "news", "x"}));
}

TEST_F(Publishing, to_shard_channels_is_a_world_of_its_own) {
  EXPECT_EQ(send(1, "SSUBSCRIBE a"), text_of({"ssubscribe", "a", ":1"}));
  EXPECT_EQ(send(1, "PSUBSCRIBE *"), text_of({"psubscribe", "*", ":1"}));
  EXPECT_EQ(send(2, "SPUBLISH a x"), ":1\r\n");
  EXPECT_EQ(take(1), text_of({"smessage", "a", "x"}));
  EXPECT_EQ(send(1, "SUNSUBSCRIBE"), text_of({"sunsubscribe", "a", ":0"}));
}

TEST_F(Publishing, ends_with_unsubscribe) {
  send(1, "SUBSCRIBE a b c");
  EXPECT_EQ(send(1, "UNSUBSCRIBE b x"),
            text_of({"unsubscribe", "b", ":2"}) + text_of({"unsubscribe", "x", ":2"}));
  EXPECT_EQ(send(1, "UNSUBSCRIBE"),
            text_of({"unsubscribe", "a", ":1"}) + text_of({"unsubscribe", "c", ":0"}));
  EXPECT_EQ(send(1, "UNSUBSCRIBE"), "*3\r\n$11\r\nunsubscribe\r\n$-1\r\n:0\r\n");
  EXPECT_EQ(send(1, "PUBLISH a x"), ":0\r\n");
}

TEST_F(Publishing, counts_a_subscription_once) {
  EXPECT_EQ(send(1, "SUBSCRIBE a a"),
            text_of({"subscribe", "a", ":1"}) + text_of({"subscribe", "a", ":1"}));
  EXPECT_EQ(send(2, "PUBLISH a x"), ":1\r\n");
}

TEST_F(Publishing, makes_a_client_of_the_old_protocol_listen_only) {
  send(1, "SUBSCRIBE a");
  EXPECT_EQ(send(1, "GET k"),
            "-ERR Can't execute 'get': only (P|S)SUBSCRIBE / (P|S)UNSUBSCRIBE / PING / QUIT / "
            "RESET are allowed in this context\r\n");
  send(1, "UNSUBSCRIBE");
  EXPECT_EQ(send(1, "GET k"), "$-1\r\n");
}

TEST_F(Publishing, comes_as_a_push_behind_the_own_reply_in_the_new_protocol) {
  speak_resp3(1);
  EXPECT_EQ(send(1, "SUBSCRIBE a"), text_of({"subscribe", "a", ":1"}, '>'));
  EXPECT_EQ(send(1, "PUBLISH a x\r\nGET k"),
            ":1\r\n" + text_of({"message", "a", "x"}, '>') + "_\r\n");
}

TEST_F(Publishing, in_a_transaction_comes_behind_its_reply) {
  speak_resp3(1);
  send(1, "SUBSCRIBE a");
  EXPECT_EQ(send(1, "MULTI\r\nPUBLISH a x\r\nGET k\r\nEXEC"),
            "+OK\r\n+QUEUED\r\n+QUEUED\r\n*2\r\n:1\r\n_\r\n" + text_of({"message", "a", "x"}, '>'));
}

TEST_F(Publishing, reaches_a_client_without_replies) {
  speak_resp3(1);
  node.worker().client(1).session.reply_mode = commands::ReplyMode::off;
  EXPECT_EQ(send(1, "SUBSCRIBE a"), text_of({"subscribe", "a", ":1"}, '>'));
  EXPECT_EQ(send(1, "PUBLISH a x"), text_of({"message", "a", "x"}, '>'));
}

TEST_F(Publishing, is_logged_for_replicas) {
  const auto reader = log::Reader::open(node.log, log::Offset(0));
  send(1, "PUBLISH a x");
  EXPECT_TRUE(log::take(*reader).ends_with(text_of({"PUBLISH", "a", "x"})));
}

TEST_F(Publishing, tells_who_listens) {
  send(1, "SUBSCRIBE a b");
  send(2, "SUBSCRIBE a");
  send(2, "PSUBSCRIBE x* y*");
  EXPECT_EQ(send(3, "PUBSUB NUMSUB a b c"), text_of({"a", ":2", "b", ":1", "c", ":0"}));
  EXPECT_EQ(send(3, "PUBSUB CHANNELS b*"), text_of({"b"}));
  EXPECT_EQ(send(3, "PUBSUB NUMPAT"), ":2\r\n");
  EXPECT_EQ(send(3, "PUBSUB SHARDCHANNELS"), "*0\r\n");
  node.worker().disconnect(1);
  node.worker().disconnect(2);
  EXPECT_EQ(send(3, "PUBSUB CHANNELS"), "*0\r\n");
  EXPECT_EQ(send(3, "PUBSUB NUMPAT"), ":0\r\n");
}

TEST(PublishingAcrossWorkers, has_one_order_for_all) {
  TestNode node(3);
  node.worker(0).send(1, "SUBSCRIBE a");
  node.worker(1).send(2, "SUBSCRIBE a");
  (void)node.worker(0).take(1);
  EXPECT_EQ(node.worker(2).send(3, "PUBLISH a first"), ":2\r\n");
  EXPECT_EQ(node.worker(0).send(4, "PUBLISH a second"), ":2\r\n");
  const std::string both = text_of({"message", "a", "first"}) + text_of({"message", "a", "second"});
  EXPECT_EQ(node.worker(0).take(1), both);
  node.worker(1).settle();
  EXPECT_EQ(node.worker(1).take(2), both);
}

TEST(PublishingAcrossWorkers, of_before_a_subscription_does_not_reach_it) {
  TestNode node(2);
  node.worker(0).send(1, "SUBSCRIBE a");
  EXPECT_EQ(node.worker(1).send(2, "PUBLISH a early"), ":1\r\n");
  EXPECT_EQ(node.worker(0).loop.run_posted(), true);
  node.worker(1).send(2, "PUBLISH a late");
  node.worker(0).run_inside([&] {
    commands::Session& session = node.worker(0).client(3).session;
    EXPECT_TRUE(node.worker(0).dispatcher.subscribe(session, Topic::channel, "a"));
  });
  node.worker(0).settle();
  EXPECT_EQ(node.worker(0).take(3), "");
}

struct KeyEvents : Publishing {
  void turn_on(std::initializer_list<config::KeyEvent> events) {
    for (const config::KeyEvent event : events)
      node.shared.key_events.bits |= static_cast<std::uint16_t>(event);
    node.interest.count().raise();
  }
};

TEST_F(KeyEvents, are_messages_about_the_key_and_about_the_event) {
  using enum config::KeyEvent;
  turn_on({keyspace_channel, keyevent_channel, string});
  send(1, "PSUBSCRIBE __key*");
  send(2, "SELECT 3\r\nSET k v\r\nDEL k");
  EXPECT_EQ(take(1), text_of({"pmessage", "__key*", "__keyspace@3__:k", "set"}) +
                         text_of({"pmessage", "__key*", "__keyevent@3__:set", "k"}));
}

TEST_F(KeyEvents, come_in_the_classes_that_are_asked_for) {
  using enum config::KeyEvent;
  turn_on({keyevent_channel, generic, expired, new_key, key_miss});
  node.worker().dispatcher.context().tells_misses = true;
  send(1, "PSUBSCRIBE *");
  send(2, "GET k");
  EXPECT_EQ(take(1), text_of({"pmessage", "*", "__keyevent@0__:keymiss", "k"}));
  send(2, "SET k v PX 5");
  EXPECT_EQ(take(1), text_of({"pmessage", "*", "__keyevent@0__:new", "k"}) +
                         text_of({"pmessage", "*", "__keyevent@0__:expire", "k"}));
  node.advance(6ms);
  send(2, "EXISTS k");
  EXPECT_EQ(take(1), text_of({"pmessage", "*", "__keyevent@0__:expired", "k"}) +
                         text_of({"pmessage", "*", "__keyevent@0__:keymiss", "k"}));
}

}  // namespace
}  // namespace banyan::engine
