#include <gtest/gtest.h>

#include <memory>
#include <set>

#include "persist/values.h"
#include "values/set.h"

namespace banyan::persist {
namespace {

using namespace std::string_literals;
using store::Entry;
using values::Encoding;
using values::Set;

struct Free {
  void operator()(Entry* entry) const { Entry::destroy(entry); }
};
using Owned = std::unique_ptr<Entry, Free>;

std::set<std::string> members(const Entry& entry) {
  std::set<std::string> all;
  Set::of(entry.body()).for_each([&](const values::SetMember& member) {
    IntegerText room;
    all.emplace(member.as_text(room));
  });
  return all;
}

struct ValueSetTest : testing::Test {
  values::EncodingLimits limits{{}, {1, 2}};

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
  Owned set_of(const std::set<std::string>& texts) {
    Owned entry(Entry::make_collection("key", values::Type::set));
    for (const std::string& text : texts) Set(entry->body()).add(text, limits);
    return entry;
  }
  static std::string in_string(Bytes bytes) {
    std::string payload;
    append_length(payload, bytes.size());
    return payload += bytes;
  }
};

TEST_F(ValueSetTest, every_encoding_comes_back) {
  std::set<std::string> large;
  for (int i = 0; i < 1000; ++i)
    large.insert("member " + std::string(i / 3U, 'x') + std::to_string(i));
  for (const auto& texts :
       {std::set<std::string>{"1", "-2", "70000"}, std::set<std::string>{"1", "x", ""}, large}) {
    const Owned entry = set_of(texts);
    const RdbType type = rdb_type(*entry);
    EXPECT_EQ(type, texts.contains("-2") ? RdbType::set_intset : RdbType::set);
    std::string payload;
    append_value(payload, *entry, Compression::lzf);
    const Owned back = loaded(type, payload);
    EXPECT_EQ(back->encoding(), entry->encoding());
    EXPECT_EQ(members(*back), texts);
    // Cut anywhere, it is refused.
    for (std::size_t size = 0; size < payload.size() && size < 300; ++size)
      EXPECT_NE(error_of(type, Bytes(payload).substr(0, size)), Errc::err);
  }
}

TEST_F(ValueSetTest, a_listpack_is_read_with_its_integers_as_integers) {
  const std::string pack = "\x0f\0\0\0\x02\0\x81"s + "7\x02\x81" + "a\x02\xff";
  std::string bytes = pack;
  store_to(bytes.data(), static_cast<std::uint32_t>(bytes.size()));
  const Owned entry = loaded(RdbType::set_listpack, in_string(bytes));
  ASSERT_TRUE(entry);
  EXPECT_EQ(entry->encoding(), Encoding::listpack);
  EXPECT_TRUE(Set::of(entry->body()).contains("7"));
  EXPECT_EQ(members(*entry), (std::set<std::string>{"7", "a"}));
}

TEST_F(ValueSetTest, settings_decide_what_a_loaded_set_becomes) {
  const Owned integers = set_of({"1", "2", "3"});
  std::string payload;
  append_value(payload, *integers, Compression::off);
  limits.set_intset_entries = 2;
  EXPECT_EQ(loaded(RdbType::set_intset, payload)->encoding(), Encoding::hashtable);
  EXPECT_EQ(loaded(RdbType::set, "\x02\xc0\x01\xc0\x02"s)->encoding(), Encoding::intset);
  EXPECT_EQ(loaded(RdbType::set, "\x03\xc0\x01\xc0\x02\xc0\x03"s)->encoding(), Encoding::hashtable);
}

TEST_F(ValueSetTest, nothing_is_left_of_an_empty_set) {
  EXPECT_EQ(loaded(RdbType::set, "\0"s), nullptr);
  EXPECT_EQ(loaded(RdbType::set_intset, in_string("\x02\0\0\0\0\0\0\0"s)), nullptr);
  EXPECT_EQ(loaded(RdbType::set_listpack, in_string("\x07\0\0\0\0\0\xff"s)), nullptr);
}

TEST_F(ValueSetTest, what_cannot_be_is_refused) {
  EXPECT_EQ(error_of(RdbType::set, "\x02\x01x\x01x"s), Errc::corrupt);
  EXPECT_EQ(error_of(RdbType::set, "\x02\xc0\x01\x01\x31"s), Errc::corrupt);
  EXPECT_EQ(error_of(RdbType::set, "\x81\xff\xff\xff\xff\xff\xff\xff\xff\x01x"s), Errc::need_more);
  EXPECT_EQ(error_of(RdbType::set_intset, in_string("\x02\0\0\0\x02\0\0\0\x02\0\x01\0"s)),
            Errc::corrupt);
  EXPECT_EQ(error_of(RdbType::set_listpack, in_string("\x08\0\0\0\0\0\xff"s)), Errc::corrupt);
  EXPECT_EQ(error_of(RdbType::set_listpack, in_string("\x0b\0\0\0\x02\0\x01\x01\x01\x01\xff"s)),
            Errc::corrupt);
}

}  // namespace
}  // namespace banyan::persist
