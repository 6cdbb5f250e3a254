#include "generic/generic_test_support.h"

namespace banyan::generic {

using namespace commands;

namespace {

using Events = std::vector<std::string>;

struct GenericTest : GenericHarness {};

TEST_F(GenericTest, del_counts_what_was_there_and_logs_itself) {
  set("a", "1");
  set("b", "2");
  EXPECT_EQ(run("DEL a nobody b a"), ":2\r\n");
  EXPECT_EQ(h.logged(), "verbatim");
  EXPECT_EQ(events, (Events{"0 a del", "0 b del"}));
  EXPECT_EQ(run("UNLINK a"), ":0\r\n");
  EXPECT_EQ(h.logged(), "");
}

TEST_F(GenericTest, an_expired_key_is_not_there_and_its_end_is_logged) {
  set("a", "1", h.context.now - 1);
  EXPECT_EQ(run("DEL a"), ":0\r\n");
  EXPECT_EQ(h.logged(), request({"DEL", "a"}));
  EXPECT_EQ(events, Events{"0 a expired"});
}

TEST_F(GenericTest, exists_and_touch_count_repetitions_but_only_touch_renews_the_clock) {
  set("a", "1");
  h.advance(5000);
  EXPECT_EQ(run("EXISTS a a b"), ":2\r\n");
  EXPECT_EQ(h.context.counters.hits, 2U);
  EXPECT_EQ(h.context.counters.misses, 1U);
  EXPECT_EQ(run("OBJECT IDLETIME a"), ":5\r\n");
  EXPECT_EQ(run("TOUCH a b"), ":1\r\n");
  EXPECT_EQ(run("OBJECT IDLETIME a"), ":0\r\n");
}

TEST_F(GenericTest, touch_renews_the_clock_for_a_client_that_does_not_touch) {
  set("a", "1");
  h.advance(5000);
  h.context.touch = false;
  EXPECT_EQ(run("TOUCH a"), ":1\r\n");
  EXPECT_EQ(run("OBJECT IDLETIME a"), ":0\r\n");
}

TEST_F(GenericTest, type_of_a_string_and_of_nothing) {
  set("a", "1");
  EXPECT_EQ(run("TYPE a"), "+string\r\n");
  EXPECT_EQ(run("TYPE b"), "+none\r\n");
}

TEST_F(GenericTest, rename_takes_value_and_expiry_along) {
  const UnixMs at = h.context.now + 1000;
  set("a", std::string(5000, 'x'), at);
  set("b", "old");
  EXPECT_EQ(run("RENAME a b"), "+OK\r\n");
  EXPECT_EQ(h.logged(), "verbatim");
  EXPECT_EQ(h.context.effects.dirty(), 1U);
  EXPECT_EQ(events, (Events{"0 a rename_from", "0 b rename_to"}));
  EXPECT_EQ(get("a"), "(nil)");
  EXPECT_EQ(get("b"), std::string(5000, 'x'));
  EXPECT_EQ(expiry("b"), at);
}

TEST_F(GenericTest, rename_to_a_long_name_and_back) {
  const std::string name(300, 'n');
  set("a", "value");
  EXPECT_EQ(run("RENAME a " + name), "+OK\r\n");
  EXPECT_EQ(get(name), "value");
  EXPECT_EQ(run("RENAME " + name + " a"), "+OK\r\n");
  EXPECT_EQ(get("a"), "value");
  EXPECT_EQ(h.keyspace.database(0).size(), 1U);
}

TEST_F(GenericTest, rename_in_a_full_table_keeps_all_other_keys) {
  for (int i = 0; i < 500; ++i) set("k" + std::to_string(i), std::to_string(i));
  for (int i = 0; i < 500; ++i) {
    const std::string n = std::to_string(i);
    ASSERT_EQ(run("RENAME k" + n + " k" + std::to_string((i + 1) % 500)), "+OK\r\n");
    ASSERT_EQ(run("RENAME k" + std::to_string((i + 1) % 500) + " other" + n), "+OK\r\n");
    set("k" + std::to_string((i + 1) % 500), "again");
  }
  EXPECT_EQ(h.keyspace.database(0).size(), 501U);
}

TEST_F(GenericTest, rename_of_a_key_to_itself_changes_nothing) {
  set("a", "1");
  EXPECT_EQ(run("RENAME a a"), "+OK\r\n");
  EXPECT_EQ(run("RENAMENX a a"), ":0\r\n");
  EXPECT_EQ(h.logged(), "");
  EXPECT_EQ(run("RENAME b b"), "-ERR no such key\r\n");
}

TEST_F(GenericTest, renamenx_keeps_what_is_there) {
  set("a", "1");
  set("b", "2");
  EXPECT_EQ(run("RENAMENX a b"), ":0\r\n");
  EXPECT_EQ(get("b"), "2");
  EXPECT_EQ(run("RENAMENX a c"), ":1\r\n");
  EXPECT_EQ(get("c"), "1");
}

TEST_F(GenericTest, copy_keeps_the_source_and_the_expiry) {
  const UnixMs at = h.context.now + 1000;
  set("a", "1", at);
  EXPECT_EQ(run("COPY a b"), ":1\r\n");
  EXPECT_EQ(events, Events{"0 b copy_to"});
  EXPECT_EQ(get("a"), "1");
  EXPECT_EQ(expiry("b"), at);
  EXPECT_EQ(run("COPY a b"), ":0\r\n");
  EXPECT_EQ(h.logged(), "");
  set("a", "2");
  EXPECT_EQ(run("COPY a b REPLACE"), ":1\r\n");
  EXPECT_EQ(get("b"), "2");
  EXPECT_EQ(expiry("b"), kNoExpiry);
}

TEST_F(GenericTest, copy_to_another_database) {
  set("a", "1");
  EXPECT_EQ(run("COPY a a"), "-ERR source and destination objects are the same\r\n");
  EXPECT_EQ(run("COPY a a DB 3"), ":1\r\n");
  EXPECT_EQ(events, Events{"3 a copy_to"});
  EXPECT_EQ(get("a", 3), "1");
  EXPECT_EQ(run("COPY a b DB 16"), "-ERR DB index is out of range\r\n");
  EXPECT_EQ(run("COPY a b DB"), "-ERR syntax error\r\n");
}

TEST_F(GenericTest, move_takes_the_key_unless_the_other_database_has_it) {
  set("a", "1", h.context.now + 1000);
  set("b", "1");
  set("b", "2", kNoExpiry, 2);
  EXPECT_EQ(run("MOVE a 2"), ":1\r\n");
  EXPECT_EQ(events, (Events{"0 a move_from", "2 a move_to"}));
  EXPECT_EQ(h.context.effects.dirty(), 1U);
  EXPECT_EQ(get("a"), "(nil)");
  EXPECT_EQ(get("a", 2), "1");
  EXPECT_EQ(expiry("a", 2), h.context.now + 1000);
  EXPECT_EQ(run("MOVE b 2"), ":0\r\n");
  EXPECT_EQ(run("MOVE b 0"), "-ERR source and destination objects are the same\r\n");
}

TEST_F(GenericTest, a_key_found_expired_in_another_database_is_logged_for_that_one) {
  set("a", "1");
  set("a", "old", h.context.now - 1, 2);
  EXPECT_EQ(run("MOVE a 2"), ":1\r\n");
  EXPECT_EQ(h.context.effects.encoded(),
            request({"SELECT", "2"}) + request({"DEL", "a"}) + request({"SELECT", "0"}));
  EXPECT_TRUE(h.context.effects.verbatim());
  EXPECT_EQ(get("a", 2), "1");
}

TEST_F(GenericTest, move_and_copy_stay_in_one_database_in_cluster_mode) {
  store::Keyspace slots({.databases = 2, .slots = true, .secret = {1, 2}});
  Context context{.keyspace = slots, .rng = Rng(1)};
  const auto error_of = [&](std::vector<Bytes> words) {
    const CommandSpec* spec = h.registry.find(words[0]);
    const std::vector<store::Key> keys = {slots.key(words[1]), slots.key(words[2])};
    resp::Output output;
    resp::ReplyWriter reply(output, resp::Protocol::resp2);
    Call call{.words = words,
              .keys = keys,
              .spec = *spec,
              .session = h.session,
              .db = Database(context, 0),
              .reply = reply,
              .registry = h.registry};
    return spec->run(call).error().reply_line();
  };
  EXPECT_EQ(error_of({"move", "a", "1"}), "ERR MOVE is not allowed in cluster mode");
  EXPECT_EQ(error_of({"copy", "a", "b", "DB", "1"}),
            "ERR Copying to another database is not allowed in cluster mode");
}

}  // namespace
}  // namespace banyan::generic
