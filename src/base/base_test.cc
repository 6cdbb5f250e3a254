#include <gtest/gtest.h>

#include <limits>

#include <cmath>
#include <limits>

#include "base/crc.h"
#include "base/glob.h"
#include "base/number.h"
#include "base/result.h"
#include "base/rng.h"
#include "base/size.h"

namespace banyan {
namespace {

TEST(CrcTest, known_check_values) {
  EXPECT_EQ(crc64(0, "123456789"), 0xe9c6d914c4b8d9caULL);
  EXPECT_EQ(crc16("123456789"), 0x31c3);
}

TEST(CrcTest, pieces_give_the_same_sum_as_the_whole) {
  const std::string text = "the quick brown fox jumps over the lazy dog, twice over";
  for (std::size_t cut = 0; cut <= text.size(); ++cut)
    EXPECT_EQ(crc64(crc64(0, text.substr(0, cut)), text.substr(cut)), crc64(0, text));
}

TEST(CrcTest, long_texts_have_the_sum_that_their_bytes_have_one_by_one) {
  Rng rng(1);
  std::string text;
  std::uint64_t one_by_one = 0x1234;
  for (std::size_t size = 0; size <= 1500; ++size) {
    EXPECT_EQ(crc64(0x1234, text), one_by_one) << size;
    text += static_cast<char>(rng.below(256));
    one_by_one = crc64(one_by_one, Bytes(text).substr(size));
  }
}

TEST(NumberTest, only_canonical_integers_parse) {
  EXPECT_EQ(parse_int("-9223372036854775808"), INT64_MIN);
  EXPECT_EQ(parse_int("9223372036854775807"), INT64_MAX);
  for (const char* bad : {"", "-", "+1", "01", "-0", " 1", "1 ", "9223372036854775808",
                          "-9223372036854775809", "1e3", "99999999999999999999999"})
    EXPECT_FALSE(parse_int(bad).has_value()) << bad;
}

TEST(NumberTest, integers_of_every_length_are_written_as_the_library_writes_them) {
  const auto expect_same = [](std::int64_t value) {
    char text[20];
    EXPECT_EQ(Bytes(text, write_int(text, value)), std::to_string(value));
  };
  std::uint64_t power = 1;
  for (int digits = 0; digits < 19; ++digits, power *= 10) {
    const auto value = static_cast<std::int64_t>(power);
    for (const std::int64_t delta : {-2, -1, 0, 1, 2}) {
      expect_same(value + delta);
      expect_same(-value + delta);
    }
  }
  for (int bit = 0; bit < 64; ++bit)
    for (const std::uint64_t delta : {0, 1})
      expect_same(std::bit_cast<std::int64_t>((1ULL << bit) - delta));
  Rng rng(1);
  for (int i = 0; i < 100'000; ++i)
    expect_same(static_cast<std::int64_t>(rng.next()) >> rng.below(64));
}

TEST(BytesTest, same_bytes_sees_a_difference_at_every_place_of_every_length) {
  for (std::size_t size = 0; size <= 70; ++size) {
    const std::string text(size, 'a');
    EXPECT_TRUE(same_bytes(text, std::string(text)));
    EXPECT_FALSE(same_bytes(text, text + "a"));
    for (std::size_t at = 0; at < size; ++at) {
      std::string other = text;
      other[at] = 'b';
      EXPECT_FALSE(same_bytes(text, other)) << size << " " << at;
    }
  }
}

TEST(NumberTest, doubles_refuse_space_and_nan) {
  EXPECT_EQ(parse_double("1.5e3"), 1500.0);
  EXPECT_EQ(parse_double("-inf"), -INFINITY);
  for (const char* bad : {"", " 1", "1 ", "nan", "1x", "1e999"})
    EXPECT_FALSE(parse_double(bad)) << bad;
}

TEST(NumberTest, memory_units) {
  EXPECT_EQ(parse_memory("1gb"), 1073741824);
  EXPECT_EQ(parse_memory("64k"), 64000);
  EXPECT_FALSE(parse_memory("12q"));
  EXPECT_FALSE(parse_memory("9999999999gb"));
}

TEST(NumberTest, long_doubles_print_without_exponent_or_tail) {
  EXPECT_EQ(format_long_double(10.6L), "10.6");
  EXPECT_EQ(format_long_double(5000.0L), "5000");
  EXPECT_EQ(format_long_double(-0.0L), "0");
}

TEST(NumberTest, the_longest_long_double_reads_back) {
  const long double longest = -std::numeric_limits<long double>::max();
  EXPECT_EQ(parse_long_double(format_long_double(longest)), longest);
  EXPECT_FALSE(parse_long_double(std::string(5120, '1')));
}

TEST(GlobTest, matches_as_redis_does) {
  EXPECT_TRUE(glob_match("h?llo*", "hello world"));
  EXPECT_TRUE(glob_match("h[^e]llo", "hallo"));
  EXPECT_FALSE(glob_match("h[^e]llo", "hello"));
  EXPECT_TRUE(glob_match("h[a-c]llo", "hbllo"));
  EXPECT_TRUE(glob_match("\\*", "*"));
  EXPECT_FALSE(glob_match("\\*", "x"));
  EXPECT_TRUE(glob_match("ABC", "abc", true));
  EXPECT_TRUE(glob_match("a*c*", "abcd"));
  EXPECT_TRUE(glob_match("*", ""));
}

TEST(GlobTest, many_stars_take_no_exponential_time) {  // CVE-2022-36021, CVE-2024-31228
  std::string pattern;
  for (int i = 0; i < 20000; ++i) pattern += "a*";
  EXPECT_FALSE(glob_match(pattern + "b", std::string(10000, 'a')));
}

TEST(SizeTest, ranges_clamp_without_overflow) {
  EXPECT_EQ(clamp_range(0, -1, 5).count, 5U);
  EXPECT_EQ(clamp_range(-2, -1, 5).first, 3U);
  EXPECT_EQ(clamp_range(INT64_MIN, INT64_MAX, 5).count, 5U);
  EXPECT_EQ(clamp_range(3, 1, 5).count, 0U);
  EXPECT_EQ(clamp_range(0, INT64_MIN, 5).count, 0U);
  EXPECT_FALSE(checked_multiply(SIZE_MAX, 2).has_value());
}

TEST(ResultTest, reply_lines_never_carry_line_breaks) {
  EXPECT_EQ(Error(Errc::err, "a\r\nb").reply_line(), "ERR a  b");
  EXPECT_EQ(Error(Errc::syntax).reply_line(), "ERR syntax error");
  EXPECT_EQ(Error(Errc::io, "no space").in("write x").text(), "write x: no space");
}

TEST(Number, prints_doubles_as_redis_7_2_does) {
  const std::pair<double, std::string> cases[] = {
      {0, "0"},
      {-0.0, "-0"},
      {1.5, "1.5"},
      {0.1, "0.1"},
      {-3, "-3"},
      {1e17, "100000000000000000"},
      {4e18, "4000000000000000000"},
      {1e20, "1e+20"},
      {1.25e21, "1.25e+21"},
      {1e-5, "0.00001"},
      {1.5e-7, "1.5e-7"},
      {1e-6, "0.000001"},
      {1e-7, "1e-7"},
      {123456.789, "123456.789"},
      {0.0001234567, "1.234567e-4"},
      {0.001234567, "0.001234567"},
      {1e300, "1e+300"},
      {-2.5e-105, "-2.5e-105"},
      {std::numeric_limits<double>::infinity(), "inf"},
      {-std::numeric_limits<double>::infinity(), "-inf"},
  };
  for (const auto& [value, text] : cases) EXPECT_EQ(format_double(value), text);
  char text[kDoubleTextMax];
  EXPECT_EQ(std::string(text, write_shortest_double(text, 1e17)), "1e+17");
  EXPECT_EQ(std::string(text, write_shortest_double(text, 1e7)), "10000000");
}

}  // namespace
}  // namespace banyan
