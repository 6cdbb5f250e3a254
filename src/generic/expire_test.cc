#include "generic/generic_test_support.h"

namespace banyan::generic {

using namespace commands;

namespace {

using Events = std::vector<std::string>;

struct ExpireTest : GenericHarness {
  ExpireTest() { set("a", "1"); }
};

TEST_F(ExpireTest, every_form_sets_the_same_moment_and_logs_it_as_one) {
  const std::string at = std::to_string(h.context.now + 100'000);
  const std::string seconds = std::to_string(h.context.now / 1000 + 100);
  for (const std::string form : {"EXPIRE a 100", "PEXPIRE a 100000"}) {
    EXPECT_EQ(run(form), ":1\r\n");
    EXPECT_EQ(h.logged(), request({"PEXPIREAT", "a", at}));
    EXPECT_EQ(events, Events{"0 a expire"});
  }
  EXPECT_EQ(run("EXPIREAT a " + seconds), ":1\r\n");
  EXPECT_EQ(h.logged(), request({"PEXPIREAT", "a", at}));
  EXPECT_EQ(run("PEXPIREAT a " + at), ":1\r\n");
  EXPECT_EQ(h.logged(), "verbatim");
  EXPECT_EQ(run("PTTL a"), ":100000\r\n");
  EXPECT_EQ(run("TTL a"), ":100\r\n");
  EXPECT_EQ(run("PEXPIRETIME a"), ":" + at + "\r\n");
  EXPECT_EQ(run("EXPIRETIME a"), ":" + seconds + "\r\n");
}

TEST_F(ExpireTest, a_moment_that_is_past_deletes_and_logs_del) {
  for (const std::string line : {"EXPIRE a -1", "EXPIRE a 0", "PEXPIREAT a -1", "EXPIREAT a 1"}) {
    set("a", "1");
    EXPECT_EQ(run(line), ":1\r\n");
    EXPECT_EQ(h.logged(), request({"DEL", "a"}));
    EXPECT_EQ(events, Events{"0 a del"});
    EXPECT_EQ(get("a"), "(nil)");
  }
}

TEST_F(ExpireTest, a_replica_leaves_deleting_to_its_primary) {
  h.context.expiry = ExpiryMode::ignore;
  EXPECT_EQ(run("PEXPIREAT a -1"), ":1\r\n");
  EXPECT_EQ(get("a"), "1");
  EXPECT_TRUE(h.keyspace.database(0).expiring_count() == 1);
  h.context.expiry = ExpiryMode::hide;
  EXPECT_EQ(run("TTL a"), ":-2\r\n");
}

TEST_F(ExpireTest, conditions_look_at_the_present_expiry) {
  EXPECT_EQ(run("EXPIRE a 100 XX"), ":0\r\n");
  EXPECT_EQ(run("EXPIRE a 100 GT"), ":0\r\n");
  EXPECT_EQ(run("EXPIRE a 100 LT"), ":1\r\n");
  EXPECT_EQ(run("EXPIRE a 50 NX"), ":0\r\n");
  EXPECT_EQ(run("EXPIRE a 100 gt"), ":0\r\n");
  EXPECT_EQ(run("EXPIRE a 101 xx gt"), ":1\r\n");
  EXPECT_EQ(run("EXPIRE a 101 LT"), ":0\r\n");
  EXPECT_EQ(h.logged(), "");
  EXPECT_EQ(run("TTL a"), ":101\r\n");
}

TEST_F(ExpireTest, arguments_that_make_no_sense) {
  EXPECT_EQ(run("EXPIRE a 1 NX GT"),
            "-ERR NX and XX, GT or LT options at the same time are not compatible\r\n");
  EXPECT_EQ(run("EXPIRE a 1 GT LT"),
            "-ERR GT and LT options at the same time are not compatible\r\n");
  EXPECT_EQ(run("EXPIRE a x EH"), "-ERR Unsupported option EH\r\n");
  EXPECT_EQ(run("EXPIRE a 1.5"), "-ERR value is not an integer or out of range\r\n");
  EXPECT_EQ(run("EXPIRE a 9223372036854775807"),
            "-ERR invalid expire time in 'expire' command\r\n");
  EXPECT_EQ(run("PEXPIRE a 9223372036854775000"),
            "-ERR invalid expire time in 'pexpire' command\r\n");
  EXPECT_EQ(run("EXPIREAT nobody -9223372036854775808"),
            "-ERR invalid expire time in 'expireat' command\r\n");
  EXPECT_EQ(run("PEXPIREAT a 9223372036854775807"), ":1\r\n");
  EXPECT_EQ(run("EXPIRETIME a"), ":9223372036854776\r\n");
}

TEST_F(ExpireTest, missing_keys_and_keys_that_live_for_ever) {
  EXPECT_EQ(run("EXPIRE nobody 1"), ":0\r\n");
  EXPECT_EQ(run("TTL nobody"), ":-2\r\n");
  EXPECT_EQ(run("PEXPIRETIME nobody"), ":-2\r\n");
  EXPECT_EQ(run("TTL a"), ":-1\r\n");
  EXPECT_EQ(run("EXPIRETIME a"), ":-1\r\n");
  EXPECT_EQ(run("PERSIST a"), ":0\r\n");
  EXPECT_EQ(run("PERSIST nobody"), ":0\r\n");
}

TEST_F(ExpireTest, persist_takes_the_expiry_away) {
  run("EXPIRE a 10");
  EXPECT_EQ(run("PERSIST a"), ":1\r\n");
  EXPECT_EQ(h.logged(), "verbatim");
  EXPECT_EQ(events, Events{"0 a persist"});
  EXPECT_EQ(run("TTL a"), ":-1\r\n");
  h.advance(100'000);
  EXPECT_EQ(get("a"), "1");
}

TEST_F(ExpireTest, ttl_rounds_to_the_nearest_second) {
  run("PEXPIRE a 1499");
  EXPECT_EQ(run("TTL a"), ":1\r\n");
  run("PEXPIRE a 1500");
  EXPECT_EQ(run("TTL a"), ":2\r\n");
}

}  // namespace
}  // namespace banyan::generic
