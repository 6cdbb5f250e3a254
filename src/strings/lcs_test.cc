#include <algorithm>

#include "strings/string_testing.h"

namespace banyan::strings {
namespace {

using Lcs = StringNode;

std::string match(int a_first, int a_last, int b_first, int b_last) {
  const auto number = [](int n) { return ":" + std::to_string(n) + "\r\n"; };
  return "*2\r\n" + number(a_first) + number(a_last) + "*2\r\n" + number(b_first) + number(b_last);
}

TEST_F(Lcs, tells_the_text_the_length_or_the_ranges) {
  run("MSET a ohmytext b mynewtext");
  EXPECT_EQ(run("LCS a b"), bulk("mytext"));
  EXPECT_EQ(logged(), "");
  EXPECT_EQ(run("LCS a b LEN"), ":6\r\n");
  EXPECT_EQ(run("LCS a b IDX"), "*4\r\n" + bulk("matches") + "*2\r\n*2\r\n" + match(4, 7, 5, 8) +
                                    "*2\r\n" + match(2, 3, 0, 1) + bulk("len") + ":6\r\n");
  EXPECT_EQ(run("LCS a b minmatchlen 4 withmatchlen idx"), "*4\r\n" + bulk("matches") +
                                                               "*1\r\n*3\r\n" + match(4, 7, 5, 8) +
                                                               ":4\r\n" + bulk("len") + ":6\r\n");
  EXPECT_EQ(run("LCS a b IDX MINMATCHLEN 5"),
            "*4\r\n" + bulk("matches") + "*0\r\n" + bulk("len") + ":6\r\n");
  EXPECT_EQ(run("LCS a b IDX MINMATCHLEN -5"), run("LCS a b IDX"));
}

TEST_F(Lcs, the_ranges_are_a_map_in_resp3) {
  run("MSET a xa b ya");
  node.session.protocol = resp::Protocol::resp3;
  EXPECT_EQ(run("LCS a b IDX"), "%2\r\n" + bulk("matches") + "*1\r\n*2\r\n" + match(1, 1, 1, 1) +
                                    bulk("len") + ":1\r\n");
}

TEST_F(Lcs, missing_keys_are_empty_and_integers_are_their_text) {
  EXPECT_EQ(run("LCS a b"), bulk(""));
  EXPECT_EQ(run("LCS a b LEN"), ":0\r\n");
  run("MSET a 1234 b 91294");
  EXPECT_EQ(run("LCS a b"), bulk("124"));
  EXPECT_EQ(run("LCS a a"), bulk("1234"));
}

TEST_F(Lcs, a_second_key_found_expired_leaves_the_first_intact) {
  run("SET a 1234");
  run("SET b 1234 PX 1");
  node.advance(2);
  EXPECT_EQ(run("LCS a b"), bulk(""));
  EXPECT_EQ(logged(), request("DEL b"));
  EXPECT_EQ(run("LCS b a LEN"), ":0\r\n");
}

TEST_F(Lcs, refuses_options_that_do_not_fit) {
  EXPECT_EQ(run("LCS a b LEN IDX"),
            "-ERR If you want both the length and indexes, please just use IDX.\r\n");
  EXPECT_EQ(run("LCS a b MINMATCHLEN"), "-ERR syntax error\r\n");
  EXPECT_EQ(run("LCS a b nonsense"), "-ERR syntax error\r\n");
  EXPECT_EQ(run("LCS a b MINMATCHLEN x"), "-ERR value is not an integer or out of range\r\n");
}

TEST_F(Lcs, refuses_a_table_beyond_the_memory_limit) {
  run("MSET a aaa b aaaa");
  node.string_bytes_max = 4 * 5 * 4;
  EXPECT_EQ(run("LCS a b LEN"), ":3\r\n");
  --node.string_bytes_max;
  EXPECT_EQ(run("LCS a b LEN"),
            "-ERR Insufficient memory, transient memory for LCS exceeds proto-max-bulk-len\r\n");
}

bool is_subsequence(Bytes part, Bytes whole) {
  std::size_t at = 0;
  for (const char c : whole)
    if (at < part.size() && part[at] == c) ++at;
  return at == part.size();
}

TEST_F(Lcs, finds_nothing_longer_than_it_says_and_nothing_that_is_not_there) {
  Rng rng(7);
  for (int round = 0; round < 200; ++round) {
    std::string a;
    std::string b;
    for (std::uint64_t n = rng.below(9); n > 0; --n) a += static_cast<char>('a' + rng.below(3));
    for (std::uint64_t n = rng.below(40); n > 0; --n) b += static_cast<char>('a' + rng.below(3));
    const Bytes words[] = {"MSET", "a", a, "b", b};
    node.run(words);
    std::size_t best = 0;
    for (unsigned subset = 0; subset < (1U << a.size()); ++subset) {
      std::string part;
      for (std::size_t i = 0; i < a.size(); ++i)
        if ((subset >> i & 1U) != 0) part += a[i];
      if (is_subsequence(part, b)) best = std::max(best, part.size());
    }
    ASSERT_EQ(run("LCS a b LEN"), ":" + std::to_string(best) + "\r\n") << a << " " << b;
    const std::string reply = run("LCS a b");
    const std::string text = reply.substr(reply.find('\n') + 1, best);
    ASSERT_EQ(reply, bulk(text));
    ASSERT_TRUE(is_subsequence(text, a) && is_subsequence(text, b)) << a << " " << b;
  }
}

}  // namespace
}  // namespace banyan::strings
