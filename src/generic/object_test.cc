#include "generic/generic_test_support.h"

namespace banyan::generic {
namespace {

struct ObjectTest : GenericHarness {};

TEST_F(ObjectTest, encodings_of_strings) {
  set("number", "12");
  set("short", "hello");
  set("longer", std::string(45, 'x'));
  set("long", std::string(5000, 'x'));
  EXPECT_EQ(run("OBJECT ENCODING number"), "$3\r\nint\r\n");
  EXPECT_EQ(run("OBJECT ENCODING short"), "$6\r\nembstr\r\n");
  EXPECT_EQ(run("OBJECT ENCODING longer"), "$3\r\nraw\r\n");
  EXPECT_EQ(run("OBJECT ENCODING long"), "$3\r\nraw\r\n");
}

TEST_F(ObjectTest, a_missing_key_is_null_everywhere) {
  for (const std::string sub : {"ENCODING", "FREQ", "IDLETIME", "REFCOUNT"})
    EXPECT_EQ(run("OBJECT " + sub + " nobody"), "$-1\r\n");
}

TEST_F(ObjectTest, idle_time_counts_seconds_since_the_last_use) {
  set("a", "1");
  h.advance(70'000);
  EXPECT_EQ(run("OBJECT IDLETIME a"), ":70\r\n");
  EXPECT_EQ(run("OBJECT REFCOUNT a"), ":1\r\n");
  EXPECT_TRUE(run("OBJECT FREQ a").starts_with("-ERR An LFU maxmemory policy is not selected"));
}

TEST_F(ObjectTest, frequency_decays_under_an_lfu_policy) {
  h.context.lfu = true;
  set("a", "1");
  EXPECT_EQ(run("OBJECT FREQ a"), ":5\r\n");
  h.advance(3 * 60'000);
  EXPECT_EQ(run("OBJECT FREQ a"), ":2\r\n");
  EXPECT_TRUE(run("OBJECT IDLETIME a").starts_with("-ERR An LFU maxmemory policy is selected"));
}

TEST_F(ObjectTest, help_has_a_head_and_a_tail) {
  const std::string help = run("OBJECT HELP");
  EXPECT_TRUE(help.starts_with("*12\r\n+OBJECT <subcommand> [<arg> [value] [opt] ...]. "));
  EXPECT_TRUE(help.ends_with("+HELP\r\n+    Print this help.\r\n"));
}

}  // namespace
}  // namespace banyan::generic
