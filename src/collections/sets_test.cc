#include <gtest/gtest.h>

#include <array>
#include <map>
#include <set>

#include "collections/sets.h"
#include "commands/harness.h"
#include "generic/families.h"
#include "resp/request_writer.h"

namespace banyan::collections {

using namespace commands;

namespace {

using Members = std::set<std::string>;
using Events = std::vector<std::string>;

struct SetsTest : testing::Test, ChangeObserver {
  SetsTest() { h.context.observer = this; }

  std::string run(const std::string& line) {
    events.clear();
    return h.run(line);
  }
  void on_change(unsigned, Bytes key, EventKind, Bytes event) override {
    events.push_back(std::string(event) + " " + std::string(key));
  }
  void fill(const std::string& key, int from, int to, const std::string& prefix = "") {
    for (int i = from; i < to; ++i) h.run("SADD " + key + " " + prefix + std::to_string(i));
  }
  Members members(Bytes key) {
    Members all;
    Database db(h.context, 0);
    if (const store::Entry* entry = db.peek(db.key(key)))
      values::Set::of(entry->body()).for_each([&](const values::SetMember& member) {
        IntegerText room;
        all.emplace(member.as_text(room));
      });
    return all;
  }
  std::string encoding(const std::string& key) {
    const std::string reply = h.run("OBJECT ENCODING " + key);
    return reply.substr(reply.find('\n') + 1, reply.rfind('\r') - reply.find('\n') - 1);
  }
  // The bulks of an array or set reply.
  static std::vector<std::string> bulks(const std::string& reply) {
    std::vector<std::string> texts;
    for (std::size_t at = reply.find('$'); at < reply.size();) {
      const std::size_t line = reply.find("\r\n", at);
      const std::size_t size = std::stoul(reply.substr(at + 1, line - at - 1));
      texts.push_back(reply.substr(line + 2, size));
      at = reply.find('$', line + 2 + size);
    }
    return texts;
  }
  static std::string request(std::initializer_list<Bytes> words) {
    std::string text;
    resp::append_command(text, words);
    return text;
  }

  Harness h{generic::data_families()};
  Events events;
};

TEST_F(SetsTest, sadd_counts_new_members_and_logs_itself_when_there_are_any) {
  EXPECT_EQ(run("SADD s a b a"), ":2\r\n");
  EXPECT_EQ(h.logged(), "verbatim");
  EXPECT_EQ(h.context.effects.dirty(), 2U);
  EXPECT_EQ(events, (Events{"new s", "sadd s"}));
  EXPECT_EQ(run("SADD s a b"), ":0\r\n");
  EXPECT_EQ(h.logged(), "");
  EXPECT_EQ(events, Events{});
}

TEST_F(SetsTest, a_set_ends_with_its_last_member) {
  run("SADD s a b");
  EXPECT_EQ(run("SREM s a x b"), ":2\r\n");
  EXPECT_EQ(events, (Events{"srem s", "del s"}));
  EXPECT_EQ(h.keyspace.database(0).size(), 0U);
  EXPECT_EQ(run("SREM s a"), ":0\r\n");
  EXPECT_EQ(h.logged(), "");
}

TEST_F(SetsTest, smove_takes_the_last_member_and_makes_the_destination) {
  run("SADD from a");
  EXPECT_EQ(run("SMOVE from to a"), ":1\r\n");
  EXPECT_EQ(events, (Events{"srem from", "del from", "new to", "sadd to"}));
  EXPECT_EQ(h.logged(), "verbatim");
  EXPECT_EQ(members("to"), Members{"a"});
  EXPECT_EQ(run("SMOVE to to a"), ":1\r\n");
  EXPECT_EQ(h.logged(), "");
  EXPECT_EQ(run("SMOVE to to b"), ":0\r\n");
  EXPECT_EQ(run("SMOVE to other b"), ":0\r\n");
  run("SADD more a b");
  EXPECT_EQ(run("SMOVE more to a"), ":1\r\n");
  EXPECT_EQ(events, Events{"srem more"});
  EXPECT_EQ(members("more"), Members{"b"});
}

TEST_F(SetsTest, smove_keeps_its_footing_when_its_destination_has_just_expired) {
  for (int i = 0; i < 300; ++i) {
    const std::string n = std::to_string(i);
    run("SADD from" + n + " a b");
    run("SADD to" + n + " x");
    run("PEXPIRE to" + n + " 10");
  }
  h.advance(11);
  for (int i = 0; i < 300; ++i) {
    const std::string n = std::to_string(i);
    ASSERT_EQ(run("SMOVE from" + n + " to" + n + " a"), ":1\r\n");
    ASSERT_EQ(members("to" + n), Members{"a"});
    ASSERT_EQ(members("from" + n), Members{"b"});
  }
}

TEST_F(SetsTest, spop_is_logged_by_what_it_took) {
  run("SADD s only");
  EXPECT_EQ(run("SPOP s"), "$4\r\nonly\r\n");
  EXPECT_EQ(h.logged(), request({"SREM", "s", "only"}));
  EXPECT_EQ(events, (Events{"spop s", "del s"}));
  EXPECT_EQ(run("SPOP s"), "$-1\r\n");
  EXPECT_EQ(h.logged(), "");
}

TEST_F(SetsTest, spop_of_all_is_logged_as_del) {
  run("SADD s 1 2");
  EXPECT_EQ(run("SPOP s 5"), "*2\r\n$1\r\n1\r\n$1\r\n2\r\n");
  EXPECT_EQ(h.logged(), request({"DEL", "s"}));
  EXPECT_EQ(h.context.effects.dirty(), 2U);
  EXPECT_EQ(events, (Events{"spop s", "del s"}));
}

// Whatever SPOP takes, of whatever encoding: the log says it, and together with the rest it is all.
TEST_F(SetsTest, spop_with_a_count_takes_different_members_and_logs_them) {
  const struct {
    const char* prefix;
    int size;
    int count;
    const char* rest;
  } cases[] = {{"", 100, 1, "intset"},        {"", 100, 99, "intset"},
               {"m", 100, 40, "listpack"},    {"m", 100, 99, "listpack"},
               {"m", 3000, 7, "hashtable"},   {"m", 3000, 2999, "listpack"},
               {"m", 3000, 2000, "hashtable"}};
  for (const auto& c : cases) {
    SCOPED_TRACE(std::string(c.prefix) + std::to_string(c.size) + " " + std::to_string(c.count));
    h.run("SPOP s 100000");
    fill("s", 0, c.size, c.prefix);
    const Members before = members("s");
    const auto popped = bulks(run("SPOP s " + std::to_string(c.count)));
    const std::string log = h.logged();
    EXPECT_EQ(events, Events{"spop s"});
    EXPECT_EQ(h.context.effects.dirty(), static_cast<std::uint64_t>(c.count));
    EXPECT_EQ(h.context.effects.count(), static_cast<unsigned>((c.count + 1023) / 1024));
    Members together = members("s");
    EXPECT_EQ(together.size(), static_cast<std::size_t>(c.size - c.count));
    for (const std::string& member : popped) {
      EXPECT_TRUE(together.insert(member).second) << member;
      EXPECT_NE(log.find("\r\n" + member + "\r\n"), std::string::npos) << member;
    }
    EXPECT_EQ(together, before);
    EXPECT_EQ(encoding("s"), c.rest);
  }
}

TEST_F(SetsTest, spop_reaches_every_member) {
  for (const char* prefix : {"", "m"}) {
    h.run("SPOP s 100");
    std::map<std::string, int> times;
    for (int round = 0; round < 400; ++round) {
      fill("s", 0, 20, prefix);
      for (const std::string& member : bulks(h.run("SPOP s 5"))) ++times[member];
      for (const std::string& member : bulks(h.run("SPOP s"))) ++times[member];
    }
    EXPECT_EQ(times.size(), 20U);
    for (const auto& [member, n] : times) EXPECT_GT(n, 60) << member;
  }
}

TEST_F(SetsTest, srandmember_picks_different_members_or_repeats_them) {
  const struct {
    const char* prefix;
    int size;
  } cases[] = {{"", 100}, {"m", 100}, {"m", 1000}};
  for (const auto& c : cases) {
    h.run("SPOP s 100000");
    fill("s", 0, c.size, c.prefix);
    const Members all = members("s");
    for (const int count : {1, 5, 60, 99, 500, 999, 1000, 5000}) {
      SCOPED_TRACE(std::string(c.prefix) + " " + std::to_string(count));
      const auto picked = bulks(run("SRANDMEMBER s " + std::to_string(count)));
      const Members distinct(picked.begin(), picked.end());
      EXPECT_EQ(picked.size(), static_cast<std::size_t>(std::min(count, c.size)));
      EXPECT_EQ(distinct.size(), picked.size());
      const auto repeated = bulks(run("SRANDMEMBER s -" + std::to_string(count)));
      EXPECT_EQ(repeated.size(), static_cast<std::size_t>(count));
      for (const auto& member : repeated) EXPECT_TRUE(all.contains(member));
    }
    EXPECT_TRUE(all.contains(bulks(run("SRANDMEMBER s"))[0]));
    EXPECT_EQ(members("s"), all);
  }
}

TEST_F(SetsTest, srandmember_refuses_a_reply_that_would_take_all_memory) {
  run("SADD s " + std::string(1000, 'x'));
  EXPECT_EQ(run("SRANDMEMBER s -9223372036854775807"), "-ERR value is out of range\r\n");
  EXPECT_EQ(run("SRANDMEMBER s -9223372036854775808"),
            "-ERR value is out of range, value must between -9223372036854775807 and "
            "9223372036854775807\r\n");
}

TEST_F(SetsTest, sinter_walks_any_mix_of_encodings) {
  fill("ints", 0, 300);
  fill("few", 290, 310);
  run("SADD few x");
  fill("many", 200, 1000);
  run("SADD many x");
  EXPECT_EQ(bulks(run("SINTER ints few many")).size(), 10U);
  EXPECT_EQ(run("SINTERCARD 3 ints few many"), ":10\r\n");
  EXPECT_EQ(run("SINTERCARD 3 ints few many LIMIT 4"), ":4\r\n");
  EXPECT_EQ(run("SINTERSTORE to few many"), ":21\r\n");
  EXPECT_EQ(events, (Events{"new to", "sinterstore to"}));
  EXPECT_EQ(encoding("to"), "listpack");
  EXPECT_EQ(run("SINTERSTORE to ints few"), ":10\r\n");
  EXPECT_EQ(events, Events{"sinterstore to"});
  EXPECT_EQ(encoding("to"), "intset");
  EXPECT_EQ(run("SINTERSTORE to ints nobody"), ":0\r\n");
  EXPECT_EQ(events, Events{"del to"});
  EXPECT_EQ(run("SINTERSTORE to ints nobody"), ":0\r\n");
  EXPECT_EQ(h.logged(), "");
}

TEST_F(SetsTest, stores_over_a_source_and_over_another_type) {
  run("SADD a 1 2 x");
  run("SADD b 2 3");
  EXPECT_EQ(run("SUNIONSTORE a a b"), ":4\r\n");
  EXPECT_EQ(members("a"), (Members{"1", "2", "3", "x"}));
  run("SET text y EX 100");
  EXPECT_EQ(run("SDIFFSTORE text a b"), ":2\r\n");
  EXPECT_EQ(members("text"), (Members{"1", "x"}));
  EXPECT_EQ(run("TTL text"), ":-1\r\n");
  EXPECT_EQ(h.keyspace.database(0).size(), 3U);
}

// Both ways of subtracting, against the sets themselves.
TEST_F(SetsTest, sdiff_gives_the_same_however_it_goes_about_it) {
  Rng rng(5);
  for (int round = 0; round < 60; ++round) {
    std::vector<Members> sets(1 + rng.below(8));
    std::string keys;
    for (std::size_t i = 0; i < sets.size(); ++i) {
      const std::string key = "k" + std::to_string(i);
      h.run("SPOP " + key + " 100000");
      const std::uint64_t size = rng.below(i == 0 ? 300 : 100);
      for (std::uint64_t n = 0; n < size; ++n) {
        const std::string member = (rng.chance(0.3) ? "t" : "") + std::to_string(rng.below(200));
        h.run("SADD " + key + " " + member);
        sets[i].insert(member);
      }
      keys += " " + key;
    }
    Members expected = sets[0];
    Members all;
    for (std::size_t i = 0; i < sets.size(); ++i) {
      all.insert(sets[i].begin(), sets[i].end());
      if (i > 0)
        for (const auto& member : sets[i]) expected.erase(member);
    }
    const auto difference = bulks(run("SDIFF" + keys));
    EXPECT_EQ(difference.size(), expected.size());
    EXPECT_EQ(Members(difference.begin(), difference.end()), expected);
    const auto together = bulks(run("SUNION" + keys));
    EXPECT_EQ(together.size(), all.size());
    EXPECT_EQ(Members(together.begin(), together.end()), all);
  }
}

TEST_F(SetsTest, replies_are_sets_in_resp3) {
  h.session.protocol = resp::Protocol::resp3;
  run("SADD s a");
  EXPECT_EQ(run("SMEMBERS s"), "~1\r\n$1\r\na\r\n");
  EXPECT_EQ(run("SINTER s s"), "~1\r\n$1\r\na\r\n");
  EXPECT_EQ(run("SUNION s"), "~1\r\n$1\r\na\r\n");
  EXPECT_EQ(run("SDIFF s nobody"), "~1\r\n$1\r\na\r\n");
  EXPECT_EQ(run("SRANDMEMBER s 2"), "*1\r\n$1\r\na\r\n");
  EXPECT_EQ(run("SRANDMEMBER nobody"), "_\r\n");
  EXPECT_EQ(run("SPOP s 2"), "~1\r\n$1\r\na\r\n");
  EXPECT_EQ(run("SPOP s 2"), "~0\r\n");
  EXPECT_EQ(run("SPOP s"), "_\r\n");
}

TEST_F(SetsTest, sscan_of_a_hashtable_sees_every_member) {
  fill("s", 0, 1000, "m");
  Members seen;
  std::string cursor = "0";
  int calls = 0;
  do {
    const auto reply = bulks(run("SSCAN s " + cursor + " COUNT 20"));
    cursor = reply[0];
    seen.insert(reply.begin() + 1, reply.end());
    ++calls;
  } while (cursor != "0");
  EXPECT_EQ(seen, members("s"));
  EXPECT_GT(calls, 10);
}

}  // namespace
}  // namespace banyan::collections
