#include "persist/rdb_encoder.h"

#include <gtest/gtest.h>

#include <limits>

#include "base/crc.h"
#include "base/rng.h"
#include "persist/rdb_reader.h"
#include "persist/rdb_test_support.h"

namespace banyan::persist {
namespace {

std::string encoded(Bytes text, Compression compression = Compression::off) {
  std::string out;
  append_string(out, text, compression);
  return out;
}

std::string decoded(Bytes bytes) {
  RdbReader reader(bytes);
  std::string scratch;
  const auto text = reader.string(scratch);
  EXPECT_TRUE(text.has_value() && reader.at_end());
  return text ? std::string(*text) : "?";
}

std::string length_bytes(std::uint64_t length) {
  std::string out;
  append_length(out, length);
  return out;
}

TEST(RdbEncoderTest, lengths_take_the_shortest_form) {
  EXPECT_EQ(length_bytes(0), b("\x00"));
  EXPECT_EQ(length_bytes(63), b("\x3f"));
  EXPECT_EQ(length_bytes(64), b("\x40\x40"));
  EXPECT_EQ(length_bytes(16383), b("\x7f\xff"));
  EXPECT_EQ(length_bytes(16384), b("\x80\x00\x00\x40\x00"));
  EXPECT_EQ(length_bytes(0xffffffff), b("\x80\xff\xff\xff\xff"));
  EXPECT_EQ(length_bytes(0x100000000), b("\x81\x00\x00\x00\x01\x00\x00\x00\x00"));
  for (std::uint64_t n : {std::uint64_t{0}, std::uint64_t{63}, std::uint64_t{64},
                          std::uint64_t{16383}, std::uint64_t{16384}, std::uint64_t{0xffffffff},
                          std::uint64_t{0x100000000}, ~std::uint64_t{0}}) {
    const std::string bytes = length_bytes(n);
    EXPECT_EQ(RdbReader(bytes).length(), n);
  }
}

TEST(RdbEncoderTest, canonical_integers_of_32_bits_are_stored_as_such) {
  EXPECT_EQ(encoded("0"), b("\xc0\x00"));
  EXPECT_EQ(encoded("-128"), b("\xc0\x80"));
  EXPECT_EQ(encoded("128"), b("\xc1\x80\x00"));
  EXPECT_EQ(encoded("-32768"), b("\xc1\x00\x80"));
  EXPECT_EQ(encoded("32768"), b("\xc2\x00\x80\x00\x00"));
  EXPECT_EQ(encoded("-2147483648"), b("\xc2\x00\x00\x00\x80"));
  EXPECT_EQ(encoded("2147483648"), b("\x0a") + "2147483648");
  for (const char* text : {"", "-", "01", "+1", " 1", "1 ", "-0", "1.0", "12x"})
    EXPECT_EQ(encoded(text), static_cast<char>(std::strlen(text)) + std::string(text));
}

TEST(RdbEncoderTest, an_integer_is_encoded_as_its_text_is) {
  for (std::int64_t n :
       {std::int64_t{0}, std::int64_t{-1}, std::int64_t{127}, std::int64_t{128}, std::int64_t{-129},
        std::int64_t{32767}, std::int64_t{32768}, std::int64_t{2147483647},
        std::int64_t{2147483648}, std::int64_t{-2147483649},
        std::numeric_limits<std::int64_t>::min(), std::numeric_limits<std::int64_t>::max()}) {
    std::string out;
    append_int_string(out, n);
    EXPECT_EQ(out, encoded(std::to_string(n)));
    EXPECT_EQ(decoded(out), std::to_string(n));
  }
}

TEST(RdbEncoderTest, compression_is_tried_from_21_bytes_on_and_kept_when_it_pays) {
  const std::string twenty(20, 'a'), long_run(1000, 'a');
  EXPECT_EQ(encoded(twenty, Compression::lzf), b("\x14") + twenty);
  const std::string packed = encoded(long_run, Compression::lzf);
  EXPECT_EQ(packed[0], '\xc3');
  EXPECT_LT(packed.size(), 40U);
  EXPECT_EQ(decoded(packed), long_run);
  EXPECT_EQ(encoded(long_run, Compression::off).size(), 1002U);

  Rng rng(1);
  std::string noise;
  for (int i = 0; i < 1000; ++i) noise += static_cast<char>(rng.below(256));
  EXPECT_EQ(encoded(noise, Compression::lzf), b("\x43\xe8") + noise);
}

TEST(RdbEncoderTest, strings_of_every_kind_and_size_come_back) {
  Rng rng(7);
  for (std::size_t size = 0; size < 3000; size = size * 9 / 8 + 1) {
    std::string noise, words;
    for (std::size_t i = 0; i < size; ++i) {
      noise += static_cast<char>(rng.below(256));
      words += static_cast<char>('a' + rng.below(3));
    }
    for (const std::string& text : {noise, words})
      for (Compression c : {Compression::off, Compression::lzf})
        EXPECT_EQ(decoded(encoded(text, c)), text);
  }
  const std::string big(100'000, 'x');
  EXPECT_EQ(decoded(encoded(big)), big);
  EXPECT_EQ(decoded(encoded(big, Compression::lzf)), big);
}

TEST(RdbEncoderTest, a_key_is_preceded_by_what_belongs_to_it) {
  std::string out;
  append_key(out, RdbType::string, "k", {}, Compression::lzf);
  EXPECT_EQ(out, b("\x00\x01k"));
  out.clear();
  append_key(out, RdbType::hash, "12",
             {.expires_at = 0x0102030405, .idle_seconds = 100, .frequency = 7}, Compression::lzf);
  EXPECT_EQ(out, b("\xfc\x05\x04\x03\x02\x01\x00\x00\x00"
                   "\xf8\x40\x64"
                   "\xf9\x07"
                   "\x04\xc0\x0c"));
}

// The whole of a small file, assembled by hand from the description of the format.
TEST(RdbEncoderTest, a_file_has_the_bytes_that_the_format_asks_for) {
  std::string out;
  RdbEncoder rdb(out, {});
  rdb.begin({.created_unix_seconds = 1'700'000'000,
             .used_memory_bytes = 300,
             .replication = RdbInfo::Replication{.stream_db = 0, .id = "abc", .offset = 70'000},
             .is_aof_base = true});
  rdb.function("#!lua");
  rdb.select_db(3);
  rdb.resize_db(2, 1);
  rdb.key(RdbType::string, "name", {.expires_at = 1});
  rdb.encode_string("value");
  rdb.key(RdbType::zset_2, "z", {});
  rdb.encode_length(1);
  rdb.encode_int(5);
  rdb.encode_double(1.0);
  rdb.end();

  EXPECT_EQ(out, with_end(b("REDIS0010"
                            "\xfa\x09redis-ver\x05"
                            "7.2.5"
                            "\xfa\x0aredis-bits\xc0\x40"
                            "\xfa\x05"
                            "ctime\xc2\x00\xf1\x53\x65"
                            "\xfa\x08used-mem\xc1\x2c\x01"
                            "\xfa\x0erepl-stream-db\xc0\x00"
                            "\xfa\x07repl-id\x03"
                            "abc"
                            "\xfa\x0brepl-offset\xc2\x70\x11\x01\x00"
                            "\xfa\x08"
                            "aof-base\xc0\x01"
                            "\xf5\x05#!lua"
                            "\xfe\x03"
                            "\xfb\x02\x01"
                            "\xfc\x01\x00\x00\x00\x00\x00\x00\x00\x00\x04name\x05value"
                            "\x05\x01z\x01\xc0\x05\x00\x00\x00\x00\x00\x00\xf0\x3f")));
}

TEST(RdbEncoderTest, the_checksum_runs_on_over_chunks_taken_away) {
  const auto write = [](std::size_t chunk_keys) {
    std::string all, out, chunk;
    RdbEncoder rdb(out, {});
    rdb.begin({});
    for (std::size_t i = 0; i < 100; ++i) {
      rdb.key(RdbType::string, std::to_string(i), {});
      rdb.encode_string("value");
      if (i % chunk_keys == 0) {
        rdb.take(chunk);
        all += chunk;
        EXPECT_TRUE(out.empty());
      }
    }
    rdb.take(chunk);
    all += chunk;
    const std::string others(b("\x00\x06others\x01v"));
    rdb.pass(others);
    all += others;
    rdb.end();
    rdb.take(chunk);
    return all + chunk;
  };
  const std::string whole = write(1000);
  EXPECT_EQ(write(1), whole);
  EXPECT_EQ(write(7), whole);
  EXPECT_EQ(load_whole(whole).error, "");
}

TEST(RdbEncoderTest, what_stands_before_the_stream_is_not_summed) {
  std::string out = "$EOF:abc\r\n";
  RdbEncoder rdb(out, {});
  rdb.begin({});
  rdb.end();
  EXPECT_EQ(load_whole(Bytes(out).substr(10)).error, "");
}

TEST(RdbEncoderTest, without_checksum_the_last_eight_bytes_are_zero) {
  std::string out;
  RdbEncoder rdb(out, {.checksum = false});
  rdb.begin({});
  rdb.end();
  EXPECT_TRUE(Bytes(out).ends_with(b("\xff\x00\x00\x00\x00\x00\x00\x00\x00")));
  EXPECT_EQ(load_whole(out).error, "");
}

TEST(RdbEncoderTest, chunks_that_come_back_are_reused_without_allocation) {
  std::string out, chunk;
  RdbEncoder rdb(out, {.compression = Compression::off});
  out.reserve(4096);
  chunk.reserve(4096);
  const char* const first = out.data();
  const char* const second = chunk.data();
  for (int i = 0; i < 10; ++i) {
    rdb.key(RdbType::string, "some key that is longer than any inline string", {});
    rdb.encode_string("some value that is longer than any inline string");
    rdb.take(chunk);
    EXPECT_EQ(chunk.data(), i % 2 == 0 ? first : second);
  }
}

}  // namespace
}  // namespace banyan::persist
