#include <gtest/gtest.h>

#include <set>

#include "collections/hash_access.h"
#include "commands/harness.h"
#include "generic/families.h"

namespace banyan::collections {

using namespace commands;

namespace {

struct HashNode : testing::Test {
  Harness node{generic::data_families()};

  std::string run(const std::string& line) { return node.run(line); }
  std::string logged() const { return node.logged(); }
  store::Table& table(Bytes key) {
    const store::Key k = node.keyspace.key(key);
    return node.keyspace.table(0, k);
  }
  std::string encoding(Bytes key) {
    Database db(node.context, 0);
    const store::Entry* entry = db.peek(db.key(key));
    return entry == nullptr ? "none" : values::name_of(entry->encoding());
  }
  // `words`, separated by spaces, as the log has them.
  static std::string request(const std::string& words) {
    std::vector<std::string> list;
    for (std::size_t at = 0; at <= words.size();) {
      const std::size_t end = std::min(words.find(' ', at), words.size());
      list.push_back(words.substr(at, end - at));
      at = end + 1;
    }
    std::string out = "*" + std::to_string(list.size()) + "\r\n";
    for (const std::string& word : list)
      out += "$" + std::to_string(word.size()) + "\r\n" + word + "\r\n";
    return out;
  }
  std::string at(UnixMs after) const { return std::to_string(node.context.now + after); }
  // In both encodings in which fields expire.
  void make(const std::string& pairs, bool big) {
    node.context.limits.hash_listpack_entries = big ? 1 : 512;
    run("DEL h");
    run("HSET h " + pairs);
    if (big) {
      run("HSET h x1 1 x2 2");
      run("HDEL h x1 x2");
    }
  }
};

TEST_F(HashNode, reading_a_field_that_is_over_erases_it_and_logs_that) {
  for (const bool big : {false, true}) {
    make("f v g w", big);
    run("HPEXPIRE h 10 FIELDS 1 f");
    EXPECT_EQ(encoding("h"), big ? "hashtable" : "listpackex");
    node.advance(11);
    EXPECT_EQ(run("HLEN h"), ":2\r\n");
    EXPECT_EQ(run("HGETALL h"), "*2\r\n$1\r\ng\r\n$1\r\nw\r\n");
    EXPECT_EQ(logged(), "");
    EXPECT_EQ(run("HGET h f"), "$-1\r\n");
    EXPECT_EQ(logged(), request("HDEL h f"));
    EXPECT_EQ(run("HLEN h"), ":1\r\n");
    run("HPEXPIRE h 10 FIELDS 1 g");
    node.advance(11);
    EXPECT_EQ(run("HMGET h g f"), "*2\r\n$-1\r\n$-1\r\n");
    EXPECT_EQ(logged(), request("HDEL h g"));
    EXPECT_EQ(run("EXISTS h"), ":0\r\n");
  }
}

TEST_F(HashNode, a_replica_hides_what_is_over_and_leaves_it_there) {
  for (const bool big : {false, true}) {
    make("f v g w", big);
    run("HPEXPIRE h 10 FIELDS 1 f");
    node.advance(11);
    node.context.expiry = ExpiryMode::hide;
    EXPECT_EQ(run("HGET h f"), "$-1\r\n");
    EXPECT_EQ(run("HEXISTS h f"), ":0\r\n");
    EXPECT_EQ(run("HTTL h FIELDS 1 f"), "*1\r\n:-2\r\n");
    EXPECT_EQ(run("HRANDFIELD h 5"), "*1\r\n$1\r\ng\r\n");
    EXPECT_EQ(run("HSCAN h 0"), "*2\r\n$1\r\n0\r\n*2\r\n$1\r\ng\r\n$1\r\nw\r\n");
    EXPECT_EQ(run("HLEN h"), ":2\r\n");
    EXPECT_EQ(logged(), "");
    node.context.expiry = ExpiryMode::ignore;
    EXPECT_EQ(run("HGET h f"), "$1\r\nv\r\n");
    node.context.expiry = ExpiryMode::remove;
  }
}

TEST_F(HashNode, relative_times_are_logged_as_absolute_ones) {
  run("HSET h f v g w");
  run("HEXPIRE h 10 FIELDS 3 f no g");
  EXPECT_EQ(logged(), request("HPEXPIREAT h " + at(10000) + " FIELDS 2 f g"));
  EXPECT_EQ(run("HEXPIRE h 20 NX FIELDS 1 f"), "*1\r\n:0\r\n");
  EXPECT_EQ(logged(), "");
  EXPECT_EQ(run("HEXPIRE h 20 GT FIELDS 1 f"), "*1\r\n:1\r\n");
  EXPECT_EQ(logged(), request("HPEXPIREAT h " + at(20000) + " GT FIELDS 1 f"));
  EXPECT_EQ(run("HPEXPIRE h 0 FIELDS 1 f"), "*1\r\n:2\r\n");
  EXPECT_EQ(logged(), request("HDEL h f"));
  run("HGETEX h PX 70 FIELDS 1 g");
  EXPECT_EQ(logged(), request("HPEXPIREAT h " + at(70) + " FIELDS 1 g"));
  run("HGETEX h PERSIST FIELDS 1 g");
  EXPECT_EQ(logged(), request("HPERSIST h FIELDS 1 g"));
  run("HGETDEL h FIELDS 2 g no");
  EXPECT_EQ(logged(), request("HDEL h g"));
  EXPECT_EQ(encoding("h"), "none");
  run("HSETEX h EX 5 FIELDS 2 a 1 b 2");
  EXPECT_EQ(logged(),
            request("HSET h a 1 b 2") + request("HPEXPIREAT h " + at(5000) + " FIELDS 2 a b"));
  run("HSETEX h KEEPTTL FIELDS 2 a 3 c 4");
  EXPECT_EQ(logged(),
            request("HSET h a 3 c 4") + request("HPEXPIREAT h " + at(5000) + " FIELDS 1 a"));
}

TEST_F(HashNode, a_float_is_logged_as_what_it_came_to_and_keeps_its_expiry) {
  run("HINCRBYFLOAT h f 10.5");
  EXPECT_EQ(logged(), request("HSET h f 10.5"));
  run("HPEXPIRE h 50 FIELDS 1 f");
  EXPECT_EQ(run("HINCRBYFLOAT h f 0.1"), "$4\r\n10.6\r\n");
  EXPECT_EQ(logged(), request("HSET h f 10.6") + request("HPEXPIREAT h " + at(50) + " FIELDS 1 f"));
}

TEST_F(HashNode, counting_up_a_field_that_is_over_starts_anew) {
  for (const bool big : {false, true}) {
    make("f 10 g 5", big);
    run("HPEXPIRE h 10 FIELDS 2 f g");
    EXPECT_EQ(run("HINCRBY h f 1"), ":11\r\n");
    EXPECT_EQ(run("HPTTL h FIELDS 1 f"), "*1\r\n:10\r\n");
    node.advance(11);
    EXPECT_EQ(run("HINCRBY h f 1"), ":1\r\n");
    EXPECT_EQ(logged(), request("HDEL h f")) << "and then the command itself";
    EXPECT_EQ(run("HSETNX h g 7"), ":1\r\n");
    EXPECT_EQ(run("HTTL h FIELDS 2 f g"), "*2\r\n:-1\r\n:-1\r\n");
  }
}

TEST_F(HashNode, the_table_knows_when_the_first_field_expires) {
  for (const bool big : {false, true}) {
    make("a 1 b 2 c 3", big);
    const store::FieldExpiries& expiries = table("h").field_expiries();
    EXPECT_EQ(expiries.soonest(), store::FieldExpiries::kNever);
    const UnixMs now = node.context.now;
    run("HPEXPIRE h 50 FIELDS 1 a");
    run("HPEXPIRE h 40 FIELDS 1 b");
    EXPECT_EQ(expiries.soonest(), now + 40);
    EXPECT_EQ(expiries.first(), "h");
    run("HDEL h b");
    EXPECT_EQ(expiries.soonest(), now + 50);
    run("HSET h a x");
    EXPECT_EQ(expiries.size(), 0U);
    run("HPEXPIRE h 60 FIELDS 1 c");
    run("RENAME h other");
    EXPECT_EQ(table("other").field_expiries().soonest(), now + 60);
    run("SET other string");
    EXPECT_EQ(table("other").field_expiries().size(), 0U);
  }
}

TEST_F(HashNode, fields_are_expired_a_few_at_a_time_and_the_hash_with_the_last) {
  for (const bool big : {false, true}) {
    std::string pairs;
    std::string names;
    for (int i = 0; i < 30; ++i) {
      pairs += " f" + std::to_string(i) + " v";
      names += " f" + std::to_string(i);
    }
    make(pairs, big);
    run("HPEXPIRE h 10 FIELDS 30" + names);
    node.advance(11);
    node.context.effects.begin(true);
    Database db(node.context, 0);
    EXPECT_EQ(expire_fields(db, db.key("h"), 20), 20U);
    EXPECT_EQ(run("HLEN h"), ":10\r\n");
    EXPECT_EQ(expire_fields(db, db.key("h"), 20), 10U);
    EXPECT_EQ(run("EXISTS h"), ":0\r\n");
    EXPECT_EQ(table("h").field_expiries().size(), 0U);
  }
  EXPECT_EQ(node.context.counters.expired_fields, 60U);
}

TEST_F(HashNode, random_fields_are_distinct_unless_the_count_is_negative) {
  for (const int fields : {10, 1000}) {
    node.context.limits.hash_listpack_entries = 512;
    run("DEL h");
    for (int i = 0; i < fields; ++i) run("HSET h " + std::to_string(i + 1000) + " v");
    for (const int count : {1, 5, 9, 400, 2000}) {
      const std::string reply = run("HRANDFIELD h " + std::to_string(count));
      const int wanted = std::min(count, fields);
      std::set<std::string> distinct;
      for (std::size_t at = reply.find("$4\r\n"); at != std::string::npos;
           at = reply.find("$4\r\n", at + 1))
        distinct.insert(reply.substr(at + 4, 4));
      EXPECT_TRUE(reply.starts_with("*" + std::to_string(wanted) + "\r\n"));
      EXPECT_EQ(distinct.size(), static_cast<std::size_t>(wanted));
    }
    EXPECT_TRUE(run("HRANDFIELD h -50").starts_with("*50\r\n"));
    EXPECT_TRUE(run("HRANDFIELD h -9223372036854775807").starts_with("-ERR"));
  }
}

TEST_F(HashNode, a_random_field_is_live_and_costs_no_more_than_some_expiries) {
  node.context.limits.hash_listpack_entries = 512;
  for (int i = 0; i < 2000; ++i) run("HSET h f" + std::to_string(i) + " v");
  for (int i = 1; i < 2000; ++i) run("HPEXPIRE h 10 FIELDS 1 f" + std::to_string(i));
  node.advance(11);
  EXPECT_EQ(run("HRANDFIELD h"), "$2\r\nf0\r\n");
  EXPECT_GT(node.context.counters.expired_fields, 0U);
  EXPECT_LT(node.context.counters.expired_fields, 1000U);
  EXPECT_EQ(run("HRANDFIELD h 5"), "*1\r\n$2\r\nf0\r\n");
  EXPECT_EQ(run("HRANDFIELD h -2"), "*2\r\n$2\r\nf0\r\n$2\r\nf0\r\n");
}

}  // namespace
}  // namespace banyan::collections
