#include "persist/value_list.h"

#include <gtest/gtest.h>

#include "persist/rdb_test_support.h"
#include "persist/values.h"
#include "values/list.h"

namespace banyan::persist {
namespace {

using encodings::ListEnd;
using encodings::ListpackValue;
using store::Entry;
using values::List;
using values::ListView;

struct ValueListTest : testing::Test {
  values::EncodingLimits limits;

  std::string joined(const Entry& entry) {
    std::string all = values::name_of(entry.encoding());
    ListView(entry.body()).visit_all([&](const ListpackValue& value) {
      IntegerText room;
      all += " " + std::string(value.as_text(room));
    });
    return all;
  }
  // What a payload holds, or the error.
  std::string loaded(RdbType type, Bytes payload) {
    RdbReader reader(payload);
    auto entry = load_value(reader, type, "k", {.limits = limits});
    if (!entry) return entry.error().code() == Errc::need_more ? "more" : entry.error().describe();
    if (*entry == nullptr) return "nothing";
    EXPECT_TRUE(reader.at_end());
    const std::string text = joined(**entry);
    Entry::destroy(*entry);
    return text;
  }
  // Saved and loaded again.
  std::string round_trip(std::initializer_list<Bytes> texts, Compression compression) {
    Entry* entry = Entry::make_collection("k", values::Type::list);
    List(entry->body(), limits).push(ListEnd::tail, {texts});
    std::string payload;
    append_value(payload, *entry, compression);
    const std::string before = joined(*entry);
    const RdbType type = rdb_type(*entry);
    Entry::destroy(entry);
    const std::string after = loaded(type, payload);
    EXPECT_EQ(after, before);
    for (std::size_t size = 0; size < payload.size(); ++size)
      EXPECT_EQ(loaded(type, Bytes(payload).substr(0, size)), "more") << size;
    return payload;
  }
};

// What DUMP gives on a Redis 7.0 for RPUSH k a 1, without version and checksum.
TEST_F(ValueListTest, has_the_bytes_that_redis_writes) {
  EXPECT_EQ(round_trip({"a", "1"}, Compression::off),
            b("\x01\x02\x0c\x0c\x00\x00\x00\x02\x00\x81\x61\x02\x01\x01\xff"));
}

TEST_F(ValueListTest, comes_back_in_every_encoding) {
  const std::string text(100, 'x');
  round_trip({"a", "-5", text, ""}, Compression::lzf);
  limits.list_listpack_size = 2;
  limits.list_compress_depth = 1;
  round_trip({text, text, text, text, text, "end"}, Compression::lzf);
  round_trip({text, text, text, text, text, "end"}, Compression::off);
  limits.list_plain_bytes = 50;
  round_trip({text, "a", text, text, "b", "end"}, Compression::lzf);
}

TEST_F(ValueListTest, is_read_in_the_forms_of_old_versions) {
  EXPECT_EQ(loaded(RdbType::list, b("\x03\x01\x61\xc0\x05\x00")), "listpack a 5 ");
  const std::string ziplist = b("\x0f\0\0\0\x0c\0\0\0\x02\0\0\xf3\x02\xf6\xff");
  EXPECT_EQ(loaded(RdbType::list_ziplist, b("\x0f") + ziplist), "listpack 2 5");
  EXPECT_EQ(loaded(RdbType::list_quicklist, b("\x02\x0f") + ziplist + b("\x0f") + ziplist),
            "quicklist 2 5 2 5");
}

TEST_F(ValueListTest, without_elements_is_nothing) {
  EXPECT_EQ(loaded(RdbType::list, b("\x00")), "nothing");
  EXPECT_EQ(loaded(RdbType::list_quicklist_2, b("\x00")), "nothing");
  EXPECT_EQ(loaded(RdbType::list_quicklist_2, b("\x01\x02\x07\x07\0\0\0\0\0\xff")), "nothing");
  EXPECT_EQ(loaded(RdbType::list_ziplist, b("\x0b\x0b\0\0\0\x0a\0\0\0\0\0\xff")), "nothing");
}

TEST_F(ValueListTest, is_refused_when_it_is_corrupt) {
  EXPECT_EQ(loaded(RdbType::list_quicklist_2, b("\x01\x03\x01x")),
            "unknown kind of a list's node: 3 (at byte 4)");
  EXPECT_EQ(loaded(RdbType::list_quicklist_2, b("\x01\x01\x00")),
            "a list's node without content (at byte 3)");
  EXPECT_EQ(loaded(RdbType::list_quicklist_2, b("\x01\x02\x07\x08\0\0\0\0\0\xff")),
            "invalid listpack (at byte 10)");
  EXPECT_EQ(loaded(RdbType::list_ziplist, b("\x01x")), "invalid ziplist (at byte 2)");
  EXPECT_EQ(loaded(RdbType::list, b("\x81\xff\xff\xff\xff\xff\xff\xff\xff\x01x")), "more");
}

}  // namespace
}  // namespace banyan::persist
