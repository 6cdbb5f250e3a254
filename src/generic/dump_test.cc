#include "generic/generic_test_support.h"

#include "generic/dump_codec.h"

namespace banyan::generic {

using namespace commands;

namespace {

struct DumpTest : GenericHarness {
  std::string dump(Bytes key) {
    Database db(h.context, 0);
    return dump_value(*db.peek(db.key(key)));
  }
  std::string restore(std::vector<Bytes> words) {
    words.insert(words.begin(), "RESTORE");
    events.clear();
    return h.run(words);
  }
};

TEST_F(DumpTest, a_value_comes_back_as_it_was) {
  const std::string bytes("\0\xff\r\nbinary", 10);
  for (const std::string& value :
       {std::string("12"), std::string("-9223372036854775808"), std::string("hello"), std::string(),
        bytes, std::string(100'000, 'x')}) {
    set("a", value);
    const std::string encoding = run("OBJECT ENCODING a");
    EXPECT_EQ(restore({"b", "0", dump("a"), "REPLACE"}), "+OK\r\n");
    EXPECT_EQ(get("b"), value);
    EXPECT_EQ(run("OBJECT ENCODING b"), encoding);
  }
}

TEST_F(DumpTest, dump_is_the_payload_as_a_bulk_string) {
  set("a", "12");
  const std::string payload = dump("a");
  EXPECT_EQ(run("DUMP a"), "$" + std::to_string(payload.size()) + "\r\n" + payload + "\r\n");
  EXPECT_EQ(run("DUMP nobody"), "$-1\r\n");
}

// As "DUMP" of a Redis 7.0 answers for the string "10".
TEST_F(DumpTest, a_payload_of_redis_is_understood) {
  set("a", "10");
  EXPECT_EQ(dump("a").substr(0, 5), Bytes("\x00\xc0\x0a\x0a\x00", 5));
}

TEST_F(DumpTest, a_time_to_live_is_logged_as_a_moment) {
  set("a", "1");
  const std::string payload = dump("a");
  const std::string at = std::to_string(h.context.now + 500);
  EXPECT_EQ(restore({"b", "500", payload}), "+OK\r\n");
  EXPECT_EQ(events, std::vector<std::string>{"0 b restore"});
  EXPECT_EQ(h.logged(), request({"RESTORE", "b", at, payload, "ABSTTL"}));
  EXPECT_EQ(expiry("b"), h.context.now + 500);
  EXPECT_EQ(restore({"b", at, payload, "ABSTTL", "REPLACE"}), "+OK\r\n");
  EXPECT_EQ(h.logged(), "verbatim");
  EXPECT_EQ(restore({"c", "9223372036854775807", payload}), "+OK\r\n");
  EXPECT_EQ(expiry("c"), std::numeric_limits<UnixMs>::max());
}

TEST_F(DumpTest, a_moment_that_is_past_restores_nothing) {
  set("a", "1");
  const std::string payload = dump("a");
  EXPECT_EQ(restore({"b", "1", payload, "ABSTTL"}), "+OK\r\n");
  EXPECT_EQ(h.logged(), "");
  EXPECT_EQ(get("b"), "(nil)");
  EXPECT_EQ(restore({"a", "1", payload, "ABSTTL", "REPLACE"}), "+OK\r\n");
  EXPECT_EQ(h.logged(), request({"DEL", "a"}));
  EXPECT_EQ(get("a"), "(nil)");
}

TEST_F(DumpTest, errors_come_in_the_order_of_redis) {
  set("a", "1");
  std::string payload = dump("a");
  EXPECT_EQ(restore({"a", "-1", "junk"}), "-BUSYKEY Target key name already exists.\r\n");
  EXPECT_EQ(restore({"b", "-1", "junk"}), "-ERR Invalid TTL value, must be >= 0\r\n");
  EXPECT_EQ(restore({"b", "soon", "junk"}), "-ERR value is not an integer or out of range\r\n");
  EXPECT_EQ(restore({"b", "0", "junk"}), "-ERR DUMP payload version or checksum are wrong\r\n");
  EXPECT_EQ(restore({"b", "0", payload, "IDLETIME", "-1"}),
            "-ERR Invalid IDLETIME value, must be >= 0\r\n");
  EXPECT_EQ(restore({"b", "0", payload, "FREQ", "256"}),
            "-ERR Invalid FREQ value, must be >= 0 and <= 255\r\n");
  EXPECT_EQ(restore({"b", "0", payload, "FREQ", "1", "IDLETIME", "1"}), "-ERR syntax error\r\n");
  EXPECT_EQ(restore({"b", "0", payload, "IDLETIME"}), "-ERR syntax error\r\n");
  payload[1] ^= 1;
  EXPECT_EQ(restore({"a", "0", payload, "REPLACE"}),
            "-ERR DUMP payload version or checksum are wrong\r\n");
  EXPECT_EQ(get("a"), "1");
}

TEST_F(DumpTest, a_payload_with_a_right_checksum_and_a_wrong_inside_is_refused) {
  for (const Bytes inside : {Bytes("\x05"
                                   "abc"),
                             Bytes("\x01"
                                   "ab"),
                             Bytes("")}) {
    std::string payload;
    persist::begin_dump(payload, persist::RdbType::string);
    payload += inside;
    persist::end_dump(payload);
    EXPECT_EQ(restore({"b", "0", payload}), "-ERR Bad data format\r\n");
  }
}

TEST_F(DumpTest, the_access_clock_can_be_restored) {
  set("a", "1");
  const std::string payload = dump("a");
  restore({"b", "0", payload, "IDLETIME", "100"});
  EXPECT_EQ(run("OBJECT IDLETIME b"), ":100\r\n");
  restore({"b", "0", payload, "REPLACE", "IDLETIME", "9223372036854775807"});
  EXPECT_EQ(run("OBJECT IDLETIME b"), ":8388607\r\n");
  h.context.lfu = true;
  restore({"c", "0", payload, "FREQ", "200"});
  EXPECT_EQ(run("OBJECT FREQ c"), ":200\r\n");
}

}  // namespace
}  // namespace banyan::generic
