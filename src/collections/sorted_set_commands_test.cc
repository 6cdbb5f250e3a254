// What transcripts cannot see of the sorted set commands: logs, events, waiting, chance.
#include <gtest/gtest.h>

#include <map>
#include <set>

#include "commands/harness.h"
#include "generic/families.h"
#include "resp/request_writer.h"
#include "values/set.h"

namespace banyan::collections {

using namespace commands;

namespace {

struct SortedSetCommands : testing::Test, ChangeObserver {
  SortedSetCommands() { h.context.observer = this; }

  std::string run(const std::string& line) {
    events.clear();
    return h.run(line);
  }
  static std::string request(std::initializer_list<Bytes> words) {
    std::string text;
    resp::append_command(text, words);
    return text;
  }
  void on_change(unsigned, Bytes key, EventKind kind, Bytes event) override {
    if (kind != EventKind::new_key)
      events += (events.empty() ? "" : ", ") + std::string(key) + " " + std::string(event);
  }
  std::uint64_t dirty() const { return h.context.effects.dirty(); }

  Harness h{generic::data_families()};
  std::string events;
};

TEST_F(SortedSetCommands, adding_is_logged_as_received_when_it_changes_something) {
  run("ZADD z 1 a 2 b 3 c");
  EXPECT_EQ(h.logged(), "verbatim");
  EXPECT_EQ(dirty(), 3U);
  EXPECT_EQ(events, "z zadd");
  run("ZADD z 1 a");
  EXPECT_EQ(h.logged(), "");
  EXPECT_EQ(events, "");
  run("ZADD z XX 9 x");
  EXPECT_EQ(h.logged(), "");
  run("ZINCRBY z 1 a");
  EXPECT_EQ(events, "z zincr");
  EXPECT_EQ(h.logged(), "verbatim");
}

TEST_F(SortedSetCommands, a_refused_command_leaves_no_empty_key) {
  EXPECT_EQ(run("ZADD z 1 a x b"), "-ERR value is not a valid float\r\n");
  EXPECT_EQ(run("ZADD z x a"), "-ERR value is not a valid float\r\n");
  EXPECT_EQ(run("EXISTS z"), ":0\r\n");
}

TEST_F(SortedSetCommands, the_last_member_takes_the_key_with_it) {
  for (const auto& [command, event] :
       std::map<std::string, std::string>{{"ZREM z a b", "zrem"},
                                          {"ZREMRANGEBYRANK z 0 -1", "zremrangebyrank"},
                                          {"ZREMRANGEBYSCORE z -inf inf", "zremrangebyscore"},
                                          {"ZREMRANGEBYLEX z - +", "zremrangebylex"},
                                          {"ZPOPMIN z 2", "zpopmin"},
                                          {"ZPOPMAX z 5", "zpopmax"}}) {
    run("ZADD z 0 a 0 b");
    run(command);
    EXPECT_EQ(events, "z " + event + ", z del") << command;
    EXPECT_EQ(dirty(), 2U) << command;
    EXPECT_EQ(h.logged(), "verbatim");
    EXPECT_EQ(run("EXISTS z"), ":0\r\n");
  }
}

TEST_F(SortedSetCommands, storing_replaces_whatever_was_there) {
  run("ZADD z 1 a 2 b");
  run("ZADD to 1 x");
  run("PEXPIRE to 5000");
  run("ZUNIONSTORE to 1 z");
  EXPECT_EQ(events, "to zunionstore");
  EXPECT_EQ(dirty(), 1U);
  EXPECT_EQ(run("PTTL to"), ":-1\r\n");
  run("ZRANGESTORE to z 5 9");
  EXPECT_EQ(events, "to del");
  run("ZINTERSTORE to 2 z nothing");
  EXPECT_EQ(events, "");
  EXPECT_EQ(h.logged(), "");
}

TEST_F(SortedSetCommands, taking_from_several_keys_is_logged_as_taking_from_one) {
  run("ZADD z 1 a 2 b 3 c");
  run("ZMPOP 2 none z MAX COUNT 2");
  EXPECT_EQ(h.logged(), request({"ZPOPMAX", "z", "2"}));
  run("BZPOPMIN none z 0");
  EXPECT_EQ(h.logged(), request({"ZPOPMIN", "z"}));
  EXPECT_EQ(events, "z zpopmin, z del");
  run("ZADD z 1 a");
  EXPECT_EQ(run("BZMPOP 0 1 z MIN COUNT 9"), "*2\r\n$1\r\nz\r\n*1\r\n*2\r\n$1\r\na\r\n$1\r\n1\r\n");
  EXPECT_EQ(h.logged(), request({"ZPOPMIN", "z", "1"}));
}

TEST_F(SortedSetCommands, blocking_commands_wait_when_there_is_nothing_to_take) {
  EXPECT_EQ(run("BZPOPMIN z 0"), "*-1\r\n") << "nothing can wait here";
  h.context.may_wait = true;
  for (const std::string command : {"BZPOPMIN z y 1.5", "BZPOPMAX z y 1.5", "BZMPOP 1.5 1 z MIN"}) {
    h.context.wait.reset();
    EXPECT_EQ(run(command), "");
    ASSERT_TRUE(h.context.wait) << command;
    EXPECT_EQ(h.context.wait->deadline, h.context.now + 1500);
    EXPECT_EQ(h.logged(), "");
  }
  h.context.wait.reset();
  EXPECT_EQ(run("BZPOPMIN z x"), "-ERR timeout is not a float or out of range\r\n");
  EXPECT_EQ(run("BZPOPMIN z -1"), "-ERR timeout is negative\r\n");
  EXPECT_EQ(run("BZMPOP 0 0 z MIN"), "-ERR numkeys should be greater than 0\r\n");
  EXPECT_EQ(run("BZMPOP x 1 z MIN"), "-ERR timeout is not a float or out of range\r\n");
  EXPECT_FALSE(h.context.wait);
}

TEST_F(SortedSetCommands, places_are_logged_as_scores) {
  run("GEOADD g CH 13.361389 38.115556 Palermo");
  EXPECT_EQ(h.logged(), request({"ZADD", "g", "CH", "3479099956230698", "Palermo"}));
  EXPECT_EQ(events, "g zadd");
  run("GEOADD g 13.361389 38.115556 Palermo");
  EXPECT_EQ(h.logged(), "");
  run("GEOSEARCHSTORE to g FROMMEMBER Palermo BYRADIUS 1 km");
  EXPECT_EQ(events, "to geosearchstore");
  run("GEORADIUS g 13 38 200 km STORE to");
  EXPECT_EQ(events, "to georadiusstore");
  EXPECT_EQ(h.logged(), "verbatim");
}

TEST_F(SortedSetCommands, a_second_store_key_which_is_not_locked_is_refused) {
  run("GEOADD g 13 38 a");
  EXPECT_EQ(run("GEORADIUS g 13 38 9 km STORE x STORE y"), "-ERR syntax error\r\n");
  EXPECT_EQ(run("GEORADIUS g 13 38 9 km STORE x STOREDIST y"), ":1\r\n");
  EXPECT_EQ(run("EXISTS x"), ":0\r\n");
}

TEST_F(SortedSetCommands, random_members_are_different_and_each_comes_up) {
  for (const std::uint64_t limit : {128U, 0U}) {
    h.context.limits.zset_listpack_entries = limit;
    run("DEL z");
    for (int i = 0; i < 20; ++i) run("ZADD z 1 m" + std::to_string(i));
    for (const int count : {1, 5, 10, 19}) {
      std::map<std::string, int> seen;
      for (int round = 0; round < 300; ++round) {
        std::string reply = run("ZRANDMEMBER z " + std::to_string(count));
        std::set<std::string> different;
        for (std::size_t at = reply.find('m'); at != std::string::npos;
             at = reply.find('m', at + 1))
          different.insert(reply.substr(at, reply.find('\r', at) - at));
        ASSERT_EQ(different.size(), static_cast<std::size_t>(count));
        for (const std::string& member : different) ++seen[member];
      }
      EXPECT_EQ(seen.size(), 20U);
      for (const auto& [member, times] : seen) EXPECT_GT(times, count * 3) << member;
    }
    EXPECT_TRUE(run("ZRANDMEMBER z -50").starts_with("*50\r\n"));
  }
}

TEST_F(SortedSetCommands, a_reply_that_would_take_all_memory_is_refused) {
  run("ZADD z 1 a");
  EXPECT_EQ(run("ZRANDMEMBER z -9223372036854775807"), "-ERR value is out of range\r\n");
  EXPECT_EQ(run("ZRANDMEMBER z -2147483649 WITHSCORES"), "-ERR value is out of range\r\n");
}

TEST_F(SortedSetCommands, a_scan_tells_every_member) {
  h.context.limits.zset_listpack_entries = 0;
  for (int i = 0; i < 1000; ++i) run("ZADD z 1 m" + std::to_string(i));
  std::set<std::string> seen;
  std::string cursor = "0";
  int calls = 0;
  do {
    const std::string reply = run("ZSCAN z " + cursor + " COUNT 50");
    const std::size_t begin = reply.find("\r\n", 4) + 2;
    cursor = reply.substr(begin, reply.find('\r', begin) - begin);
    for (std::size_t at = reply.find('m'); at != std::string::npos; at = reply.find('m', at + 1))
      seen.insert(reply.substr(at, reply.find('\r', at) - at));
    ++calls;
  } while (cursor != "0");
  EXPECT_EQ(seen.size(), 1000U);
  EXPECT_GT(calls, 10);
}

TEST_F(SortedSetCommands, sets_are_inputs_too) {
  store::Entry* entry = store::Entry::make_collection("s", values::Type::set);
  for (const char* member : {"a", "1", "2"})
    values::Set(entry->body()).add(Bytes(member), h.context.limits);
  Database db(h.context, 0);
  db.insert(db.key("s"), entry);
  run("ZADD z 5 a 6 1 7 x");
  EXPECT_EQ(run("ZINTER 2 s z WEIGHTS 2 3 WITHSCORES"),
            "*4\r\n$1\r\na\r\n$2\r\n17\r\n$1\r\n1\r\n$2\r\n20\r\n");
  EXPECT_EQ(run("ZDIFF 2 s z"), "*1\r\n$1\r\n2\r\n");
  EXPECT_EQ(run("ZINTERCARD 2 s z LIMIT 1"), ":1\r\n");
}

// The two ways to subtract must agree; which is taken depends on the sizes.
TEST_F(SortedSetCommands, differences_are_right_whatever_the_sizes) {
  for (const int size : {3, 40, 400}) {
    run("DEL a b c");
    for (int i = 0; i < 40; ++i) run("ZADD a " + std::to_string(i) + " m" + std::to_string(i));
    for (int i = 0; i < size; ++i) {
      run("ZADD b 1 m" + std::to_string(i * 2));
      run("ZADD c 1 m" + std::to_string(i * 3));
    }
    int expected = 0;
    for (int i = 0; i < 40; ++i)
      expected += (i % 2 == 0 && i / 2 < size) || (i % 3 == 0 && i / 3 < size) ? 0 : 1;
    EXPECT_EQ(run("ZDIFFSTORE to 3 a b c"), ":" + std::to_string(expected) + "\r\n");
  }
}

}  // namespace
}  // namespace banyan::collections
