#include "strings/string_testing.h"

namespace banyan::strings {

using namespace commands;

namespace {

using StringEdit = StringNode;
using StringCounter = StringNode;

const std::string kTooLong = "-ERR string exceeds maximum allowed size (proto-max-bulk-len)\r\n";

TEST_F(StringEdit, append_creates_the_key_or_lengthens_the_string) {
  EXPECT_EQ(run("APPEND k 12"), ":2\r\n");
  EXPECT_EQ(logged(), "verbatim");
  EXPECT_EQ(encoding("k"), "int");
  EXPECT_EQ(run("APPEND k 3"), ":3\r\n");
  EXPECT_EQ(encoding("k"), "raw");
  EXPECT_EQ(run("GET k"), bulk("123"));
  EXPECT_EQ(run("APPEND k ''"), ":3\r\n");
  EXPECT_EQ(run("APPEND empty ''"), ":0\r\n");
  EXPECT_EQ(text("empty"), "");
}

TEST_F(StringEdit, append_keeps_the_expiry_and_all_bytes_over_many_steps) {
  run("SET k start EX 100");
  std::string expected = "start";
  for (int i = 0; i < 2000; ++i) {
    const std::string piece(static_cast<std::size_t>(i % 17 + 1), static_cast<char>('a' + i % 26));
    expected += piece;
    ASSERT_EQ(run("APPEND k " + piece), ":" + std::to_string(expected.size()) + "\r\n");
  }
  EXPECT_EQ(text("k"), expected);
  EXPECT_EQ(expiry("k"), now() + 100'000);
}

TEST_F(StringEdit, strings_do_not_grow_beyond_the_limit) {
  node.string_bytes_max = 10;
  run("SET k 12345678");
  EXPECT_EQ(run("APPEND k 90"), ":10\r\n");
  EXPECT_EQ(run("APPEND k x"), kTooLong);
  EXPECT_EQ(logged(), "");
  EXPECT_EQ(run("SETRANGE k 9 xy"), kTooLong);
  EXPECT_EQ(run("SETRANGE none 9 xy"), kTooLong);
  EXPECT_EQ(run("SETRANGE none 9223372036854775807 x"), kTooLong);
  EXPECT_EQ(entry("none"), nullptr);
  EXPECT_EQ(run("SETRANGE k 9223372036854775807 ''"), ":10\r\n");
  EXPECT_EQ(text("k"), "1234567890");
}

TEST_F(StringEdit, what_the_primary_did_is_not_subject_to_our_limit) {
  node.string_bytes_max = 4;
  node.session.kind = SessionKind::primary;
  run("SET k 1234");
  EXPECT_EQ(run("APPEND k 5678"), ":8\r\n");
  EXPECT_EQ(run("SETRANGE k 8 9"), ":9\r\n");
}

TEST_F(StringEdit, setrange_overwrites_and_fills_with_zeros) {
  EXPECT_EQ(run("SETRANGE k 3 abc"), ":6\r\n");
  EXPECT_EQ(logged(), "verbatim");
  EXPECT_EQ(text("k"), std::string("\0\0\0abc", 6));
  EXPECT_EQ(encoding("k"), "raw");
  run("SET k Hello EX 10");
  EXPECT_EQ(run("SETRANGE k 1 a"), ":5\r\n");
  EXPECT_EQ(text("k"), "Hallo");
  EXPECT_EQ(expiry("k"), now() + 10'000);
  EXPECT_EQ(run("SETRANGE k 4 ooo"), ":7\r\n");
  EXPECT_EQ(text("k"), "Hallooo");
  run("SET n 1234");
  EXPECT_EQ(run("SETRANGE n 1 0"), ":4\r\n");
  EXPECT_EQ(text("n"), "1034");
  EXPECT_EQ(encoding("n"), "raw");
}

TEST_F(StringEdit, setrange_with_nothing_to_write_changes_nothing) {
  EXPECT_EQ(run("SETRANGE k 5 ''"), ":0\r\n");
  EXPECT_EQ(entry("k"), nullptr);
  run("SET k 123");
  EXPECT_EQ(run("SETRANGE k 5 ''"), ":3\r\n");
  EXPECT_EQ(logged(), "");
  EXPECT_EQ(encoding("k"), "int");
}

TEST_F(StringEdit, setrange_refuses_bad_offsets) {
  EXPECT_EQ(run("SETRANGE k -1 x"), "-ERR offset is out of range\r\n");
  EXPECT_EQ(run("SETRANGE k one x"), "-ERR value is not an integer or out of range\r\n");
}

TEST_F(StringCounter, counts_in_place_and_keeps_the_expiry) {
  EXPECT_EQ(run("INCR k"), ":1\r\n");
  EXPECT_EQ(logged(), "verbatim");
  run("SET k 10 EX 10");
  const store::Entry* before = entry("k");
  EXPECT_EQ(run("INCRBY k 32"), ":42\r\n");
  EXPECT_EQ(run("DECR k"), ":41\r\n");
  EXPECT_EQ(run("DECRBY k -1"), ":42\r\n");
  EXPECT_EQ(entry("k"), before);
  EXPECT_EQ(expiry("k"), now() + 10'000);
  EXPECT_EQ(encoding("k"), "int");
  EXPECT_EQ(run("GET k"), bulk("42"));
}

TEST_F(StringCounter, a_string_that_spells_an_integer_becomes_one) {
  run("APPEND k 1");
  run("APPEND k 2");
  EXPECT_EQ(encoding("k"), "raw");
  EXPECT_EQ(run("INCR k"), ":13\r\n");
  EXPECT_EQ(encoding("k"), "int");
}

TEST_F(StringCounter, refuses_to_overflow_and_leaves_the_value) {
  run("SET k 9223372036854775807");
  EXPECT_EQ(run("INCR k"), "-ERR increment or decrement would overflow\r\n");
  EXPECT_EQ(logged(), "");
  EXPECT_EQ(run("DECRBY k -1"), "-ERR increment or decrement would overflow\r\n");
  EXPECT_EQ(text("k"), "9223372036854775807");
  run("SET k -9223372036854775808");
  EXPECT_EQ(run("DECR k"), "-ERR increment or decrement would overflow\r\n");
  EXPECT_EQ(run("INCRBY k -9223372036854775808"), "-ERR increment or decrement would overflow\r\n");
  EXPECT_EQ(run("DECRBY k -9223372036854775808"), "-ERR decrement would overflow\r\n");
  EXPECT_EQ(run("INCRBY k 9223372036854775807"), ":-1\r\n");
}

TEST_F(StringCounter, refuses_what_is_no_integer) {
  const std::string no_integer = "-ERR value is not an integer or out of range\r\n";
  for (const std::string value :
       {"' 1'", "'1 '", "+1", "01", "1.0", "abc", "''", "-", "9223372036854775808"}) {
    run("SET k " + value);
    EXPECT_EQ(run("INCR k"), no_integer) << value;
    EXPECT_EQ(run("INCRBY other " + value), no_integer) << value;
    EXPECT_EQ(run("DECRBY other " + value), no_integer) << value;
  }
  EXPECT_EQ(entry("other"), nullptr);
}

TEST_F(StringCounter, incrbyfloat_is_logged_as_its_result) {
  EXPECT_EQ(run("INCRBYFLOAT k 10.5"), bulk("10.5"));
  EXPECT_EQ(logged(), request("SET k 10.5 KEEPTTL"));
  EXPECT_EQ(run("INCRBYFLOAT k 0.1"), bulk("10.6"));
  EXPECT_EQ(run("INCRBYFLOAT k -5e0"), bulk("5.6"));
  EXPECT_EQ(run("INCRBYFLOAT k -5.6"), bulk("0"));
  run("SET k 5.0e3 EX 10");
  EXPECT_EQ(run("INCRBYFLOAT k 2.0e2"), bulk("5200"));
  EXPECT_EQ(encoding("k"), "embstr");
  EXPECT_EQ(expiry("k"), now() + 10'000);
  EXPECT_EQ(run("INCR k"), ":5201\r\n");
}

TEST_F(StringCounter, incrbyfloat_refuses_what_is_no_finite_number) {
  const std::string no_float = "-ERR value is not a valid float\r\n";
  EXPECT_EQ(run("INCRBYFLOAT k x"), no_float);
  EXPECT_EQ(run("INCRBYFLOAT k nan"), no_float);
  EXPECT_EQ(run("INCRBYFLOAT k ' 1'"), no_float);
  EXPECT_EQ(run("INCRBYFLOAT k inf"), "-ERR increment would produce NaN or Infinity\r\n");
  EXPECT_EQ(run("INCRBYFLOAT k -inf"), "-ERR increment would produce NaN or Infinity\r\n");
  EXPECT_EQ(entry("k"), nullptr);
  run("SET k abc");
  EXPECT_EQ(run("INCRBYFLOAT k 1"), no_float);
  EXPECT_EQ(logged(), "");
}

TEST_F(StringCounter, incrbyfloat_reads_what_it_wrote_however_long) {
  const std::string first = run("INCRBYFLOAT k 1e4000");
  EXPECT_EQ(text("k").size(), 4000U);  // the nearest long double lies below
  EXPECT_EQ(run("INCRBYFLOAT k 0"), first);
  EXPECT_EQ(encoding("k"), "raw");
}

}  // namespace
}  // namespace banyan::strings
