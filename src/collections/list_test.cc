#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "collections/families.h"
#include "commands/harness.h"

namespace banyan::collections {

using namespace commands;

namespace {

struct ListCommandsTest : testing::Test, ChangeObserver {
  ListCommandsTest() { node.context.observer = this; }

  Family family = list_commands();
  Harness node{{&family, 1}};
  std::string events;

  void on_change(unsigned, Bytes key, EventKind kind, Bytes event) override {
    const char letter = kind == EventKind::list ? 'l' : kind == EventKind::generic ? 'g' : 'n';
    events += std::string(events.empty() ? "" : ", ") + letter + ":" + std::string(event) + " " +
              std::string(key);
  }
  // The events that the command raises.
  std::string events_of(const std::string& line) {
    events.clear();
    run(line);
    return events;
  }
  std::string run(const std::string& line) { return node.run(line); }
  std::string log_of(const std::string& line) {
    run(line);
    return node.logged();
  }
  std::uint64_t changes_of(const std::string& line) {
    run(line);
    return node.context.effects.dirty();
  }
};

TEST_F(ListCommandsTest, raise_the_events_of_redis) {
  EXPECT_EQ(events_of("RPUSH k a b c d e"), "n:new k, l:rpush k");
  EXPECT_EQ(events_of("LPUSH k x"), "l:lpush k");
  EXPECT_EQ(events_of("LPUSHX k y"), "l:lpush k");
  EXPECT_EQ(events_of("LSET k 0 z"), "l:lset k");
  EXPECT_EQ(events_of("LINSERT k BEFORE a b"), "l:linsert k");
  EXPECT_EQ(events_of("LINSERT k BEFORE nothing b"), "");
  EXPECT_EQ(events_of("LREM k 0 z"), "l:lrem k");
  EXPECT_EQ(events_of("LREM k 0 z"), "");
  EXPECT_EQ(events_of("LTRIM k 0 -1"), "l:ltrim k");
  EXPECT_EQ(events_of("LTRIM k 1 -2"), "l:ltrim k");
  EXPECT_EQ(events_of("LMOVE k to LEFT RIGHT"), "n:new to, l:rpush to, l:lpop k");
  EXPECT_EQ(events_of("RPOPLPUSH to k"), "l:lpush k, l:rpop to, g:del to");
  EXPECT_EQ(events_of("RPOP k"), "l:rpop k");
  EXPECT_EQ(events_of("LPOP k 0"), "");
  EXPECT_EQ(events_of("LMPOP 1 k RIGHT"), "l:rpop k");
  EXPECT_EQ(events_of("LPOP k 100"), "l:lpop k, g:del k");
  EXPECT_EQ(events_of("LPUSHX k a"), "");
}

TEST_F(ListCommandsTest, erase_the_key_with_the_last_element) {
  for (const char* last : {"LPOP k", "LREM k 0 a", "LTRIM k 1 0", "LMPOP 1 k LEFT", "BLPOP k 0"}) {
    run("RPUSH k a");
    EXPECT_NE(events_of(last).find(", g:del k"), std::string::npos) << last;
    EXPECT_EQ(run("LLEN k"), ":0\r\n");
  }
}

TEST_F(ListCommandsTest, log_what_they_did_not_how_it_was_asked) {
  run("RPUSH k a b c d e f g");
  EXPECT_EQ(log_of("LMPOP 2 none k LEFT COUNT 2"), "*3\r\n$4\r\nLPOP\r\n$1\r\nk\r\n$1\r\n2\r\n");
  EXPECT_EQ(log_of("BLMPOP 0 1 k RIGHT"), "*3\r\n$4\r\nRPOP\r\n$1\r\nk\r\n$1\r\n1\r\n");
  EXPECT_EQ(log_of("BLPOP none k 0"), "*2\r\n$4\r\nLPOP\r\n$1\r\nk\r\n");
  EXPECT_EQ(log_of("BRPOPLPUSH k to 0"), "*3\r\n$9\r\nRPOPLPUSH\r\n$1\r\nk\r\n$2\r\nto\r\n");
  EXPECT_EQ(log_of("BLMOVE k to LEFT RIGHT 0"),
            "*5\r\n$5\r\nLMOVE\r\n$1\r\nk\r\n$2\r\nto\r\n$4\r\nLEFT\r\n$5\r\nRIGHT\r\n");
  EXPECT_EQ(log_of("LMOVE k to LEFT RIGHT"), "verbatim");
}

TEST_F(ListCommandsTest, log_nothing_where_nothing_changed) {
  run("RPUSH k a b");
  for (const char* line :
       {"LPUSHX none a", "LPOP none", "LPOP k 0", "LREM k 0 x", "LTRIM k 0 -1", "LTRIM none 0 1",
        "LINSERT k BEFORE x y", "LSET k 9 x", "LMOVE none k LEFT LEFT", "LMPOP 1 none LEFT",
        "LRANGE k 0 -1", "BLPOP none 0"})
    EXPECT_EQ(log_of(line), "") << line;
}

TEST_F(ListCommandsTest, count_each_element_as_a_change) {
  EXPECT_EQ(changes_of("RPUSH k a b c a"), 4U);
  EXPECT_EQ(changes_of("LREM k 0 a"), 2U);
  EXPECT_EQ(changes_of("RPUSH k x y z"), 3U);
  EXPECT_EQ(changes_of("LTRIM k 1 -2"), 2U);
  EXPECT_EQ(changes_of("LMOVE k k LEFT RIGHT"), 1U);
  EXPECT_EQ(changes_of("LPOP k 100"), 3U);
}

TEST_F(ListCommandsTest, refuse_the_least_of_all_integers_without_harm) {
  run("RPUSH k a b a");
  EXPECT_EQ(run("LREM k -9223372036854775808 a"), ":2\r\n");
  EXPECT_EQ(run("LINDEX k -9223372036854775808"), "$-1\r\n");
  EXPECT_EQ(run("LSET k -9223372036854775808 x"), "-ERR index out of range\r\n");
  EXPECT_EQ(run("LRANGE k -9223372036854775808 -9223372036854775808"), "*0\r\n");
  EXPECT_EQ(run("LPOP k -9223372036854775808"), "-ERR value is out of range, must be positive\r\n");
}

TEST_F(ListCommandsTest, take_from_a_list_that_another_command_holds_in_a_place) {
  for (int i = 0; i < 2000; ++i) run("RPUSH source" + std::to_string(i) + " x");
  for (int i = 0; i < 2000; ++i)  // the table grows, and places move, between the two keys
    EXPECT_EQ(
        run("LMOVE source" + std::to_string(i) + " target" + std::to_string(i) + " LEFT LEFT"),
        "$1\r\nx\r\n");
  EXPECT_EQ(run("LLEN source7"), ":0\r\n");
  EXPECT_EQ(run("LLEN target7"), ":1\r\n");
}

}  // namespace
}  // namespace banyan::collections
