#include "resp/request_parser.h"

#include <gtest/gtest.h>

#include "resp/request_writer.h"

namespace banyan::resp {
namespace {

using Outcome = RequestParser::Outcome;
using Words = std::vector<std::string>;

// What a stream of bytes parses to: its commands, and the error that ended it, if one did.
struct Parsed {
  std::vector<Words> commands;
  std::string error;
  std::size_t unread = 0;
  bool operator==(const Parsed&) const = default;
};

// Gives the parser `bytes` in the pieces that end at `cuts`, each time from a fresh copy, as a
// connection does whose buffer moved.
Parsed parse_in_pieces(Bytes bytes, const std::vector<std::size_t>& cuts, const Limits& limits) {
  Parsed parsed;
  RequestParser parser;
  std::vector<Bytes> words;
  std::string unread;
  std::size_t fed = 0;
  for (const std::size_t cut : cuts) {
    std::string moved = unread;
    moved += bytes.substr(fed, cut - fed);
    fed = cut;
    unread = std::move(moved);
    while (!unread.empty()) {
      words.assign({"kept"});
      const Outcome outcome = parser.parse(unread, limits, words);
      EXPECT_EQ(words.front(), "kept");
      EXPECT_TRUE(outcome == Outcome::command || words.size() == 1);
      if (outcome == Outcome::need_more) {
        EXPECT_GT(parser.wanted(), unread.size());
        break;
      }
      if (outcome == Outcome::protocol_error) {
        parsed.error = parser.error();
        return parsed;
      }
      parsed.commands.emplace_back(words.begin() + 1, words.end());
      unread.erase(0, parser.consumed());
    }
  }
  parsed.unread = unread.size();
  return parsed;
}

Parsed parse(Bytes bytes, const Limits& limits = {}) {
  return parse_in_pieces(bytes, {bytes.size()}, limits);
}

std::string error_of(Bytes bytes, const Limits& limits = {}) { return parse(bytes, limits).error; }

void expect_same_for_every_cut(Bytes bytes, const Limits& limits = {}) {
  SCOPED_TRACE(bytes.substr(0, 100));
  const Parsed whole = parse(bytes, limits);
  std::vector<std::size_t> every_byte;
  for (std::size_t cut = 1; cut <= bytes.size(); ++cut) {
    every_byte.push_back(cut);
    EXPECT_EQ(parse_in_pieces(bytes, {cut, bytes.size()}, limits), whole) << "cut at " << cut;
  }
  EXPECT_EQ(parse_in_pieces(bytes, every_byte, limits), whole) << "byte by byte";
}

std::string repeat(Bytes text, std::size_t times) {
  std::string all;
  for (std::size_t i = 0; i < times; ++i) all += text;
  return all;
}

TEST(RequestParserTest, a_multibulk_command_becomes_views_into_the_input) {
  const std::string input("*3\r\n$3\r\nSET\r\n$1\r\nk\r\n$5\r\na\0\r\nb\r\n*1", 33);
  RequestParser parser;
  std::vector<Bytes> words;
  ASSERT_EQ(parser.parse(input, {}, words), Outcome::command);
  EXPECT_EQ(words, (std::vector<Bytes>{"SET", "k", Bytes("a\0\r\nb", 5)}));
  EXPECT_EQ(words[1].data(), input.data() + 17);
  EXPECT_EQ(parser.consumed(), 31U);
  EXPECT_FALSE(parser.owns_words());
}

TEST(RequestParserTest, commands_follow_each_other_in_a_pipeline) {
  const std::string get = encode_command({"GET", "key"});
  const Parsed parsed = parse(repeat(get, 100));
  EXPECT_EQ(parsed.commands, std::vector<Words>(100, Words{"GET", "key"}));
  EXPECT_EQ(parsed.unread, 0U);
}

TEST(RequestParserTest, multibulk_and_inline_mix) {
  const Parsed parsed = parse("PING\r\n*1\r\n$4\r\nPING\r\n\r\n*0\r\n*-1\r\n\nget  a \n");
  EXPECT_EQ(parsed.commands,
            (std::vector<Words>{{"PING"}, {"PING"}, {}, {}, {}, {}, {"get", "a"}}));
}

TEST(RequestParserTest, no_cut_changes_what_is_parsed) {
  expect_same_for_every_cut("*2\r\n$3\r\nGET\r\n$1\r\nk\r\nPING\r\n*1\r\n$0\r\n\r\n");
  expect_same_for_every_cut("*0\r\n*-1\r\n\r\n\n*2\r\n$1\r\na\r\n$12\r\n*1\r\n$1\r\nx\r\n\r\nq\n");
  expect_same_for_every_cut("set \"a b\\x41\" 'it\\'s'  x\"y\"\r\nGET k\n*1\r\n$2\r\nhi");
  expect_same_for_every_cut(encode_command({"SET", std::string(300, 'x'), ""}) + "echo 'x\r\n");
  for (const Bytes bad : {"*a\r\n", "*1\r\n$-1\r\n", "*1\r\n+OK\r\n", "*01\r\n", "*1\r\n\r\n\r\n",
                          "*2\r\n$3\r\nGET\r\n$x\r\n", "*1\r\n$9223372036854775807\r\n", "*\r\n",
                          "*99999999999999999999\r\n", "*1\r\n$\r\n", "\"a\"b\r\n", "*-\r\n"})
    expect_same_for_every_cut(std::string("*1\r\n$1\r\nx\r\n") + std::string(bad));
  for (const Bytes bad : {"*11\r\n", "*1\r\n$16385\r\n", "*2\r\n$1\r\na\r\n$16385\r\n"})
    expect_same_for_every_cut(bad, {.authenticated = false});
  const Limits short_lines{.bulk_max = 5, .arguments_max = 3, .inline_max = 24};
  for (const Bytes edge : {"*4\r\n", "*3\r\n$6\r\n", "*00000000000000000000000000000000",
                           "*1\r\n$00000000000000000000000000000", "0123456789012345678901234567",
                           "012345678901234567890123\n", "0123456789012345678901234\n"})
    expect_same_for_every_cut(edge, short_lines);
}

TEST(RequestParserTest, counts_are_checked_as_redis_checks_them) {
  const std::string invalid = "Protocol error: invalid multibulk length";
  for (const Bytes bad : {"*a\r\n", "*\r\n", "*1x\r\n", "*+1\r\n", "* 1\r\n", "*01\r\n", "*-\r\n",
                          "*2147483648\r\n", "*9223372036854775808\r\n", "*1048577\r\n"})
    EXPECT_EQ(error_of(bad), invalid) << bad;
  EXPECT_EQ(error_of("*2147483647\r\n", {.arguments_max = INT32_MAX}), "");
  EXPECT_EQ(error_of("*2147483648\r\n", {.arguments_max = INT32_MAX}), invalid);
  EXPECT_EQ(error_of(Bytes("*1\0\r\n", 5)), invalid);
  EXPECT_EQ(parse("*-5\r\n").commands, std::vector<Words>{{}});
}

TEST(RequestParserTest, lengths_are_checked_as_redis_checks_them) {
  const std::string invalid = "Protocol error: invalid bulk length";
  for (const Bytes bad : {"$a\r\n", "$-1\r\n", "$\r\n", "$03\r\n", "$+3\r\n", "$536870913\r\n",
                          "$9223372036854775807\r\n", "$18446744073709551615\r\n"})
    EXPECT_EQ(error_of("*1\r\n" + std::string(bad)), invalid) << bad;
  EXPECT_EQ(error_of("*1\r\n$536870912\r\n"), "");
  EXPECT_EQ(error_of("*1\r\n$9223372036854775807\r\nx", {.bulk_max = SIZE_MAX}), "");
}

TEST(RequestParserTest, a_word_must_begin_with_a_dollar) {
  EXPECT_EQ(error_of("*1\r\n3\r\nfoo\r\n"), "Protocol error: expected '$', got '3'");
  EXPECT_EQ(error_of("*2\r\n$1\r\na\r\n:1\r\n"), "Protocol error: expected '$', got ':'");
  EXPECT_EQ(error_of("*1\r\n\r\n"), "Protocol error: expected '$', got '\r'");
  EXPECT_EQ(error_of("*1\r\nfoo"), "") << "decided only when the line is complete, as in Redis";
}

TEST(RequestParserTest, headers_end_at_cr_and_one_more_byte) {
  EXPECT_EQ(parse("*1\rX$4\rYPINGZZ").commands, (std::vector<Words>{{"PING"}}));
}

TEST(RequestParserTest, lines_have_a_longest_length) {
  const std::string max(65536, '1');
  EXPECT_EQ(error_of(max), "");
  EXPECT_EQ(error_of(max + "1"), "Protocol error: too big inline request");
  EXPECT_EQ(parse(max + "\n").commands.size(), 1U);
  EXPECT_EQ(error_of("1" + max + "\n"), "Protocol error: too big inline request");
  EXPECT_EQ(error_of("*" + max.substr(1)), "");
  EXPECT_EQ(error_of("*" + max), "Protocol error: too big mbulk count string");
  EXPECT_EQ(error_of("*1\r\n$" + max.substr(1)), "");
  EXPECT_EQ(error_of("*1\r\n$" + max), "Protocol error: too big bulk count string");
}

TEST(RequestParserTest, a_client_that_has_not_authenticated_is_kept_short) {
  const Limits limits{.authenticated = false};
  EXPECT_EQ(error_of("*10\r\n", limits), "");
  EXPECT_EQ(error_of("*11\r\n", limits), "Protocol error: unauthenticated multibulk length");
  EXPECT_EQ(error_of("*1\r\n$16384\r\n", limits), "");
  EXPECT_EQ(error_of("*1\r\n$16385\r\n", limits), "Protocol error: unauthenticated bulk length");
  EXPECT_EQ(error_of("*1048577\r\n", limits), "Protocol error: invalid multibulk length");
  const std::string big = encode_command({"AUTH", std::string(16385, 'x')});
  EXPECT_EQ(error_of(big, limits), "Protocol error: unauthenticated bulk length");
  EXPECT_EQ(parse(big).commands.size(), 1U);
}

TEST(RequestParserTest, an_error_lasts_until_reset) {
  RequestParser parser;
  std::vector<Bytes> words;
  EXPECT_EQ(parser.parse("*a\r\n", {}, words), Outcome::protocol_error);
  EXPECT_EQ(parser.parse("PING\r\n", {}, words), Outcome::protocol_error);
  EXPECT_EQ(parser.error(), "Protocol error: invalid multibulk length");
  parser.reset();
  EXPECT_EQ(parser.parse("PING\r\n", {}, words), Outcome::command);
}

TEST(RequestParserTest, says_how_many_bytes_a_large_word_needs) {
  RequestParser parser;
  std::vector<Bytes> words;
  ASSERT_EQ(parser.parse("*2\r\n$3\r\nSET\r\n$100000\r\nabc", {}, words), Outcome::need_more);
  EXPECT_EQ(parser.wanted(), 22 + 100000 + 2U);
  EXPECT_TRUE(words.empty());
}

TEST(RequestParserTest, a_claimed_count_allocates_nothing) {
  RequestParser parser;
  std::vector<Bytes> words;
  ASSERT_EQ(parser.parse("*1048576\r\n$1\r\na\r\n", {}, words), Outcome::need_more);
  EXPECT_LE(words.capacity(), 16U);
}

// Quadratic work would take minutes here: 6 million calls over a command of 6 million bytes.
TEST(RequestParserTest, a_million_words_byte_by_byte_cost_linear_time) {
  constexpr std::size_t kCount = 1'000'000;
  const std::string input = "*1000000\r\n" + repeat("$0\r\n\r\n", kCount);
  RequestParser parser;
  std::vector<Bytes> words;
  for (std::size_t size = 1; size < input.size(); ++size)
    ASSERT_EQ(parser.parse(Bytes(input).substr(0, size), {}, words), Outcome::need_more);
  ASSERT_EQ(parser.parse(input, {}, words), Outcome::command);
  EXPECT_EQ(words.size(), kCount);
}

TEST(RequestParserTest, inline_words_are_split_and_unescaped_as_redis_cli_does) {
  struct Case {
    Bytes line;
    Words words;
  };
  const Case cases[] = {
      {"  set\tkey  value  ", {"set", "key", "value"}},
      {R"(echo "a\n\r\t\b\a\x41\x4g\"\\\q")", {"echo", "a\n\r\t\b\aAx4g\"\\q"}},
      {R"(echo 'a\'b\n"')", {"echo", R"(a'b\n")"}},
      {R"(echo foo"bar baz" ''  "")", {"echo", "foobar baz", "", ""}},
      {"a\vb \v\fc", {"a\vb", "c"}},
      {"a\rb", {"a", "b"}},
      {"", {}},
      {" \t ", {}},
      {"caf\xc3\xa9", {"caf\xc3\xa9"}},
      {Bytes("a\0b c", 5), {std::string("a\0b", 3), "c"}},
  };
  for (const Case& one : cases)
    for (const Bytes end : {"\n", "\r\n"})
      EXPECT_EQ(parse(std::string(one.line) + std::string(end)).commands,
                std::vector<Words>{one.words})
          << one.line;
}

TEST(RequestParserTest, unbalanced_quotes_are_an_error) {
  for (const Bytes bad : {R"(echo "a)", R"(echo 'a)", R"(echo "a"b)", R"(echo 'a'b)", R"(echo "a\)",
                          R"(echo "a\")", R"(echo 'a\')", R"(")", R"('")"})
    EXPECT_EQ(error_of(std::string(bad) + "\r\n"), "Protocol error: unbalanced quotes in request")
        << bad;
}

TEST(RequestParserTest, unescaped_words_stay_valid_until_the_next_parse) {
  RequestParser parser;
  std::vector<Bytes> words;
  ASSERT_EQ(parser.parse("echo \"\\x41\" plain\n", {}, words), Outcome::command);
  EXPECT_TRUE(parser.owns_words());
  EXPECT_EQ(words, (std::vector<Bytes>{"echo", "A", "plain"}));
  words.clear();
  ASSERT_EQ(parser.parse("echo plain\n", {}, words), Outcome::command);
  EXPECT_FALSE(parser.owns_words());
}

TEST(RequestWriterTest, what_is_encoded_parses_back) {
  EXPECT_EQ(encode_command({"GET", "k"}), "*2\r\n$3\r\nGET\r\n$1\r\nk\r\n");
  const Words words = {"SET", "", std::string(12345, 'v'), std::string("\0\r\n", 3), "0123456789"};
  const std::vector<Bytes> views(words.begin(), words.end());
  std::string encoded = "before";
  append_command(encoded, views);
  EXPECT_EQ(encoded.size(), 6 + command_size(views));
  EXPECT_EQ(parse(Bytes(encoded).substr(6)).commands, std::vector<Words>{words});
}

TEST(OtherProtocolTest, http_and_tls_are_recognised) {
  for (const Bytes other : {"POST / HTTP/1.1\r\n", "GET /index.html HTTP/1.1\r\nHost: x", "PUT /a",
                            "OPTIONS * HTTP/1.1\r\n", "CONNECT a:1 HTTP/1.1\r\n", "post /x",
                            "PRI * HTTP/2.0\r\n", "HTTP/1.1 200 OK\r\n", "\x16\x03\x01\x02"})
    EXPECT_TRUE(looks_like_other_protocol(other)) << other;
  for (const Bytes ours : {"", "GET key\r\n", "GET /key\r\n", "*1\r\n$4\r\nPOST\r\n", "PING\r\n",
                           "set / HTTP/1.1", "\x16", "GET k\r\nPOST / HTTP/1.1\r\n", "DELETE"})
    EXPECT_FALSE(looks_like_other_protocol(ours)) << ours;
}

}  // namespace
}  // namespace banyan::resp
