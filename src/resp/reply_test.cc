// ReplyWriter, ReplyParser and Value together: what the one writes, the other reads.
#include <gtest/gtest.h>

#include <cmath>

#include "resp/reply_parser.h"
#include "resp/reply_writer.h"

namespace banyan::resp {

void PrintTo(const Value& value, std::ostream* out) { *out << to_text(value); }

namespace {

using Kind = Value::Kind;

template <class Write>
std::string written(Protocol protocol, Write write) {
  Output output;
  ReplyWriter reply(output, protocol);
  write(reply);
  return output.text();
}

// What `write` produces in RESP2 and in RESP3.
template <class Write>
void expect_reply(Write write, Bytes resp2, Bytes resp3) {
  EXPECT_EQ(written(Protocol::resp2, write), resp2);
  EXPECT_EQ(written(Protocol::resp3, write), resp3);
}

TEST(ReplyWriterTest, scalars_have_their_shape_in_each_protocol) {
  expect_reply([](ReplyWriter& r) { r.ok(); }, "+OK\r\n", "+OK\r\n");
  expect_reply([](ReplyWriter& r) { r.simple("QUEUED"); }, "+QUEUED\r\n", "+QUEUED\r\n");
  expect_reply([](ReplyWriter& r) { r.bulk(""); }, "$0\r\n\r\n", "$0\r\n\r\n");
  expect_reply([](ReplyWriter& r) { r.bulk("hello world"); }, "$11\r\nhello world\r\n",
               "$11\r\nhello world\r\n");
  expect_reply([](ReplyWriter& r) { r.bulk_int(-42); }, "$3\r\n-42\r\n", "$3\r\n-42\r\n");
  expect_reply([](ReplyWriter& r) { r.null(); }, "$-1\r\n", "_\r\n");
  expect_reply([](ReplyWriter& r) { r.null_array(); }, "*-1\r\n", "_\r\n");
  expect_reply([](ReplyWriter& r) { r.real(1.5); }, "$3\r\n1.5\r\n", ",1.5\r\n");
  expect_reply([](ReplyWriter& r) { r.real(-INFINITY); }, "$4\r\n-inf\r\n", ",-inf\r\n");
  expect_reply([](ReplyWriter& r) { r.boolean(true); }, ":1\r\n", "#t\r\n");
  expect_reply([](ReplyWriter& r) { r.boolean(false); }, ":0\r\n", "#f\r\n");
  expect_reply([](ReplyWriter& r) { r.big_number("123"); }, "$3\r\n123\r\n", "(123\r\n");
  expect_reply([](ReplyWriter& r) { r.verbatim("txt", "a b"); }, "$3\r\na b\r\n",
               "=7\r\ntxt:a b\r\n");
  expect_reply([](ReplyWriter& r) { r.raw(":7\r\n"); }, ":7\r\n", ":7\r\n");
}

TEST(ReplyWriterTest, integers_of_every_length) {
  for (const std::int64_t value : {0L, 1L, -1L, 9L, 10L, 99L, 100L, 12345L, INT64_MAX, INT64_MIN}) {
    const std::string text = ":" + std::to_string(value) + "\r\n";
    expect_reply([value](ReplyWriter& r) { r.integer(value); }, text, text);
  }
}

TEST(ReplyWriterTest, bulks_of_every_length) {
  std::vector<std::size_t> sizes = {1024, 1 << 20};
  for (std::size_t size = 0; size < 300; ++size) sizes.push_back(size);
  for (const std::size_t size : sizes) {
    std::string text(size, ' ');
    for (std::size_t i = 0; i < size; ++i) text[i] = static_cast<char>('a' + i % 23);
    const std::string expected = "$" + std::to_string(size) + "\r\n" + text + "\r\n";
    expect_reply([&text](ReplyWriter& r) { r.bulk(text); }, expected, expected);
  }
}

TEST(ReplyWriterTest, the_text_of_a_number_goes_out_as_the_number_does) {
  for (const double value : {0.0, -1.5, 1e300, 12345678.25}) {
    const std::string text = format_double(value);
    for (const Protocol protocol : {Protocol::resp2, Protocol::resp3})
      EXPECT_EQ(written(protocol, [&](ReplyWriter& reply) { reply.real_text(text); }),
                written(protocol, [&](ReplyWriter& reply) { reply.real(value); }));
  }
}

TEST(ReplyWriterTest, errors_carry_their_code_and_never_a_line_end) {
  expect_reply([](ReplyWriter& r) { r.error(Error(Errc::syntax)); }, "-ERR syntax error\r\n",
               "-ERR syntax error\r\n");
  expect_reply([](ReplyWriter& r) { r.error("NOAUTH no"); }, "-NOAUTH no\r\n", "-NOAUTH no\r\n");
  const auto forged = [](ReplyWriter& r) {
    r.error("ERR a\r\n+OK\r\n");
    r.simple("\rb\n\n");
    r.error(Error(Errc::custom, "X\n+OK"));
  };
  const Bytes stripped = "-ERR a  +OK  \r\n+ b  \r\n-X +OK\r\n";
  expect_reply(forged, stripped, stripped);
}

TEST(ReplyWriterTest, aggregates_have_their_shape_in_each_protocol) {
  expect_reply([](ReplyWriter& r) { r.array(2); }, "*2\r\n", "*2\r\n");
  expect_reply([](ReplyWriter& r) { r.map(2); }, "*4\r\n", "%2\r\n");
  expect_reply([](ReplyWriter& r) { r.set(100); }, "*100\r\n", "~100\r\n");
  expect_reply([](ReplyWriter& r) { r.push(3); }, "*3\r\n", ">3\r\n");
  EXPECT_EQ(written(Protocol::resp3, [](ReplyWriter& r) { r.attribute(1); }), "|1\r\n");
}

TEST(ReplyWriterTest, a_count_may_be_told_at_the_end) {
  expect_reply(
      [](ReplyWriter& r) {
        const auto array = r.begin_array();
        const auto set = r.begin_set();
        r.integer(7);
        r.end_set(set, 1);
        const auto map = r.begin_map();
        r.bulk("k");
        r.bulk("v");
        r.end_map(map, 1);
        r.end_array(array, 2);
        r.end_array(r.begin_array(), 0);
      },
      "*2\r\n*1\r\n:7\r\n*2\r\n$1\r\nk\r\n$1\r\nv\r\n*0\r\n",
      "*2\r\n~1\r\n:7\r\n%1\r\n$1\r\nk\r\n$1\r\nv\r\n*0\r\n");
}

TEST(ReplyWriterTest, a_reply_begun_can_be_replaced_by_an_error) {
  Output output;
  ReplyWriter reply(output, Protocol::resp2);
  reply.ok();
  const Output::Mark mark = output.mark();
  static_cast<void>(reply.begin_array());
  for (int i = 0; i < 10'000; ++i) reply.bulk("element");
  output.rollback(mark);
  reply.error("ERR no");
  EXPECT_EQ(output.text(), "+OK\r\n-ERR no\r\n");
}

struct Replies {
  std::vector<Value> values;
  bool failed = false;
  bool idle = false;
  bool operator==(const Replies&) const = default;
};

Replies read(Bytes bytes, std::size_t step = SIZE_MAX, ReplyLimits limits = {}) {
  Replies replies;
  ReplyParser parser(limits);
  while (!bytes.empty()) {
    const Bytes piece = bytes.substr(0, step);
    bytes.remove_prefix(piece.size());
    if (!parser.feed(piece, replies.values)) replies.failed = true;
  }
  replies.idle = parser.is_idle();
  return replies;
}

std::string shown(Bytes bytes) {
  std::string text;
  for (const Value& value : read(bytes).values) text += to_text(value) + "\n";
  return text;
}

TEST(ReplyParserTest, reads_every_kind_of_reply) {
  EXPECT_EQ(shown("+OK\r\n-ERR no\r\n:-7\r\n$3\r\na\r\n\r\n$-1\r\n*-1\r\n"),
            "+OK\n-ERR no\n:-7\n\"a\\r\\n\"\n(nil)\n(nil array)\n");
  EXPECT_EQ(shown("_\r\n,1.5\r\n,inf\r\n,nan\r\n#t\r\n#f\r\n(-123456789012345678901\r\n"),
            "(nil)\n,1.5\n,inf\n,nan\n#t\n#f\n(-123456789012345678901\n");
  EXPECT_EQ(shown("=5\r\ntxt:a\r\n!5\r\nERR x\r\n"), "=txt:\"a\"\n-ERR x\n");
}

TEST(ReplyParserTest, aggregates_print_as_redis_cli_shows_them) {
  EXPECT_EQ(shown("*0\r\n%0\r\n~0\r\n>0\r\n"),
            "(empty array)\n(empty map)\n(empty set)\n(empty push)\n");
  EXPECT_EQ(shown("*3\r\n$1\r\na\r\n*2\r\n:1\r\n_\r\n~1\r\n:2\r\n"),
            "1) \"a\"\n2) 1) :1\n   2) (nil)\n3) 1~ :2\n");
  EXPECT_EQ(shown("%2\r\n+a\r\n:1\r\n+b\r\n:2\r\n"), "1# +a => :1\n2# +b => :2\n");
  EXPECT_EQ(shown(">2\r\n+message\r\n:1\r\n"), "1> +message\n2> :1\n");
  EXPECT_EQ(shown("|1\r\n+ttl\r\n:9\r\n$1\r\nx\r\n"), "(attributes) 1# +ttl => :9\n\"x\"\n");
}

TEST(ReplyParserTest, attributes_belong_to_the_value_behind_them) {
  const Replies replies =
      read("*2\r\n|1\r\n+a\r\n+b\r\n:1\r\n|0\r\n:2\r\n|1\r\n+c\r\n+d\r\n*0\r\n");
  ASSERT_EQ(replies.values.size(), 2U);
  const Value& array = replies.values[0];
  ASSERT_EQ(array.items.size(), 2U);
  EXPECT_EQ(array.items[0].attributes.size(), 2U);
  EXPECT_TRUE(array.items[1].attributes.empty());
  EXPECT_TRUE(array.attributes.empty());
  EXPECT_EQ(replies.values[1].attributes[1], Value::of_text(Kind::simple, "d"));
}

TEST(ReplyParserTest, no_cut_changes_what_is_read) {
  for (const Bytes stream :
       {"+OK\r\n*2\r\n$5\r\nhello\r\n:42\r\n-ERR no\r\n$0\r\n\r\n", "+half a line", "$5\r\nhel",
        "|1\r\n+a\r\n=6\r\ntxt:bc\r\n%1\r\n#t\r\n,1e3\r\n", "+OK\r\n+bad\rend\r\n", "$1\r\nxy\r\n",
        "*1\r\n*1\r\n(12x\r\n", "?1\r\n", "\r\n", "$-2\r\n", "%-1\r\n", "=3\r\nabc\r\n"}) {
    const Replies whole = read(stream);
    for (std::size_t step = 1; step < stream.size(); ++step)
      EXPECT_EQ(read(stream, step), whole) << stream << " in steps of " << step;
  }
}

TEST(ReplyParserTest, bytes_that_are_no_reply_are_corrupt) {
  for (const Bytes bad : {"x\r\n",
                          "\r\n",
                          ":\r\n",
                          ":1a\r\n",
                          ":01\r\n",
                          "$-2\r\n",
                          "$x\r\n",
                          "$1\r\nab",
                          "$1\r\na\rb",
                          "*-2\r\n",
                          "%-1\r\n",
                          "~-1\r\n",
                          ",\r\n",
                          ",1x\r\n",
                          "#x\r\n",
                          "#\r\n",
                          "_x\r\n",
                          "(\r\n",
                          "(1.5\r\n",
                          "=4\r\nabcd\r\n",
                          "=2\r\nab\r\n",
                          "!-1\r\n",
                          "$?\r\n",
                          "*?\r\n",
                          "+a\rb",
                          "$9223372036854775807\r\n",
                          "*9223372036854775807\r\n",
                          "%4611686018427387904\r\n"}) {
    const Replies replies = read(bad);
    EXPECT_TRUE(replies.failed) << bad;
    EXPECT_TRUE(replies.values.empty()) << bad;
    EXPECT_FALSE(replies.idle);
  }
}

TEST(ReplyParserTest, a_lone_line_feed_is_a_character_of_its_line) {
  EXPECT_EQ(read("+a\nb\r\n").values, std::vector<Value>{Value::of_text(Kind::simple, "a\nb")});
}

TEST(ReplyParserTest, a_failure_lasts) {
  ReplyParser parser;
  std::vector<Value> values;
  EXPECT_EQ(parser.feed("x\r\n", values).error().code(), Errc::corrupt);
  EXPECT_EQ(parser.feed("+OK\r\n", values).error().code(), Errc::corrupt);
  EXPECT_TRUE(values.empty());
}

TEST(ReplyParserTest, limits_hold) {
  std::string nested;
  for (int i = 0; i < 129; ++i) nested += "*1\r\n";
  EXPECT_TRUE(read(nested).failed);
  EXPECT_FALSE(read(nested.substr(4)).failed);
  EXPECT_TRUE(read("*2\r\n", SIZE_MAX, {.items_max = 1}).failed);
  EXPECT_TRUE(read("%1\r\n", SIZE_MAX, {.items_max = 1}).failed);
  EXPECT_TRUE(read("$3\r\n", SIZE_MAX, {.bulk_max = 2}).failed);
  EXPECT_FALSE(read("+23\r\n", SIZE_MAX, {.line_max = 3}).failed);
  EXPECT_TRUE(read("+234", SIZE_MAX, {.line_max = 3}).failed);
  EXPECT_FALSE(read("*2147483647\r\n").failed) << "a claim alone allocates nothing";
}

TEST(ReplyParserTest, reads_back_what_the_writer_wrote) {
  const std::string bytes = written(Protocol::resp3, [](ReplyWriter& r) {
    r.attribute(1);
    r.simple("popularity");
    r.real(0.1);
    r.map(2);
    r.bulk(std::string(300, 'x'));
    r.integer(INT64_MIN);
    r.verbatim("mkd", "# t");
    r.set(2);
    r.boolean(true);
    r.null();
  });
  const Replies replies = read(bytes);
  ASSERT_EQ(replies.values.size(), 1U);
  const Value& map = replies.values[0];
  EXPECT_EQ(map.kind, Kind::map);
  EXPECT_EQ(map.attributes[1].real, 0.1);
  EXPECT_EQ(map.items[0].text.size(), 300U);
  EXPECT_EQ(map.items[1], Value::of_integer(INT64_MIN));
  EXPECT_EQ(map.items[2], Value::of_text(Kind::verbatim, "mkd:# t"));
  EXPECT_EQ(map.items[3].items, (std::vector<Value>{Value::of_integer(1, Kind::boolean), Value{}}));
}

}  // namespace
}  // namespace banyan::resp
