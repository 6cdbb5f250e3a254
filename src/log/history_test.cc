#include "log/history.h"

#include <gtest/gtest.h>

namespace banyan::log {
namespace {

ReplicationId id_of(char digit) { return *ReplicationId::parse(std::string(40, digit)); }

TEST(ReplicationId, is_forty_hex_digits_of_either_case) {
  EXPECT_TRUE(ReplicationId::parse("0123456789abcdefABCDEF0123456789abcdef01"));
  EXPECT_FALSE(ReplicationId::parse("0123456789abcdefABCDEF0123456789abcdef0"));
  EXPECT_FALSE(ReplicationId::parse("0123456789abcdefABCDEF0123456789abcdef012"));
  EXPECT_FALSE(ReplicationId::parse("0123456789abcdefABCDEF0123456789abcdefg1"));
  EXPECT_FALSE(ReplicationId::parse("?"));
  EXPECT_EQ(id_of('a'), id_of('A'));
  EXPECT_EQ(id_of('A').text(), std::string(40, 'A'));
  EXPECT_TRUE(ReplicationId().is_none());
  EXPECT_FALSE(id_of('a').is_none());
}

TEST(Offset, takes_from_the_wire_only_what_leaves_room_to_grow) {
  EXPECT_EQ(Offset::from_wire(0), Offset(0));
  EXPECT_EQ(Offset::from_wire(std::int64_t{1} << 62), Offset(std::int64_t{1} << 62));
  EXPECT_EQ(Offset::from_wire((std::int64_t{1} << 62) + 1), std::nullopt);
  EXPECT_EQ(Offset::from_wire(-1), std::nullopt);
}

struct HistoryTest : testing::Test {
  // Followed the b's to offset 50, then was promoted.
  History history = [] {
    History h;
    h.adopt(id_of('b'));
    h.promote(id_of('a'), Offset(50));
    return h;
  }();
};

TEST_F(HistoryTest, a_promotion_keeps_the_old_id_up_to_the_byte_after_it) {
  EXPECT_EQ(history.id, id_of('a'));
  EXPECT_EQ(history.previous_id, id_of('b'));
  EXPECT_EQ(history.previous_valid_up_to, ByteNumber(51));
}

TEST_F(HistoryTest, following_a_promoted_primary_keeps_the_old_id_for_our_own_replicas) {
  EXPECT_TRUE(history.follow(id_of('d'), Offset(70)));
  EXPECT_EQ(history.id, id_of('d'));
  EXPECT_EQ(history.previous_id, id_of('a'));
  EXPECT_EQ(history.previous_valid_up_to, ByteNumber(71));
  const History before = history;
  EXPECT_FALSE(history.follow(id_of('D'), Offset(75)));
  EXPECT_EQ(history, before);
}

TEST_F(HistoryTest, an_adopted_history_has_no_past) {
  history.adopt(id_of('c'));
  EXPECT_EQ(history.id, id_of('c'));
  EXPECT_TRUE(history.previous_id.is_none());
  EXPECT_EQ(history.previous_valid_up_to, ByteNumber(-1));
}

}  // namespace
}  // namespace banyan::log
