// What the bitmap commands log and count; their replies are in tests/commands.
#include <array>

#include "strings/string_testing.h"

namespace banyan::strings {

using namespace commands;

namespace {

struct Bitmap : testing::Test {
  std::array<Family, 2> families = {bitmap_commands(), string_commands()};
  Harness node{families};

  std::string run(const std::string& line) { return node.run(line); }
  std::uint64_t changes() const { return node.context.effects.dirty(); }
};

TEST_F(Bitmap, setbit_is_logged_only_if_it_changed_something) {
  run("SETBIT k 7 0");
  EXPECT_EQ(node.logged(), "verbatim");
  run("SETBIT k 7 0");
  EXPECT_EQ(node.logged(), "");
  run("SETBIT k 8 0");
  EXPECT_EQ(node.logged(), "verbatim");
  run("SETBIT k 8 1");
  EXPECT_EQ(node.logged(), "verbatim");
}

TEST_F(Bitmap, bitfield_counts_each_number_that_changed) {
  run("BITFIELD k SET u8 0 1 SET u8 8 0 INCRBY u8 16 2 GET u8 0");
  EXPECT_EQ(changes(), 2U);
  run("BITFIELD k SET u8 0 1 SET u8 8 0");
  EXPECT_EQ(node.logged(), "");
  run("BITFIELD k GET u8 0");
  EXPECT_EQ(node.logged(), "");
}

TEST_F(Bitmap, bitfield_logs_that_a_string_grew_for_what_was_refused) {
  run("BITFIELD k OVERFLOW FAIL SET u1 30 2");
  EXPECT_EQ(run("STRLEN k"), ":4\r\n");
  run("BITFIELD k OVERFLOW FAIL SET u1 90 2");
  EXPECT_EQ(node.logged(), "verbatim");
  run("BITFIELD k OVERFLOW FAIL SET u1 90 2");
  EXPECT_EQ(node.logged(), "");
}

TEST_F(Bitmap, offsets_obey_the_limit_but_for_the_primary) {
  node.string_bytes_max = 2;
  EXPECT_EQ(run("SETBIT k 15 1"), ":0\r\n");
  EXPECT_EQ(run("SETBIT k 16 1")[0], '-');
  EXPECT_EQ(run("BITFIELD k SET u8 #2 1")[0], '-');
  node.session.kind = SessionKind::primary;
  EXPECT_EQ(run("SETBIT k 16 1"), ":0\r\n");
}

TEST_F(Bitmap, bitop_logs_nothing_where_nothing_is_deleted) {
  run("BITOP OR out missing");
  EXPECT_EQ(node.logged(), "");
  run("SET out v");
  run("BITOP OR out missing");
  EXPECT_EQ(node.logged(), "verbatim");
}

}  // namespace
}  // namespace banyan::strings
