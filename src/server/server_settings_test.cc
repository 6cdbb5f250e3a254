#include <gtest/gtest.h>

#include "server/world_for_test.h"

namespace banyan::server {
namespace {

// Once both were read at the start only.
TEST(SettingsOfANode, of_events_and_deletions_take_effect_at_once) {
  TestWorld w;
  sim::Client& a = w.client();
  const commands::Context& context = w.server().main_worker().dispatcher().context();
  EXPECT_EQ(w.send(a, "CONFIG SET lazyfree-lazy-server-del yes lazyfree-lazy-expire yes"),
            "+OK\r\n");
  EXPECT_EQ(context.own_deletion, "UNLINK");
  EXPECT_EQ(context.expiry_deletion, "UNLINK");
  EXPECT_EQ(w.send(a, "CONFIG SET notify-keyspace-events Em"), "+OK\r\n");
  EXPECT_TRUE(context.tells_misses);
}

struct OomScoreOfANode : testing::Test {
  TestWorld w;
  sim::Client& a = w.client();
  sim::SimEnv& env = w.world.env(w.node);

  void SetUp() override { ASSERT_TRUE(env.set_oom_score(22)); }
  std::string set(const std::string& what) { return w.send(a, "CONFIG SET " + what); }
  int score() { return *env.oom_score(); }
};

TEST_F(OomScoreOfANode, is_its_own_until_it_is_told) {
  EXPECT_EQ(set("oom-score-adj-values '10 20 30'"), "+OK\r\n");
  EXPECT_EQ(score(), 22);
  EXPECT_EQ(set("oom-score-adj yes"), "+OK\r\n");
  EXPECT_EQ(score(), 32);
  EXPECT_EQ(set("oom-score-adj-values '15 20 30'"), "+OK\r\n");
  EXPECT_EQ(score(), 37);
  EXPECT_EQ(set("oom-score-adj absolute"), "+OK\r\n");
  EXPECT_EQ(score(), 15);
  EXPECT_EQ(set("oom-score-adj no"), "+OK\r\n");
  EXPECT_EQ(score(), 22);
}

TEST_F(OomScoreOfANode, follows_its_role) {
  EXPECT_EQ(set("oom-score-adj-values '10 20 30' oom-score-adj relative"), "+OK\r\n");
  EXPECT_EQ(w.send(a, "REPLICAOF 10.9.9.9 6379"), "+OK\r\n");
  EXPECT_EQ(score(), 42);
  EXPECT_EQ(w.send(a, "REPLICAOF NO ONE"), "+OK\r\n");
  EXPECT_EQ(score(), 32);
}

TEST_F(OomScoreOfANode, stays_within_the_bounds_of_the_kernel) {
  EXPECT_EQ(set("oom-score-adj-values '2000 2000 2000' oom-score-adj yes"), "+OK\r\n");
  EXPECT_EQ(score(), 1000);
  EXPECT_EQ(set("oom-score-adj-values '-2000 0 0'"), "+OK\r\n");
  EXPECT_EQ(score(), -1000);
}

TEST_F(OomScoreOfANode, stays_what_it_was_when_the_kernel_refuses) {
  env.set_oom_score_min(22);
  const std::string values =
      "-ERR CONFIG SET failed (possibly related to argument 'oom-score-adj') - Failed to set "
      "current oom_score_adj. Check server logs.\r\n";
  EXPECT_EQ(set("oom-score-adj-values '-100 -100 -100'"), "+OK\r\n");
  EXPECT_EQ(set("oom-score-adj yes"), values);
  EXPECT_EQ(w.send(a, "CONFIG GET oom-score-adj"), "*2\r\n$13\r\noom-score-adj\r\n$2\r\nno\r\n");
  EXPECT_EQ(score(), 22);
  EXPECT_EQ(set("oom-score-adj-values '5 100 100' oom-score-adj yes"), "+OK\r\n");
  EXPECT_NE(set("oom-score-adj-values '-100 -100 -100'"), "+OK\r\n");
  EXPECT_EQ(w.send(a, "CONFIG GET oom-score-adj-values"),
            "*2\r\n$20\r\noom-score-adj-values\r\n$9\r\n5 100 100\r\n");
  EXPECT_EQ(score(), 27);
}

TEST_F(OomScoreOfANode, is_set_at_the_start) {
  TestWorld replica({"--oom-score-adj", "absolute", "--oom-score-adj-values", "1", "2", "3",
                     "--replicaof", "10.9.9.9", "6379"});
  EXPECT_EQ(*replica.world.env(replica.node).oom_score(), 2);
}

TEST(TitleOfANode, names_its_address_as_it_is) {
  TestWorld w;
  sim::Client& a = w.client();
  const sim::SimEnv& env = w.world.env(w.node);
  EXPECT_EQ(env.process_title(), "banyan-server *:6379");
  EXPECT_EQ(w.send(a, "CONFIG SET port 7000"), "+OK\r\n");
  EXPECT_EQ(env.process_title(), "banyan-server *:7000");
  EXPECT_EQ(w.send(a, "CONFIG SET proc-title-template '{port} of mine'"), "+OK\r\n");
  EXPECT_EQ(env.process_title(), "7000 of mine");
  EXPECT_EQ(w.send(a, "CONFIG SET proc-title-template '{nonsense}'"),
            "-ERR CONFIG SET failed (possibly related to argument 'proc-title-template') - "
            "template format is invalid or contains unknown variables\r\n");
  EXPECT_EQ(env.process_title(), "7000 of mine");
}

TEST(TitleOfANode, stays_the_command_line_where_none_is_wanted) {
  TestWorld w({"--set-proc-title", "no"});
  EXPECT_EQ(w.send(w.client(), "CONFIG SET proc-title-template x"), "+OK\r\n");
  EXPECT_EQ(w.world.env(w.node).process_title(), "");
}

}  // namespace
}  // namespace banyan::server
