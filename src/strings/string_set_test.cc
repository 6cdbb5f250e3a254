#include "strings/string_testing.h"

namespace banyan::strings {

using namespace commands;

namespace {

using StringSet = StringNode;

const std::string kSyntax = "-ERR syntax error\r\n";

TEST_F(StringSet, set_and_get_keep_every_byte) {
  const std::string value("a\0\r\n\xff", 5);
  const Bytes words[] = {"SET", "k", value};
  EXPECT_EQ(node.run(words), kOk);
  EXPECT_EQ(logged(), "verbatim");
  EXPECT_EQ(run("GET k"), bulk(value));
  EXPECT_EQ(logged(), "");
  EXPECT_EQ(run("SET k ''"), kOk);
  EXPECT_EQ(run("GET k"), bulk(""));
}

TEST_F(StringSet, get_counts_hits_and_misses_and_set_neither) {
  run("SET k v");
  run("GET k");
  run("GET missing");
  EXPECT_EQ(node.context.counters.hits, 1U);
  EXPECT_EQ(node.context.counters.misses, 1U);
}

TEST_F(StringSet, a_missing_key_is_null_in_either_protocol) {
  EXPECT_EQ(run("GET k"), kNull);
  node.session.protocol = resp::Protocol::resp3;
  EXPECT_EQ(run("GET k"), "_\r\n");
  EXPECT_EQ(run("SET k v XX"), "_\r\n");
}

TEST_F(StringSet, encodings_are_those_of_redis) {
  run("MSET int -12 long 9223372036854775807 embstr 007 beyond 9223372036854775808");
  EXPECT_EQ(encoding("int"), "int");
  EXPECT_EQ(encoding("long"), "int");
  EXPECT_EQ(encoding("embstr"), "embstr");
  EXPECT_EQ(encoding("beyond"), "embstr");
  run("SET k " + std::string(44, 'x'));
  EXPECT_EQ(encoding("k"), "embstr");
  run("SET k " + std::string(45, 'x'));
  EXPECT_EQ(encoding("k"), "raw");
}

TEST_F(StringSet, a_lifetime_is_logged_as_an_absolute_time_in_ms) {
  const std::string in_10s = std::to_string(now() + 10'000);
  for (const std::string line : {"SET k v EX 10", "set k v px 10000", "SET k v NX GET EX 10",
                                 "SETEX k 10 v", "PSETEX k 10000 v", "SET k v EXAT 1700000010"}) {
    node.run("GETDEL k");
    run(line);
    EXPECT_EQ(logged(), request("SET k v PXAT " + in_10s)) << line;
    EXPECT_EQ(expiry("k"), now() + 10'000) << line;
  }
  run("SET k v pxat " + in_10s);
  EXPECT_EQ(logged(), "verbatim");
  node.advance(10001);
  EXPECT_EQ(run("GET k"), kNull);
  EXPECT_EQ(logged(), request("DEL k"));
}

TEST_F(StringSet, a_lifetime_is_one_change_with_two_events) {
  struct Observer : ChangeObserver {
    std::string heard;
    void on_change(unsigned, Bytes key, EventKind, Bytes event) override {
      heard.append(key).append(":").append(event).append(" ");
    }
  } observer;
  node.context.observer = &observer;
  run("SETEX k 10 v");
  EXPECT_EQ(observer.heard, "k:new k:set k:expire ");
  EXPECT_EQ(node.context.effects.dirty(), 1U);
  observer.heard.clear();
  run("SET k v");
  EXPECT_EQ(observer.heard, "k:set ");
}

TEST_F(StringSet, plain_set_takes_the_expiry_away_and_keepttl_does_not) {
  run("SET k v EX 10");
  EXPECT_EQ(run("SET k w KEEPTTL"), kOk);
  EXPECT_EQ(logged(), "verbatim");
  EXPECT_EQ(text("k"), "w");
  EXPECT_EQ(expiry("k"), now() + 10'000);
  run("SET k x");
  EXPECT_EQ(expiry("k"), kNoExpiry);
  run("SET other v KEEPTTL");
  EXPECT_EQ(expiry("other"), kNoExpiry);
}

TEST_F(StringSet, keepttl_does_not_bring_back_the_expiry_of_an_expired_key) {
  run("SET k v PX 5");
  node.advance(6);
  EXPECT_EQ(run("SET k w KEEPTTL"), kOk);
  EXPECT_EQ(logged(), request("DEL k"));  // and then the words as received
  EXPECT_TRUE(node.context.effects.verbatim());
  EXPECT_EQ(expiry("k"), kNoExpiry);
}

TEST_F(StringSet, a_past_time_is_accepted_and_the_key_is_gone_at_the_next_look) {
  EXPECT_EQ(run("SET k v EXAT 1"), kOk);
  EXPECT_EQ(logged(), request("SET k v PXAT 1000"));
  EXPECT_EQ(run("GET k"), kNull);
  EXPECT_EQ(logged(), request("DEL k"));
}

TEST_F(StringSet, nx_and_xx_decide_by_existence) {
  EXPECT_EQ(run("SET k v XX"), kNull);
  EXPECT_EQ(logged(), "");
  EXPECT_EQ(run("SET k v nx"), kOk);
  EXPECT_EQ(logged(), "verbatim");
  EXPECT_EQ(run("SET k w NX"), kNull);
  EXPECT_EQ(logged(), "");
  EXPECT_EQ(run("SET k w XX EX 5"), kOk);
  EXPECT_EQ(text("k"), "w");
  node.advance(5001);
  EXPECT_EQ(run("SET k x NX"), kOk) << "an expired key does not exist";
}

TEST_F(StringSet, get_returns_the_old_value_and_is_not_logged) {
  EXPECT_EQ(run("SET k v GET"), kNull);
  EXPECT_EQ(logged(), request("SET k v"));
  EXPECT_EQ(run("SET k w gEt KEEPTTL"), bulk("v"));
  EXPECT_EQ(logged(), request("SET k w KEEPTTL"));
  EXPECT_EQ(run("SET k x NX GET"), bulk("w"));
  EXPECT_EQ(logged(), "");
  EXPECT_EQ(run("SET missing x XX GET"), kNull);
  EXPECT_EQ(entry("missing"), nullptr);
  EXPECT_EQ(run("SET k y GET XX GET"), bulk("w"));
  EXPECT_EQ(text("k"), "y");
}

TEST_F(StringSet, options_come_in_any_order_and_may_be_repeated) {
  EXPECT_EQ(run("SET k v EX 1 NX EX 20 NX"), kOk);
  EXPECT_EQ(expiry("k"), now() + 20'000);
  EXPECT_EQ(run("SET k v KEEPTTL XX KEEPTTL"), kOk);
  EXPECT_EQ(run("SET k v XX PXAT 1800000000000"), kOk);
  EXPECT_EQ(expiry("k"), 1'800'000'000'000);
}

TEST_F(StringSet, options_that_exclude_each_other_or_miss_their_time_are_syntax_errors) {
  for (const std::string options :
       {"NX XX", "XX NX", "EX 1 PX 1", "PX 1 EXAT 1", "KEEPTTL EX 1", "PXAT 1 KEEPTTL", "EX", "PX",
        "GET EX", "PERSIST", "nonsense", "EX 1 EXAT"}) {
    EXPECT_EQ(run("SET k v " + options), kSyntax) << options;
  }
  for (const std::string options : {"KEEPTTL", "NX", "GET", "EX 1 PERSIST", "PERSIST PX 1", "EXAT"})
    EXPECT_EQ(run("GETEX k " + options), kSyntax) << options;
  EXPECT_EQ(entry("k"), nullptr);
}

TEST_F(StringSet, times_must_be_positive_and_must_fit) {
  const auto invalid = [](const std::string& name) {
    return "-ERR invalid expire time in '" + name + "' command\r\n";
  };
  for (const std::string time : {"0", "-1", "9223372036854776", "9223372036854775807"}) {
    EXPECT_EQ(run("SET k v EX " + time), invalid("set")) << time;
    EXPECT_EQ(run("SETEX k " + time + " v"), invalid("setex")) << time;
  }
  EXPECT_EQ(run("SET k v EXAT 9223372036854776"), invalid("set"));
  EXPECT_EQ(run("SET k v PX 9223372036854775807"), invalid("set"));
  EXPECT_EQ(run("PSETEX k 0 v"), invalid("psetex"));
  EXPECT_EQ(run("SET k v EX ten"), "-ERR value is not an integer or out of range\r\n");
  EXPECT_EQ(run("SETEX k 1.5 v"), "-ERR value is not an integer or out of range\r\n");
  EXPECT_EQ(entry("k"), nullptr);
  EXPECT_EQ(run("SET k v PXAT 9223372036854775807"), kOk);
  EXPECT_EQ(run("GETEX k PX -5"), invalid("getex"));
  EXPECT_EQ(run("GETEX missing PX -5"), kNull) << "a missing key has no use for the time";
}

TEST_F(StringSet, setnx_answers_whether_it_stored) {
  EXPECT_EQ(run("SETNX k v"), ":1\r\n");
  EXPECT_EQ(run("SETNX k w"), ":0\r\n");
  EXPECT_EQ(logged(), "");
  EXPECT_EQ(text("k"), "v");
}

TEST_F(StringSet, getset_is_logged_as_set_and_removes_the_expiry) {
  EXPECT_EQ(run("GETSET k v"), kNull);
  EXPECT_EQ(logged(), request("SET k v"));
  run("SET k v EX 5");
  EXPECT_EQ(run("GETSET k 7"), bulk("v"));
  EXPECT_EQ(expiry("k"), kNoExpiry);
  EXPECT_EQ(encoding("k"), "int");
}

TEST_F(StringSet, getdel_is_logged_as_del) {
  EXPECT_EQ(run("GETDEL k"), kNull);
  EXPECT_EQ(logged(), "");
  run("SET k 12");
  EXPECT_EQ(run("GETDEL k"), bulk("12"));
  EXPECT_EQ(logged(), request("DEL k"));
  EXPECT_EQ(entry("k"), nullptr);
}

TEST_F(StringSet, getex_is_logged_as_what_it_did) {
  EXPECT_EQ(run("GETEX k EX 10"), kNull);
  EXPECT_EQ(logged(), "");
  run("SET k v");
  EXPECT_EQ(run("GETEX k"), bulk("v"));
  EXPECT_EQ(logged(), "");
  EXPECT_EQ(run("GETEX k PERSIST"), bulk("v"));
  EXPECT_EQ(logged(), "") << "there was nothing to take away";
  EXPECT_EQ(run("GETEX k EX 10"), bulk("v"));
  EXPECT_EQ(logged(), request("PEXPIREAT k " + std::to_string(now() + 10'000)));
  EXPECT_EQ(run("GETEX k PXAT 1800000000000"), bulk("v"));
  EXPECT_EQ(logged(), request("PEXPIREAT k 1800000000000"));
  EXPECT_EQ(run("GETEX k persist"), bulk("v"));
  EXPECT_EQ(logged(), request("PERSIST k"));
  EXPECT_EQ(expiry("k"), kNoExpiry);
  EXPECT_EQ(run("GETEX k EXAT 1"), bulk("v"));
  EXPECT_EQ(logged(), request("DEL k"));
  EXPECT_EQ(entry("k"), nullptr);
}

TEST_F(StringSet, a_replica_never_deletes_by_itself_for_a_past_time) {
  run("SET k v");
  node.context.expiry = ExpiryMode::ignore;
  run("GETEX k PXAT 1");
  EXPECT_EQ(expiry("k"), 1);
}

TEST_F(StringSet, an_expired_key_that_is_set_counts_as_expired) {
  for (const char* line : {"SET k b", "SET k b EX 5", "GETSET k b", "MSET k b", "SETEX k 5 b"}) {
    run("SET k a PX 10");
    node.advance(11);
    const std::uint64_t before = node.context.counters.expired;
    run(line);
    EXPECT_EQ(node.context.counters.expired, before + 1) << line;
    EXPECT_EQ(logged().find(request("DEL k")), 0U) << line;
  }
}

TEST_F(StringSet, a_writable_replica_writes_where_an_expired_key_is_hidden) {
  for (const std::string line : {"INCR k", "APPEND k 1", "SETNX k 1", "SET k 1 KEEPTTL"}) {
    node.context.expiry = ExpiryMode::remove;
    run("SET k 5 PX 5");
    node.advance(6);
    node.context.expiry = ExpiryMode::hide;
    EXPECT_EQ(run("GET k"), kNull);
    run(line);
    EXPECT_EQ(text("k"), "1") << line;
    EXPECT_EQ(node.keyspace.table(0, node.keyspace.key("k")).size(), 1U) << line;
  }
}

TEST_F(StringSet, mset_wants_pairs_and_changes_all) {
  EXPECT_EQ(run("MSET a 1 b 2 a 3"), kOk);
  EXPECT_EQ(logged(), "verbatim");
  EXPECT_EQ(node.context.effects.dirty(), 3U);
  EXPECT_EQ(text("a"), "3");
  EXPECT_EQ(run("MSET a 1 b"), "-ERR wrong number of arguments for 'mset' command\r\n");
  EXPECT_EQ(run("MSETNX a 1 b"), "-ERR wrong number of arguments for 'msetnx' command\r\n");
  EXPECT_EQ(run("MGET a none b"), "*3\r\n$1\r\n3\r\n$-1\r\n$1\r\n2\r\n");
}

TEST_F(StringSet, msetnx_sets_all_or_none) {
  EXPECT_EQ(run("MSETNX a 1 b 2 a 3"), ":1\r\n");
  EXPECT_EQ(logged(), "verbatim");
  EXPECT_EQ(text("a"), "3");
  EXPECT_EQ(run("MSETNX c 1 b 2"), ":0\r\n");
  EXPECT_EQ(logged(), "");
  EXPECT_EQ(entry("c"), nullptr);
}

TEST_F(StringSet, being_overwritten_counts_as_use_and_does_not_start_the_count_over) {
  node.context.lfu = true;
  node.context.lfu_log_factor = 0;  // every use counts
  for (int i = 0; i < 10; ++i) run("SET k v");
  EXPECT_EQ(entry("k")->access() & 0xff, 5U + 9U);
  node.context.touch = false;
  run("SET k v");
  EXPECT_EQ(entry("k")->access() & 0xff, 5U + 9U);
}

TEST_F(StringSet, substr_is_getrange_and_clamps_as_redis_does) {
  run("SET k Hello");
  EXPECT_EQ(run("GETRANGE k 1 3"), bulk("ell"));
  EXPECT_EQ(run("SUBSTR k -3 -1"), bulk("llo"));
  EXPECT_EQ(run("GETRANGE k 0 -100"), bulk("H"));
  EXPECT_EQ(run("GETRANGE k -1 -2"), bulk(""));
  EXPECT_EQ(run("GETRANGE k -100 -50"), bulk("H"));
  EXPECT_EQ(run("GETRANGE k 5 9"), bulk(""));
  EXPECT_EQ(run("GETRANGE k -9223372036854775808 9223372036854775807"), bulk("Hello"));
  EXPECT_EQ(run("GETRANGE k 9223372036854775807 -9223372036854775808"), bulk(""));
  EXPECT_EQ(run("GETRANGE none 0 -1"), bulk(""));
  EXPECT_EQ(run("GETRANGE k 0 x"), "-ERR value is not an integer or out of range\r\n");
  run("SET n 12345");
  EXPECT_EQ(run("GETRANGE n 1 2"), bulk("23"));
  EXPECT_EQ(run("STRLEN n"), ":5\r\n");
  EXPECT_EQ(run("STRLEN none"), ":0\r\n");
}

}  // namespace
}  // namespace banyan::strings
