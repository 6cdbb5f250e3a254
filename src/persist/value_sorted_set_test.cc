#include <gtest/gtest.h>

#include <limits>
#include <map>
#include <memory>

#include "persist/values.h"
#include "values/sorted_set.h"

namespace banyan::persist {
namespace {

using namespace std::string_literals;
using store::Entry;
using values::Encoding;
using values::SortedSet;
using values::SortedSetView;

struct Free {
  void operator()(Entry* entry) const { Entry::destroy(entry); }
};
using Owned = std::unique_ptr<Entry, Free>;

std::string text_of(const Entry& entry) {
  std::string text;
  SortedSetView(entry.body()).visit_all([&](Bytes member, double score) {
    text += std::string(member) + "=" + format_double(score) + " ";
  });
  return text;
}

struct ValueSortedSet : testing::Test {
  values::EncodingLimits limits{{.zset_listpack_entries = 4}, {1, 2}};

  Result<Entry*> load(RdbType type, Bytes payload) {
    RdbReader reader(payload);
    auto loaded = load_value(reader, type, "key", {.limits = limits});
    EXPECT_TRUE(!loaded || reader.at_end());
    return loaded;
  }
  Owned loaded(RdbType type, Bytes payload) {
    auto result = load(type, payload);
    EXPECT_TRUE(result) << result.error().describe();
    return Owned(result ? *result : nullptr);
  }
  Errc error_of(RdbType type, Bytes payload) {
    RdbReader reader(payload);
    auto result = load_value(reader, type, "key", {.limits = limits});
    EXPECT_FALSE(result);
    return result ? Errc::err : result.error().code();
  }
  Owned set_of(const std::map<std::string, double>& members) {
    Owned entry(Entry::make_collection("key", values::Type::sorted_set));
    for (const auto& [text, score] : members) SortedSet(entry->body()).put(text, score, limits);
    return entry;
  }
  static std::string in_string(Bytes bytes) {
    std::string payload;
    append_length(payload, bytes.size());
    return payload += bytes;
  }
  static std::string pack_of(std::initializer_list<Bytes> elements) {
    encodings::Listpack pack = encodings::Listpack::make();
    for (const Bytes element : elements) pack.append(encodings::ListpackValue::of(element));
    std::string payload = in_string(pack.bytes());
    pack.destroy();
    return payload;
  }
};

TEST_F(ValueSortedSet, every_encoding_comes_back) {
  const double inf = std::numeric_limits<double>::infinity();
  std::map<std::string, double> large;
  for (int i = 0; i < 1000; ++i) large[std::to_string(i)] = i % 7 / 2.0;
  for (const auto& members : {std::map<std::string, double>{{"a", 1.5}, {"", -inf}, {"7", inf}},
                              std::map<std::string, double>{{"a", 1}}, large}) {
    const Owned entry = set_of(members);
    const RdbType type = rdb_type(*entry);
    EXPECT_EQ(type, members.size() > 4 ? RdbType::zset_2 : RdbType::zset_listpack);
    std::string payload;
    append_value(payload, *entry, Compression::lzf);
    const Owned back = loaded(type, payload);
    EXPECT_EQ(back->encoding(), entry->encoding());
    EXPECT_EQ(text_of(*back), text_of(*entry));
    for (std::size_t size = 0; size < payload.size() && size < 300; ++size)
      EXPECT_NE(error_of(type, Bytes(payload).substr(0, size)), Errc::err);
  }
}

TEST_F(ValueSortedSet, the_oldest_form_has_scores_as_texts) {
  const Owned entry = loaded(RdbType::zset,
                             "\x03\x01x\x03"
                             "1.5\x01y\xff\x01z\xfe"s);
  EXPECT_EQ(text_of(*entry), "y=-inf x=1.5 z=inf ");
  EXPECT_EQ(entry->encoding(), Encoding::listpack);
  EXPECT_EQ(error_of(RdbType::zset, "\x01\x01x\xfd"s), Errc::corrupt) << "not a number";
}

TEST_F(ValueSortedSet, a_listpack_in_the_wrong_order_is_put_in_order) {
  EXPECT_EQ(text_of(*loaded(RdbType::zset_listpack, pack_of({"b", "2", "a", "1.5"}))),
            "a=1.5 b=2 ");
  EXPECT_EQ(text_of(*loaded(RdbType::zset_listpack, pack_of({"b", "+2", "a", "1e1"}))),
            "b=2 a=10 ");
}

TEST_F(ValueSortedSet, settings_decide_what_a_loaded_set_becomes) {
  const std::string pack = pack_of({"a", "1", "b", "2", "c", "3"});
  EXPECT_EQ(loaded(RdbType::zset_listpack, pack)->encoding(), Encoding::listpack);
  limits.zset_listpack_entries = 2;
  EXPECT_EQ(loaded(RdbType::zset_listpack, pack)->encoding(), Encoding::skiplist);
}

TEST_F(ValueSortedSet, nothing_is_left_of_an_empty_one) {
  EXPECT_EQ(loaded(RdbType::zset_2, "\0"s), nullptr);
  EXPECT_EQ(loaded(RdbType::zset_listpack, pack_of({})), nullptr);
}

TEST_F(ValueSortedSet, what_cannot_be_is_refused) {
  EXPECT_EQ(error_of(RdbType::zset_listpack, pack_of({"a", "1", "b"})), Errc::corrupt);
  EXPECT_EQ(error_of(RdbType::zset_listpack, pack_of({"a", "1", "a", "2"})), Errc::corrupt);
  EXPECT_EQ(error_of(RdbType::zset_listpack, pack_of({"a", "x"})), Errc::corrupt);
  EXPECT_EQ(error_of(RdbType::zset_listpack, pack_of({"a", "nan"})), Errc::corrupt);
  EXPECT_EQ(error_of(RdbType::zset_listpack, pack_of({"a", ""})), Errc::corrupt);
  EXPECT_EQ(error_of(RdbType::zset_listpack, in_string("\x08\0\0\0\0\0\xff"s)), Errc::corrupt);
  EXPECT_EQ(error_of(RdbType::zset_ziplist, in_string("nothing")), Errc::corrupt);
  EXPECT_EQ(error_of(RdbType::zset_2, "\x01\x01x\0\0\0\0\0\0\xf8\x7f"s), Errc::corrupt);
  EXPECT_EQ(error_of(RdbType::zset_2, "\x81\xff\xff\xff\xff\xff\xff\xff\xff\x01x"s),
            Errc::need_more);
  EXPECT_EQ(error_of(RdbType::zset_2, "\x02\x01x\0\0\0\0\0\0\0\0\x01x\0\0\0\0\0\0\0\0"s),
            Errc::corrupt);
}

}  // namespace
}  // namespace banyan::persist
