#include "log/history.h"

#include <gtest/gtest.h>

#include <limits>

namespace banyan::log {
namespace {

using Kind = Decision::Kind;

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
  // Followed the b's to offset 50, then was promoted; holds bytes 21 ... 80.
  History history = [] {
    History h;
    h.adopt(id_of('b'));
    h.promote(id_of('a'), Offset(50));
    return h;
  }();
  Window window{Offset(20), Offset(80)};

  Decision ask(char id, std::int64_t byte) const {
    return history.can_continue(std::string(40, id), ByteNumber(byte), window);
  }
};

TEST_F(HistoryTest, continues_exactly_within_the_window) {
  for (std::int64_t byte = 0; byte <= 100; ++byte) {
    const Decision decision = ask('a', byte);
    ASSERT_EQ(decision.is_partial(), byte >= 21 && byte <= 81) << byte;
    if (decision.is_partial()) {
      EXPECT_EQ(decision.from, Offset(byte - 1));
      EXPECT_EQ(decision.bytes_to_send, 81 - byte);
    } else {
      EXPECT_EQ(decision.kind, Kind::lack_of_backlog);
      EXPECT_EQ(decision.is_ahead, byte > 81) << byte;
    }
  }
}

TEST_F(HistoryTest, continues_under_the_previous_id_up_to_the_byte_after_the_promotion) {
  EXPECT_EQ(history.previous_valid_up_to, ByteNumber(51));
  EXPECT_EQ(ask('b', 20).kind, Kind::lack_of_backlog);
  EXPECT_TRUE(ask('b', 21).is_partial());
  EXPECT_TRUE(ask('b', 51).is_partial());
  EXPECT_EQ(ask('b', 52).kind, Kind::beyond_previous_id);
  EXPECT_EQ(ask('b', 52).limit, ByteNumber(51));
}

TEST_F(HistoryTest, compares_ids_without_case) { EXPECT_TRUE(ask('B', 51).is_partial()); }

TEST_F(HistoryTest, tells_a_request_for_a_full_resync_from_an_unknown_id) {
  EXPECT_EQ(history.can_continue("?", ByteNumber(-1), window).kind, Kind::requested);
  EXPECT_EQ(ask('c', 50).kind, Kind::id_mismatch);
  EXPECT_EQ(history.can_continue("", ByteNumber(50), window).kind, Kind::id_mismatch);
}

TEST_F(HistoryTest, survives_the_extreme_numbers) {
  for (const auto byte :
       {std::numeric_limits<std::int64_t>::min(), std::numeric_limits<std::int64_t>::max()}) {
    EXPECT_EQ(ask('a', byte).kind, Kind::lack_of_backlog);
    EXPECT_FALSE(ask('b', byte).is_partial());
  }
}

TEST_F(HistoryTest, without_a_previous_id_nobody_continues_under_forty_zeros) {
  history.adopt(id_of('c'));
  EXPECT_TRUE(history.previous_id.is_none());
  EXPECT_EQ(history.previous_valid_up_to, ByteNumber(-1));
  EXPECT_EQ(ask('0', -1).kind, Kind::id_mismatch);
  EXPECT_EQ(ask('a', 50).kind, Kind::id_mismatch);
  EXPECT_TRUE(ask('c', 50).is_partial());
}

TEST_F(HistoryTest, an_empty_log_serves_only_those_in_step) {
  window = {Offset(50), Offset(50)};
  EXPECT_EQ(ask('a', 50).kind, Kind::lack_of_backlog);
  EXPECT_TRUE(ask('a', 51).is_partial());
  EXPECT_EQ(ask('a', 51).bytes_to_send, 0);
  EXPECT_TRUE(ask('a', 52).is_ahead);
}

TEST_F(HistoryTest, an_inactive_log_serves_nobody) {
  window = {Offset(50), Offset(50), false};
  EXPECT_EQ(ask('a', 51).kind, Kind::lack_of_backlog);
  EXPECT_FALSE(ask('a', 51).is_ahead);
}

TEST_F(HistoryTest, following_a_promoted_primary_keeps_the_old_id_for_our_own_replicas) {
  EXPECT_TRUE(history.follow(id_of('d'), Offset(70)));
  EXPECT_TRUE(ask('a', 71).is_partial());
  EXPECT_EQ(ask('a', 72).kind, Kind::beyond_previous_id);
  EXPECT_TRUE(ask('d', 72).is_partial());
  const History before = history;
  EXPECT_FALSE(history.follow(id_of('D'), Offset(75)));
  EXPECT_EQ(history, before);
}

TEST_F(HistoryTest, describes_decisions_in_the_words_operators_look_for) {
  const auto text = [&](char id, std::int64_t byte) {
    return describe(ask(id, byte), history, std::string(40, id), "10.0.0.2:6380");
  };
  EXPECT_EQ(text('a', 51),
            "Partial resynchronization request from 10.0.0.2:6380 accepted. Sending 30 bytes of "
            "backlog starting from offset 51.");
  EXPECT_EQ(text('b', 60),
            "Partial resynchronization not accepted: Requested offset for second ID was 60, but I "
            "can reply up to 51");
  EXPECT_EQ(text('c', 60),
            "Partial resynchronization not accepted: Replication ID mismatch "
            "(Replica asked for '" +
                std::string(40, 'c') + "', my replication IDs are '" + std::string(40, 'a') +
                "' and '" + std::string(40, 'b') + "')");
  EXPECT_EQ(text('a', 20),
            "Unable to partial resync with replica 10.0.0.2:6380 for lack of backlog (Replica "
            "request was: 20).");
  EXPECT_NE(text('a', 82).find("\nWarning: replica 10.0.0.2:6380 tried to PSYNC with an offset"),
            std::string::npos);
  EXPECT_EQ(describe(history.can_continue("?", ByteNumber(-1), window), history, "?", "r:1"),
            "Full resync requested by replica r:1");
}

TEST_F(HistoryTest, what_a_stranger_sends_cannot_forge_log_lines) {
  const std::string id = "x\r\nfake line" + std::string(1000, 'y');
  const std::string text =
      describe(history.can_continue(id, ByteNumber(1), window), history, id, "r:1");
  EXPECT_EQ(text.find('\n'), std::string::npos);
  EXPECT_LT(text.size(), 300U);
}

}  // namespace
}  // namespace banyan::log
