#include "persist/ziplist.h"

#include <string>
#include <vector>

#include <gtest/gtest.h>

namespace banyan::persist {
namespace {
using encodings::Listpack;

// The parts of a ziplist: entries as written, each without the size of the one before it.
std::string ziplist(const std::vector<std::string>& entries) {
  std::string body;
  std::size_t before = 0;
  std::size_t last = 10;
  for (const std::string& entry : entries) {
    last = 10 + body.size();
    std::string head;
    if (before < 254) {
      head.push_back(static_cast<char>(before));
    } else {
      head.push_back('\xfe');
      head.append(reinterpret_cast<const char*>(&before), 4);
    }
    body += head + entry;
    before = head.size() + entry.size();
  }
  std::string out(10, '\0');
  store_to(out.data(), static_cast<std::uint32_t>(out.size() + body.size() + 1));
  store_to(out.data() + 4, static_cast<std::uint32_t>(last));
  store_to(out.data() + 8, static_cast<std::uint16_t>(entries.size()));
  return out + body + '\xff';
}

std::vector<std::string> texts(std::optional<Listpack> pack) {
  if (!pack) return {"not a ziplist"};
  std::vector<std::string> all;
  IntegerText room;
  for (auto at = pack->first(); at != Listpack::kNone; at = pack->next(at))
    all.emplace_back(pack->text(at, room));
  pack->destroy();
  return all;
}
bool is_ziplist(const std::string& bytes) {
  auto pack = listpack_of_ziplist(bytes);
  if (pack) pack->destroy();
  return pack.has_value();
}

using Texts = std::vector<std::string>;
using std::string_literals::operator""s;

TEST(Ziplist, is_read_into_a_listpack) {
  const std::string medium(100, 'm');
  const std::string large(20000, 'L');
  EXPECT_EQ(texts(listpack_of_ziplist(ziplist(
                {"\xf1"s, "\xfd"s, "\xfe\x80"s, "\xc0\x39\x30"s, "\xf0\x00\x00\x80"s,
                 "\xd0\xff\xff\xff\x7f"s, "\xe0\x00\x00\x00\x00\x00\x00\x00\x80"s, "\x02hi"s,
                 "\x40\x64"s + medium, "\x80\x00\x00\x4e\x20"s + large, "\x00"s}))),
            (Texts{"0", "12", "-128", "12345", "-8388608", "2147483647", "-9223372036854775808",
                   "hi", medium, large, ""}));
  EXPECT_EQ(texts(listpack_of_ziplist(ziplist({}))), Texts{});
}

TEST(Ziplist, is_refused_when_any_of_its_sizes_is_wrong) {
  const std::string good = ziplist({"\x02hi"s, "\xf2"s});
  ASSERT_TRUE(is_ziplist(good));
  for (std::size_t i = 0; i < good.size(); ++i) {
    if (i == 12 || i == 13 || i == 15) continue;  // the text, the immediate integer
    std::string bad = good;
    bad[i] = static_cast<char>(bad[i] + 1);
    EXPECT_FALSE(is_ziplist(bad)) << "byte " << i;
  }
  for (std::size_t size = 0; size < good.size(); ++size) {
    std::string cut = good.substr(0, size);
    EXPECT_FALSE(is_ziplist(cut)) << size;
    if (size < 11) continue;
    store_to(cut.data(), static_cast<std::uint32_t>(size));
    cut.back() = '\xff';
    EXPECT_FALSE(is_ziplist(cut)) << size;
  }
  EXPECT_FALSE(is_ziplist(ziplist({"\xff"s})));
  EXPECT_FALSE(is_ziplist(ziplist({"\x81\x00\x00\x00\x00"s})));
  EXPECT_FALSE(is_ziplist(ziplist({"\x80\xff\xff\xff\xff"s})));
}

TEST(Ziplist, may_leave_its_count_unknown) {
  std::string bytes = ziplist({"\x02hi"s, "\xf2"s});
  store_to(bytes.data() + 8, std::uint16_t{65535});
  EXPECT_EQ(texts(listpack_of_ziplist(bytes)), (Texts{"hi", "1"}));
}

}  // namespace
}  // namespace banyan::persist
