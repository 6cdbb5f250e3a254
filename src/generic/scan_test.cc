#include <set>

#include "generic/generic_test_support.h"

namespace banyan::generic {

using namespace commands;

namespace {

struct ScanTest : GenericHarness {
  // The bulk strings of a reply, in order.
  static std::vector<std::string> bulks(const std::string& reply) {
    std::vector<std::string> result;
    std::size_t at = 0;
    while ((at = reply.find('$', at)) != std::string::npos) {
      const std::size_t end = reply.find("\r\n", at);
      const std::size_t size = std::stoul(reply.substr(at + 1, end - at - 1));
      result.push_back(reply.substr(end + 2, size));
      at = end + 2 + size;
    }
    return result;
  }
  std::set<std::string> scan_all(const std::string& options) {
    std::set<std::string> found;
    std::string cursor = "0";
    do {
      const auto words = bulks(run("SCAN " + cursor + options));
      cursor = words.at(0);
      found.insert(words.begin() + 1, words.end());
    } while (cursor != "0");
    return found;
  }
};

TEST_F(ScanTest, scan_finds_every_key_whatever_the_count) {
  std::set<std::string> all;
  for (int i = 0; i < 1000; ++i) {
    all.insert("key" + std::to_string(i));
    set("key" + std::to_string(i), "v");
  }
  EXPECT_EQ(scan_all(""), all);
  EXPECT_EQ(scan_all(" COUNT 1"), all);
  EXPECT_EQ(scan_all(" COUNT 9223372036854775807"), all);
  EXPECT_EQ(scan_all(" TYPE STRING"), all);
  EXPECT_TRUE(scan_all(" TYPE hash").empty());
  EXPECT_TRUE(scan_all(" TYPE nonsense").empty());
  EXPECT_EQ(scan_all(" MATCH key99? COUNT 100").size(), 10U);
}

TEST_F(ScanTest, expired_keys_do_not_show) {
  set("gone", "v", h.context.now - 1);
  set("here", "v");
  EXPECT_EQ(scan_all(""), std::set<std::string>{"here"});
  EXPECT_EQ(run("KEYS *"), "*1\r\n$4\r\nhere\r\n");
  EXPECT_EQ(run("RANDOMKEY"), "$4\r\nhere\r\n");
  h.context.expiry = ExpiryMode::ignore;
  set("gone", "v", h.context.now - 1);
  EXPECT_EQ(scan_all("").size(), 2U);
}

TEST_F(ScanTest, scan_and_randomkey_delete_expired_keys_that_they_meet) {
  set("gone", "v", h.context.now - 1);
  EXPECT_EQ(run("KEYS *"), "*0\r\n");
  EXPECT_EQ(h.keyspace.database(0).size(), 1U);
  run("SCAN 0 MATCH nobody COUNT 1000");
  EXPECT_EQ(h.keyspace.database(0).size(), 1U);
  run("SCAN 0 COUNT 1000");
  EXPECT_EQ(h.keyspace.database(0).size(), 0U);
  EXPECT_EQ(h.logged(), request({"DEL", "gone"}));
  EXPECT_EQ(events, std::vector<std::string>{"0 gone expired"});
  set("gone", "v", h.context.now - 1);
  EXPECT_EQ(run("RANDOMKEY"), "$-1\r\n");
  EXPECT_EQ(h.logged(), request({"DEL", "gone"}));
}

TEST_F(ScanTest, a_replica_deletes_nothing_while_it_scans) {
  h.context.expiry = ExpiryMode::hide;
  set("gone", "v", h.context.now - 1);
  EXPECT_TRUE(scan_all("").empty());
  EXPECT_EQ(run("RANDOMKEY"), "$-1\r\n");
  EXPECT_EQ(h.keyspace.database(0).size(), 1U);
  EXPECT_EQ(h.logged(), "");
}

TEST_F(ScanTest, the_end_of_a_key_is_logged_at_once_where_somebody_logs) {
  struct Log : EffectLog {
    explicit Log(Context& c) : context(c) {}
    void log_now(unsigned database) override {
      logged.push_back(std::to_string(database) + " " + std::string(context.effects.encoded()));
      context.effects.begin(true);
    }
    Context& context;
    std::vector<std::string> logged;
  } log(h.context);
  h.context.effect_log = &log;
  set("gone", "v", h.context.now - 1);
  run("SCAN 0 COUNT 1000");
  EXPECT_EQ(log.logged, std::vector<std::string>{"0 " + request({"DEL", "gone"})});
  EXPECT_EQ(h.logged(), "");
}

TEST_F(ScanTest, options_that_make_no_sense) {
  EXPECT_EQ(run("SCAN x"), "-ERR invalid cursor\r\n");
  EXPECT_EQ(run("SCAN 18446744073709551616"), "-ERR invalid cursor\r\n");
  EXPECT_EQ(run("SCAN 0 COUNT 0"), "-ERR syntax error\r\n");
  EXPECT_EQ(run("SCAN 0 COUNT many"), "-ERR value is not an integer or out of range\r\n");
  EXPECT_EQ(run("SCAN 0 MATCH"), "-ERR syntax error\r\n");
  EXPECT_EQ(run("SCAN 0 NOVALUES x"), "-ERR syntax error\r\n");
}

TEST_F(ScanTest, any_number_is_a_cursor_that_comes_to_an_end) {
  for (int i = 0; i < 100; ++i) set("key" + std::to_string(i), "v");
  for (const std::string start : {"18446744073709551615", "1", "123456789012345"}) {
    std::string cursor = start;
    int calls = 0;
    do {
      cursor = bulks(run("SCAN " + cursor)).at(0);
      ASSERT_LT(++calls, 1000);
    } while (cursor != "0");
  }
}

TEST_F(ScanTest, keys_matches_a_pattern) {
  for (const std::string key : {"one", "two", "three"}) set(key, "v");
  EXPECT_EQ(bulks(run("KEYS t*")).size(), 2U);
  EXPECT_EQ(run("KEYS o??"), "*1\r\n$3\r\none\r\n");
  EXPECT_EQ(run("KEYS four"), "*0\r\n");
}

TEST_F(ScanTest, randomkey_gives_every_key_now_and_then) {
  EXPECT_EQ(run("RANDOMKEY"), "$-1\r\n");
  for (int i = 0; i < 20; ++i) set("key" + std::to_string(i), "v");
  std::set<std::string> seen;
  for (int i = 0; i < 1000; ++i) seen.insert(bulks(run("RANDOMKEY")).at(0));
  EXPECT_EQ(seen.size(), 20U);
}

TEST_F(ScanTest, randomkey_finds_the_one_key_that_is_left_among_expired_ones) {
  for (int i = 0; i < 5000; ++i) set("key" + std::to_string(i), "v", h.context.now - 1);
  EXPECT_EQ(run("RANDOMKEY"), "$-1\r\n");
  set("here", "v");
  for (int i = 0; i < 20; ++i) EXPECT_EQ(run("RANDOMKEY"), "$4\r\nhere\r\n");
}

}  // namespace
}  // namespace banyan::generic
