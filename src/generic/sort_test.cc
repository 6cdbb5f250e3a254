#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <map>

#include "commands/harness.h"
#include "generic/families.h"
#include "generic/sort_elements.h"

namespace banyan::generic {

using namespace commands;

namespace {

using Texts = std::vector<std::string>;

struct SortTest : testing::Test {
  std::string run(const std::string& line) { return h.run(line); }
  // The bulks of a flat reply, a null as "(nil)".
  static Texts texts(const std::string& reply) {
    Texts all;
    for (std::size_t at = reply.find('\n') + 1; at < reply.size();) {
      const std::size_t line = reply.find("\r\n", at);
      const int size = std::stoi(reply.substr(at + 1, line - at - 1));
      all.push_back(size < 0 ? "(nil)" : reply.substr(line + 2, static_cast<std::size_t>(size)));
      at = line + 2 + (size < 0 ? 0 : static_cast<std::size_t>(size) + 2);
    }
    return all;
  }
  Texts sorted(const std::string& words) { return texts(run("SORT " + words)); }

  Harness h{data_families()};
};

TEST_F(SortTest, numbers_are_compared_as_numbers_and_ties_by_their_text) {
  run("RPUSH l 10 9 -1 1.5 1e1 0x10 inf -inf");
  EXPECT_EQ(sorted("l"), (Texts{"-inf", "-1", "1.5", "9", "10", "1e1", "0x10", "inf"}));
  EXPECT_EQ(sorted("l DESC"), (Texts{"inf", "0x10", "1e1", "10", "9", "1.5", "-1", "-inf"}));
  for (const char* bad : {"x", "nan", "1x", "1e999"}) {
    run("DEL l");
    run("RPUSH l 1 " + std::string(bad));
    EXPECT_EQ(run("SORT l"), "-ERR One or more scores can't be converted into double\r\n") << bad;
  }
  run("DEL l");
  run("RPUSH l 1 '' -1");
  EXPECT_EQ(sorted("l"), (Texts{"-1", "", "1"}));
}

TEST_F(SortTest, any_part_of_an_order_is_the_same_as_in_the_whole) {
  Rng rng(9);
  for (const bool alpha : {false, true}) {
    run("DEL l");
    for (int i = 0; i < 400; ++i) run("RPUSH l " + std::to_string(rng.below(300)));
    const std::string how = alpha ? " ALPHA" : "";
    for (const char* direction : {" ASC", " DESC"}) {
      const Texts whole = sorted("l" + how + direction);
      ASSERT_EQ(whole.size(), 400U);
      for (int round = 0; round < 40; ++round) {
        const std::size_t first = rng.below(440);
        const std::size_t count = rng.below(440);
        Texts expected;
        for (std::size_t i = first; i < std::min(first + count, whole.size()); ++i)
          expected.push_back(whole[i]);
        EXPECT_EQ(sorted("l" + how + direction + " LIMIT " + std::to_string(first) + " " +
                         std::to_string(count)),
                  expected);
      }
    }
  }
}

// Long lists are sorted in another way than short ones.
TEST_F(SortTest, long_lists_of_any_numbers_come_in_order) {
  Rng rng(17);
  std::vector<std::pair<double, std::string>> expected;
  for (int i = 0; i < 3000; ++i) {
    std::string text = std::to_string(rng.between(-1000, 1000));
    if (rng.chance(0.2)) text += ".5";
    if (rng.chance(0.1)) text = std::to_string(static_cast<std::int64_t>(rng.next()));
    if (rng.chance(0.01)) text = rng.chance(0.5) ? "-0" : "0";
    if (rng.chance(0.01)) text = rng.chance(0.5) ? "inf" : "-inf";
    expected.emplace_back(*sort_number(text), text);
    run("RPUSH l " + text);
  }
  std::ranges::sort(expected);
  Texts upwards;
  for (const auto& [number, text] : expected) upwards.push_back(text);
  EXPECT_EQ(sorted("l"), upwards);
  std::ranges::reverse(upwards);
  EXPECT_EQ(sorted("l DESC"), upwards);
}

TEST_F(SortTest, extreme_limits_select_what_there_is) {
  run("RPUSH l 3 1 2");
  EXPECT_EQ(sorted("l LIMIT -5 2"), (Texts{"1", "2"}));
  EXPECT_EQ(sorted("l LIMIT 1 -1"), (Texts{"2", "3"}));
  EXPECT_EQ(sorted("l LIMIT 3 10"), Texts{});
  EXPECT_EQ(sorted("l LIMIT 9223372036854775807 9223372036854775807"), Texts{});
  EXPECT_EQ(sorted("l LIMIT -9223372036854775808 9223372036854775807"), (Texts{"1", "2", "3"}));
  EXPECT_EQ(sorted("l LIMIT 0 -9223372036854775808"), (Texts{"1", "2", "3"}));
}

TEST_F(SortTest, weights_and_answers_come_from_keys_and_fields) {
  run("RPUSH l a b c");
  run("MSET w_a 3 w_b 1 w_c 2 t_a x t_b z");
  run("HSET h_a f 1 g one");
  run("HSET h_b f 3");
  run("HSET h_c f 2");
  EXPECT_EQ(sorted("l BY w_*"), (Texts{"b", "c", "a"}));
  EXPECT_EQ(sorted("l BY h_*->f DESC"), (Texts{"b", "c", "a"}));
  EXPECT_EQ(sorted("l BY w_* GET # GET t_* GET h_*->g"),
            (Texts{"b", "z", "(nil)", "c", "(nil)", "(nil)", "a", "x", "one"}));
  EXPECT_EQ(sorted("l BY t_* ALPHA"), (Texts{"c", "a", "b"}));
  EXPECT_EQ(sorted("l BY nothing_*"), (Texts{"a", "b", "c"}));
  EXPECT_EQ(
      sorted("l BY w_* GET plain GET l GET h_*->"),
      (Texts{"(nil)", "(nil)", "(nil)", "(nil)", "(nil)", "(nil)", "(nil)", "(nil)", "(nil)"}));
}

TEST_F(SortTest, a_constant_pattern_keeps_the_order) {
  run("RPUSH l 3 1 2");
  EXPECT_EQ(sorted("l BY nosort"), (Texts{"3", "1", "2"}));
  EXPECT_EQ(sorted("l BY nosort DESC"), (Texts{"2", "1", "3"}));
  EXPECT_EQ(sorted("l BY nosort DESC LIMIT 1 1"), Texts{"1"});
  run("SADD s c a b");
  EXPECT_EQ(run("SORT s BY nosort STORE to"), ":3\r\n");
  EXPECT_EQ(sorted("to BY nosort"), (Texts{"a", "b", "c"}));
}

TEST_F(SortTest, store_makes_a_list_and_no_element_none) {
  run("SADD s 3 1 2");
  run("SET to x EX 100");
  EXPECT_EQ(run("SORT s DESC STORE other STORE to"), ":3\r\n");
  EXPECT_EQ(h.logged(), "verbatim");
  EXPECT_EQ(h.context.effects.dirty(), 3U);
  EXPECT_EQ(sorted("to BY nosort"), (Texts{"3", "2", "1"}));
  EXPECT_EQ(run("TTL to"), ":-1\r\n");
  EXPECT_EQ(run("LLEN other"), ":0\r\n");
  EXPECT_EQ(run("SORT nobody STORE to"), ":0\r\n");
  EXPECT_EQ(run("LLEN to"), ":0\r\n");
}

TEST_F(SortTest, keys_named_by_patterns_need_all_locks) {
  const CommandSpec* spec = h.registry.find("sort");
  const auto needs = [&](std::vector<Bytes> words) { return spec->reads_any_key(words); };
  EXPECT_FALSE(needs({"SORT", "k"}));
  EXPECT_FALSE(needs({"SORT", "k", "BY", "nosort", "GET", "#", "LIMIT", "0", "1"}));
  EXPECT_TRUE(needs({"SORT", "k", "by", "w_*"}));
  EXPECT_TRUE(needs({"SORT", "k", "LIMIT", "0", "1", "GET", "*->f"}));
}

}  // namespace
}  // namespace banyan::generic
