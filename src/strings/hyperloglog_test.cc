// What the HyperLogLog commands log and count; their replies are in tests/commands.
#include <array>

#include "strings/string_testing.h"

namespace banyan::strings {

using namespace commands;

namespace {

struct HyperLogLogCommands : testing::Test {
  std::array<Family, 2> families = {hyperloglog_commands(), string_commands()};
  Harness node{families};

  std::string run(const std::string& line) { return node.run(line); }
  std::uint64_t changes() const { return node.context.effects.dirty(); }
};

TEST_F(HyperLogLogCommands, pfadd_counts_the_key_and_each_element_that_raised_a_register) {
  run("PFADD h a b a");
  EXPECT_EQ(changes(), 3U);
  run("PFADD h a b");
  EXPECT_EQ(node.logged(), "");
  run("PFDEBUG TODENSE h");
  EXPECT_EQ(node.logged(), "verbatim");
  run("PFADD h a b");
  EXPECT_EQ(node.logged(), "");
  run("PFADD h c d");
  EXPECT_EQ(changes(), 2U);
}

TEST_F(HyperLogLogCommands, pfcount_is_logged_when_it_keeps_the_estimate) {
  run("PFADD h a");
  EXPECT_EQ(run("PFCOUNT h"), ":1\r\n");
  EXPECT_EQ(node.logged(), "verbatim");
  EXPECT_EQ(run("PFCOUNT h"), ":1\r\n");
  EXPECT_EQ(node.logged(), "");
  EXPECT_EQ(run("PFCOUNT h h"), ":1\r\n");
  EXPECT_EQ(node.logged(), "");
}

TEST_F(HyperLogLogCommands, a_corrupt_one_is_left_as_it_is) {
  const std::string text = std::string("HYLL\x01") + std::string(11, '\0') + "\x40\x01";
  const Bytes set[] = {"SET", "h", text};
  node.run(set);
  for (const char* line : {"PFADD h a", "PFADD h a b c d e f", "PFMERGE h", "PFDEBUG TODENSE h"}) {
    run(line);
    EXPECT_EQ(node.logged(), "") << line;
  }
  EXPECT_EQ(run("GET h"), StringNode::bulk(text));
}

TEST_F(HyperLogLogCommands, the_sparse_limit_decides_when_it_becomes_dense) {
  node.context.limits.hll_sparse_bytes = 25;
  run("PFADD h a b");
  EXPECT_EQ(run("PFDEBUG ENCODING h"), "+sparse\r\n");
  run("PFADD h c d e");
  EXPECT_EQ(run("PFDEBUG ENCODING h"), "+dense\r\n");
  EXPECT_EQ(run("PFCOUNT h"), ":5\r\n");
}

TEST_F(HyperLogLogCommands, merging_gives_the_bytes_that_adding_gives) {
  for (const int count : {3, 300, 3000}) {
    const std::string suffix = std::to_string(count);
    for (int i = 0; i < count; ++i) {
      run("PFADD all" + suffix + " " + std::to_string(i));
      run("PFADD " + std::string(i % 3 == 0 ? "a" : "b") + suffix + " " + std::to_string(i));
    }
    run("PFMERGE merged" + suffix + " a" + suffix + " b" + suffix);
    EXPECT_EQ(run("PFCOUNT merged" + suffix), run("PFCOUNT all" + suffix));
    EXPECT_EQ(run("PFCOUNT a" + suffix + " b" + suffix), run("PFCOUNT all" + suffix));
    EXPECT_EQ(run("PFDEBUG GETREG merged" + suffix), run("PFDEBUG GETREG all" + suffix));
  }
}

TEST_F(HyperLogLogCommands, the_self_test_finds_nothing) {
  EXPECT_EQ(run("PFSELFTEST"), "+OK\r\n");
}

}  // namespace
}  // namespace banyan::strings
