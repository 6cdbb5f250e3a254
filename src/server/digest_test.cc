// The expected digests come from redis-server 7.0.15 with the same data.
#include "server/digest.h"

#include <gtest/gtest.h>

namespace banyan::server {
namespace {

struct DigestTest : testing::Test {
  ~DigestTest() override { store::Entry::destroy(entry); }
  std::string of_value(Bytes value, UnixMs expiry = kNoExpiry) {
    if (entry != nullptr) store::Entry::destroy(entry);
    entry = store::Entry::make("key", store::StringValue::of(value), expiry);
    Digest digest;
    digest.add_value(*entry);
    return digest.text();
  }
  store::Entry* entry = store::Entry::make("key", store::StringValue::of("x"));
};

TEST_F(DigestTest, of_a_string_is_what_redis_says) {
  EXPECT_EQ(of_value("foo"), "b7f507e4e114eaf82bb9a21d385c60ee2545432e");
  EXPECT_EQ(of_value("1"), "b4fc66738120fba0b5aa500ab5c2bf89cea1c5da");
}

TEST_F(DigestTest, tells_whether_the_key_expires_but_not_when) {
  EXPECT_EQ(of_value("foo", 1000), "5170f91b3d2d00aceaaf49e57d36af753feb02ad");
  EXPECT_EQ(of_value("foo", 1000), of_value("foo", 2000));
}

TEST(Digest, starts_with_nothing) {
  EXPECT_EQ(Digest().text(), "0000000000000000000000000000000000000000");
}

TEST(Digest, knows_of_order_where_data_is_mixed_and_not_where_it_is_added) {
  Digest ab, ba, added_ab, added_ba;
  ab.mix("a");
  ab.mix("b");
  ba.mix("b");
  ba.mix("a");
  added_ab.add_unordered("a");
  added_ab.add_unordered("b");
  added_ba.add_unordered("b");
  added_ba.add_unordered("a");
  EXPECT_NE(ab.text(), ba.text());
  EXPECT_EQ(added_ab.text(), added_ba.text());
}

}  // namespace
}  // namespace banyan::server
