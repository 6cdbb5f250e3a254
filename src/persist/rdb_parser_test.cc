#include "persist/rdb_parser.h"

#include <gtest/gtest.h>

#include "persist/rdb_test_support.h"

namespace banyan::persist {
namespace {

const std::string kHeader = "REDIS0011";

// A stream id as raw bytes, as PELs have them.
const std::string kId(16, '\1');

// One key of each type, its payload by hand. `value` says nothing to us beyond its lengths.
struct Sample {
  RdbType type;
  std::string payload;
};

std::vector<Sample> samples() {
  const std::string listpack_node = b("\x10") + kId + b("\x03lpk");  // stream: id, listpack
  const std::string stream_1_tail = b("\x01\x05\x00");               // length, last id
  const std::string stream_2_tail = stream_1_tail + b("\x05\x00\x00\x00\x01");
  const std::string pel = b("\x01") + kId + little_endian<std::int64_t>(7) + b("\x02");
  const std::string owned = b("\x01") + kId;
  const std::string seen = little_endian<std::int64_t>(9);
  return {
      {RdbType::string, b("\x03"
                          "abc")},
      {RdbType::list, b("\x02\x01x\xc0\x05")},
      {RdbType::set, b("\x01\xc1\x00\x01")},
      {RdbType::zset, b("\x03\x01x\x03"
                        "1.5\x01y\xfe\x01z\xff")},
      {RdbType::hash, b("\x02\x01"
                        "f\x01v\x01g\xc2\x01\x02\x03\x04")},
      {RdbType::zset_2, b("\x01\x01x") + little_endian(2.5)},
      {RdbType::module_2, b("\x81\x01\x02\x03\x04\x05\x06\x07\x08"
                            "\x01\x05"
                            "\x02\x40\x80"
                            "\x03"
                            "1234"
                            "\x04"
                            "12345678"
                            "\x05\x02hi"
                            "\x00")},
      {RdbType::hash_zipmap, b("\x01z")},
      {RdbType::list_ziplist, b("\x01z")},
      {RdbType::set_intset, b("\xc3\x05\x14"
                              "\x00"
                              "a\xe0\x0a\x00")},
      {RdbType::zset_ziplist, b("\x01z")},
      {RdbType::hash_ziplist, b("\x01z")},
      {RdbType::list_quicklist, b("\x02\x01z\x02zz")},
      {RdbType::stream_listpacks, b("\x01") + listpack_node + stream_1_tail +
                                      b("\x01\x01g\x05\x00") + pel +
                                      b("\x01\x01"
                                        "c") +
                                      seen + owned},
      {RdbType::hash_listpack, b("\x01l")},
      {RdbType::zset_listpack, b("\x01l")},
      {RdbType::list_quicklist_2, b("\x02\x01\x01z\x02\x01l")},
      {RdbType::stream_listpacks_2, b("\x01") + listpack_node + stream_2_tail +
                                        b("\x01\x01g\x05\x00\x01") + pel +
                                        b("\x01\x01"
                                          "c") +
                                        seen + owned},
      {RdbType::set_listpack, b("\x01l")},
      {RdbType::stream_listpacks_3, b("\x01") + listpack_node + stream_2_tail +
                                        b("\x02\x01g\x05\x00\x01") + pel +
                                        b("\x01\x01"
                                          "c") +
                                        seen + seen + owned + b("\x01h\x05\x00\x01\x00\x00")},
      {RdbType::stream_listpacks_3, b("\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00")},
      {RdbType::hash_metadata, little_endian<std::int64_t>(5) + b("\x01\x40\x80\x01"
                                                                  "f\x01v")},
      {RdbType::hash_listpack_ex, little_endian<std::int64_t>(5) + b("\x01l")},
  };
}

std::string key_bytes(const Sample& sample) {
  return static_cast<char>(sample.type) + b("\x01k") + sample.payload;
}

TEST(RdbParserTest, knows_where_a_value_of_each_type_ends) {
  std::string file = kHeader;
  for (const Sample& sample : samples()) file += key_bytes(sample);
  file = with_end(file);

  RdbParser parser;
  Bytes input = file;
  ASSERT_TRUE(std::holds_alternative<RdbHeader>(*parser.next(input)));
  for (const Sample& sample : samples()) {
    const auto item = parser.next(input);
    ASSERT_TRUE(item.has_value()) << type_name(sample.type) << ": " << item.error().text();
    const RdbKey& key = std::get<RdbKey>(*item);
    EXPECT_EQ(key.key, "k");
    EXPECT_EQ(key.type, sample.type);
    EXPECT_EQ(key.payload, sample.payload) << type_name(sample.type);
    EXPECT_EQ(file.substr(key.payload_offset, sample.payload.size()), sample.payload);
  }
  EXPECT_TRUE(std::holds_alternative<RdbEof>(*parser.next(input)));
  EXPECT_TRUE(input.empty());
  EXPECT_EQ(parser.offset(), file.size());
}

TEST(RdbParserTest, a_value_cut_anywhere_needs_more_and_says_at_least_how_much) {
  for (const Sample& sample : samples()) {
    const std::string bytes = kHeader + key_bytes(sample);
    for (std::size_t cut = 0; cut < bytes.size(); ++cut) {
      RdbParser parser;
      Bytes input = Bytes(bytes).substr(0, cut);
      while (true) {
        const auto item = parser.next(input);
        if (item) continue;
        ASSERT_EQ(item.error().code(), Errc::need_more) << type_name(sample.type) << " " << cut;
        break;
      }
      EXPECT_GT(parser.needed(), input.size());
      EXPECT_LE(parser.offset() + parser.needed(), bytes.size());
    }
  }
}

TEST(RdbParserTest, a_value_that_grows_byte_by_byte_is_taken_up_where_it_ended) {
  for (const Sample& sample : samples()) {
    const std::string bytes = kHeader + key_bytes(sample);
    RdbParser parser;
    for (std::size_t size = 0; size < bytes.size(); ++size) {
      Bytes input = Bytes(bytes).substr(parser.offset(), size - parser.offset());
      const auto item = parser.next(input);
      EXPECT_EQ(item.has_value(), size == kHeader.size()) << size;
    }
    Bytes input = Bytes(bytes).substr(parser.offset());
    const auto item = parser.next(input);
    ASSERT_TRUE(item.has_value());
    EXPECT_EQ(std::get<RdbKey>(*item).payload, sample.payload);
  }
}

TEST(RdbParserTest, items_of_all_kinds) {
  const std::string file =
      with_end(kHeader + b("\xfa\x01"
                           "a\xc0\x07"
                           "\xfe\x05"
                           "\xfb\x40\x64\x02"
                           "\xf4\x01\x02\x03"
                           "\xf5\x04"
                           "code"
                           "\xf7\x09\x02\x01\x05\x02hi\x00"
                           "\xfd\x02\x00\x00\x00\xf9\x03\x00\x01k\x01v"
                           "\xfc\x09\x00\x00\x00\x00\x00\x00\x00\xf8\x07"
                           "\x00\x01k\x01w"
                           "\xfc\xff\xff\xff\xff\xff\xff\xff\xff\x00\x01k\x01x"));
  const Loaded loaded = load_whole(file);
  EXPECT_EQ(loaded.error, "");
  EXPECT_EQ(loaded.lines,
            (std::vector<std::string>{"aux a=7", "select 5", "resize 100 2", "function code",
                                      "string k=v expires=2000 freq=3",
                                      "string k=w expires=9 idle=7", "string k=x", "end"}));
}

TEST(RdbParserTest, files_before_version_5_have_no_checksum) {
  EXPECT_EQ(load_whole(b("REDIS0004\xff")).lines, std::vector<std::string>{"end"});
  EXPECT_EQ(load_whole(b("REDIS0004\xff")).taken, 10U);
  EXPECT_EQ(load_whole(b("REDIS0005\xff")).code, Errc::need_more);
}

struct Refusal {
  std::string bytes, error;
};

TEST(RdbParserTest, says_what_is_wrong_and_where) {
  const Refusal refusals[] = {
      {"RUDIS0011", "Wrong signature trying to load DB from file (at byte 0)"},
      {"X", "Wrong signature trying to load DB from file (at byte 0)"},
      {"REDIS00x1", "Wrong signature trying to load DB from file (at byte 0)"},
      {"REDIS0013", "Can't handle RDB format version 13 (at byte 0)"},
      {"REDIS0000", "Can't handle RDB format version 0 (at byte 0)"},
      {kHeader + b("\x08"), "unknown value type or opcode 8 (at byte 9)"},
      {kHeader + b("\x1a"), "unknown value type or opcode 26 (at byte 9)"},
      {kHeader + b("\xf3"), "unknown value type or opcode 243 (at byte 9)"},
      {kHeader + b("\x06"), "type 6 (pre-release module value) is not supported (at byte 9)"},
      {kHeader + b("\xf6"), "functions of a pre-release are not supported (at byte 9)"},
      {kHeader + b("\x00\x82"), "unknown length encoding 130 (at byte 11)"},
      {kHeader + b("\x00\xc4"), "unknown string encoding 4 (at byte 11)"},
      {kHeader + b("\xfe\xc0"), "an encoded string where a length belongs (at byte 11)"},
      {kHeader + b("\x00\x81\xff\xff\xff\xff\xff\xff\xff\xff"),
       "a length of 18446744073709551615 bytes (at byte 19)"},
      {kHeader + b("\x00\xc3\x01\x40\x59"),
       "1 compressed bytes cannot be 89 bytes of text (at byte 14)"},
      {kHeader + b("\x00\xc3\x00\x00"),
       "0 compressed bytes cannot be 0 bytes of text (at byte 13)"},
      {kHeader + b("\x00\xc3\x03\x20\xe0\x00\x00\x01v"),
       "invalid LZF compressed string (at byte 16)"},
      {kHeader + b("\x03\x01k\x01\x01x\xfd"), "a score that is not a number (at byte 16)"},
      {kHeader + b("\x07\x01k\x09\x06"), "unknown module opcode 6 (at byte 14)"},
  };
  for (const Refusal& refusal : refusals) {
    const Loaded loaded = load_whole(refusal.bytes);
    EXPECT_EQ(loaded.error, refusal.error);
    EXPECT_EQ(loaded.code, Errc::corrupt) << loaded.error;
  }
}

TEST(RdbParserTest, a_claimed_length_or_count_allocates_nothing) {
  for (const std::string& bytes :
       {kHeader + b("\x00\x81\x00\x00\x00\xff\x00\x00\x00\x00"),       // key of a terabyte
        kHeader + b("\x01\x01k\x81\x00\x00\x00\xff\x00\x00\x00\x00"),  // as many elements
        kHeader + b("\x00\x01k\xc3\x80\x7f\x00\x00\x00\x80\xff\x00\x00\x00")}) {  // 4 GB unpacked
    RdbParser parser;
    Bytes input = bytes;
    ASSERT_TRUE(parser.next(input).has_value());
    EXPECT_EQ(parser.next(input).error().code(), Errc::need_more);
  }
}

TEST(RdbParserTest, names_what_a_build_cannot_store) {
  EXPECT_EQ(unsupported(RdbType::hash).text(), "type 4 (hash) not supported yet by this build");
  EXPECT_EQ(type_name(RdbType{200}), "");
}

}  // namespace
}  // namespace banyan::persist
