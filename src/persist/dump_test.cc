#include "persist/dump.h"

#include <gtest/gtest.h>

#include "persist/rdb_append.h"
#include "persist/rdb_reader.h"
#include "persist/rdb_test_support.h"

namespace banyan::persist {
namespace {

const char kWrongFooter[] = "ERR DUMP payload version or checksum are wrong";
const char kBadFormat[] = "ERR Bad data format";

std::string dump_of(RdbType type, Bytes payload, int version = kRdbVersionWritten) {
  std::string out;
  begin_dump(out, type);
  out += payload;
  end_dump(out, version);
  return out;
}

std::string error_of(Bytes dump) {
  const auto parsed = parse_dump(dump);
  return parsed ? "" : parsed.error().reply_line();
}

// What DUMP answers on a Redis 7.0 for SET k 10.
TEST(DumpTest, has_the_bytes_that_redis_gives) {
  std::string out;
  begin_dump(out, RdbType::string);
  append_int_string(out, 10);
  end_dump(out);
  EXPECT_EQ(out, b("\x00\xc0\x0a\x0a\x00\x6e\x9f\x57\x45\x0e\xae\x63\xbb"));
}

TEST(DumpTest, comes_back) {
  const std::string text = "some text, some text, some text, some text";
  std::string payload;
  append_string(payload, text, Compression::lzf);
  const std::string dump = dump_of(RdbType::string, payload);
  const auto parsed = parse_dump(dump);
  ASSERT_TRUE(parsed.has_value());
  EXPECT_EQ(parsed->type, RdbType::string);
  RdbReader reader(parsed->payload);
  std::string scratch;
  EXPECT_EQ(reader.string(scratch), text);
}

TEST(DumpTest, versions_up_to_12_are_read) {
  EXPECT_EQ(error_of(dump_of(RdbType::string, b("\x01x"), 1)), "");
  EXPECT_EQ(error_of(dump_of(RdbType::string, b("\x01x"), 12)), "");
  EXPECT_EQ(error_of(dump_of(RdbType::string, b("\x01x"), 13)), kWrongFooter);
}

TEST(DumpTest, any_flipped_bit_or_missing_byte_is_found) {
  const std::string dump = dump_of(RdbType::hash, b("\x01\x01"
                                                    "f\x01v"));
  for (std::size_t bit = 0; bit < dump.size() * 8; ++bit) {
    std::string broken = dump;
    broken[bit / 8] = static_cast<char>(broken[bit / 8] ^ (1 << (bit % 8)));
    EXPECT_EQ(error_of(broken), kWrongFooter) << bit;
  }
  for (std::size_t size = 0; size < dump.size(); ++size)
    EXPECT_EQ(error_of(Bytes(dump).substr(0, size)), kWrongFooter) << size;
}

TEST(DumpTest, the_value_must_be_one_value_and_nothing_else) {
  EXPECT_EQ(error_of(dump_of(RdbType::string, b("\x01"))), kBadFormat);
  EXPECT_EQ(error_of(dump_of(RdbType::string, b("\x01xy"))), kBadFormat);
  EXPECT_EQ(error_of(dump_of(RdbType::module_pre_ga, b("\x01"))), kBadFormat);
  EXPECT_EQ(error_of(dump_of(RdbType{255}, "")), kBadFormat);
  EXPECT_EQ(error_of(dump_of(RdbType{30}, b("\x01x"))), kBadFormat);
  std::string only_footer;
  end_dump(only_footer);
  EXPECT_EQ(error_of(only_footer), kBadFormat);
}

TEST(DumpTest, the_checksum_can_be_left_unread) {
  std::string dump = dump_of(RdbType::string, b("\x01x"));
  dump.back() = static_cast<char>(dump.back() ^ 1);
  EXPECT_TRUE(parse_dump(dump, false).has_value());
}

}  // namespace
}  // namespace banyan::persist
