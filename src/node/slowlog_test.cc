#include "node/slowlog.h"

#include <gtest/gtest.h>

namespace banyan::node {
namespace {

using commands::CommandSpec;

CommandSpec spec_of(std::string_view name, commands::Flag flags = commands::Flag::none) {
  CommandSpec spec;
  spec.name = name;
  spec.flags = flags;
  return spec;
}

struct SlowLogTest : testing::Test {
  SlowLog log{2};
  commands::Session session{.peer = "10.0.0.7:6380", .name = "tester"};
  CommandSpec get = spec_of("get", commands::Flag::fast);

  void SetUp() override { log.set_thresholds({.slow = 100, .latency = 1'000'000}, 1.0); }
  void run(unsigned worker, const std::vector<Bytes>& words, Ticks took = 100) {
    log.on_slow(worker, session, get, words, took, 5000);
  }
};

TEST_F(SlowLogTest, shows_the_newest_of_all_workers_first) {
  run(0, {"get", "a"});
  run(1, {"get", "b"});
  run(0, {"get", "c"});
  const auto entries = log.newest(2);
  ASSERT_EQ(entries.size(), 2U);
  EXPECT_EQ(entries[0]->words[1], "c");
  EXPECT_EQ(entries[1]->words[1], "b");
  EXPECT_EQ(entries[0]->id, 2U);
  EXPECT_EQ(entries[0]->client_name, "tester");
  EXPECT_EQ(entries[0]->peer, "10.0.0.7:6380");
  EXPECT_EQ(log.size(), 3U);
}

TEST_F(SlowLogTest, keeps_as_many_entries_as_it_may) {
  log.set_length_max(2);
  for (unsigned i = 0; i < 4; ++i) run(i % 2, {"get", "a"});
  EXPECT_EQ(log.size(), 2U);
  ASSERT_EQ(log.newest(10).size(), 2U);
  EXPECT_EQ(log.newest(10)[1]->id, 2U);
  log.set_length_max(0);
  EXPECT_TRUE(log.newest(10).empty());
  run(0, {"get", "a"});
  EXPECT_EQ(log.size(), 0U);
}

TEST_F(SlowLogTest, goes_on_numbering_after_a_reset) {
  run(0, {"get", "a"});
  log.clear();
  EXPECT_EQ(log.size(), 0U);
  run(0, {"get", "a"});
  EXPECT_EQ(log.newest(1)[0]->id, 1U);
}

TEST_F(SlowLogTest, cuts_long_words_and_long_lists_of_words) {
  const std::string word(200, 'x');
  std::vector<Bytes> words(40, "w");
  words[1] = word;
  run(0, words);
  const SlowEntry& entry = *log.newest(1)[0];
  EXPECT_EQ(entry.words[1], std::string(128, 'x') + "... (72 more bytes)");
  ASSERT_EQ(entry.words.size(), 32U);
  EXPECT_EQ(entry.words[31], "... (9 more arguments)");
}

TEST_F(SlowLogTest, leaves_out_what_is_fast_or_must_not_be_shown) {
  run(0, {"get", "a"}, 99);
  const CommandSpec hidden = spec_of("auth", commands::Flag::skip_slowlog);
  log.on_slow(0, session, hidden, std::vector<Bytes>{"auth", "secret"}, 100, 5000);
  EXPECT_EQ(log.size(), 0U);
}

TEST_F(SlowLogTest, tells_the_latency_monitor_of_what_is_slower_still) {
  run(0, {"get", "a"}, 999'999);
  EXPECT_TRUE(log.latency().events().empty());
  run(0, {"get", "a"}, 2'000'000);
  const auto events = log.latency().events();
  ASSERT_EQ(events.count("fast-command"), 1U);
  EXPECT_EQ(events.at("fast-command").samples.at(0).ms, 2000);
  EXPECT_EQ(events.at("fast-command").samples.at(0).second, 5);
}

bool secret(std::string_view name, std::vector<Bytes> words, std::size_t index) {
  return is_secret(spec_of(name), words, index);
}

TEST(Secrets, are_found_among_the_words_of_a_command) {
  EXPECT_TRUE(secret("auth", {"auth", "user", "pass"}, 1));
  EXPECT_TRUE(secret("hello", {"hello", "3", "AUTH", "user", "pass"}, 4));
  EXPECT_FALSE(secret("hello", {"hello", "3", "AUTH", "user", "pass"}, 1));
  EXPECT_TRUE(secret("migrate", {"migrate", "h", "1", "k", "0", "9", "AUTH2", "u", "p"}, 8));
  EXPECT_FALSE(secret("migrate", {"migrate", "h", "1", "k", "0", "9", "AUTH", "p", "KEYS"}, 8));
  EXPECT_TRUE(secret("acl|setuser", {"acl", "setuser", "u", ">p"}, 3));
  EXPECT_TRUE(secret("config|set", {"config", "set", "hz", "10", "requirepass", "p"}, 5));
  EXPECT_FALSE(secret("config|set", {"config", "set", "hz", "10", "requirepass", "p"}, 3));
  EXPECT_FALSE(secret("set", {"set", "auth", "x"}, 2));
}

TEST(LatencyEvent, keeps_the_worst_of_each_second_and_forgets_the_oldest) {
  LatencyEvent event;
  event.add({.second = 10, .ms = 5});
  event.add({.second = 10, .ms = 9});
  event.add({.second = 10, .ms = 7});
  ASSERT_EQ(event.samples.size(), 1U);
  EXPECT_EQ(event.samples[0].ms, 9);
  for (std::int64_t i = 0; i < 200; ++i) event.add({.second = 11 + i, .ms = 1});
  EXPECT_EQ(event.samples.size(), LatencyEvent::kSamplesMax);
  EXPECT_EQ(event.worst_ms, 9);
  EXPECT_EQ(event.samples.back().second, 210);
}

TEST(LatencyMonitor, adds_the_workers_up_and_counts_events_that_it_drops) {
  LatencyMonitor monitor(2);
  monitor.add(0, "command", {.second = 2, .ms = 5});
  monitor.add(1, "command", {.second = 1, .ms = 6});
  const auto events = monitor.events();
  ASSERT_EQ(events.at("command").samples.size(), 2U);
  EXPECT_EQ(events.at("command").samples[0].second, 1);
  EXPECT_EQ(events.at("command").worst_ms, 6);
  EXPECT_FALSE(monitor.clear("other"));
  EXPECT_EQ(monitor.clear(), 1U);
  EXPECT_TRUE(monitor.events().empty());
}

}  // namespace
}  // namespace banyan::node
