#include "log/log.h"

#include <gtest/gtest.h>

#include "base/rng.h"
#include "log/reader.h"
#include "log/stream_for_test.h"

namespace banyan::log {
namespace {

struct LogTest : testing::Test {
  Log log{1 << 20};
};

TEST_F(LogTest, is_inactive_until_asked_and_offsets_stand_still) {
  EXPECT_FALSE(log.active());
  EXPECT_EQ(log.append(kPing, "x"), Offset(0));
  log.append_raw("x");
  log.finish(kPing, Offset(1));
  log.truncate_tail(Offset(0));
  log.deactivate();
  EXPECT_FALSE(log.trim());
  EXPECT_EQ(Reader::open(log, Offset(0)), nullptr);
  EXPECT_EQ(log.entry_at_or_after(Offset(0)), std::nullopt);
  EXPECT_EQ(log.window(), (Window{Offset(0), Offset(0), false}));
  EXPECT_EQ(log.figures().held_bytes, 0U);
}

TEST_F(LogTest, starts_empty_at_the_given_offset) {
  log.activate(Offset(777));
  EXPECT_EQ(log.window(), (Window{Offset(777), Offset(777)}));
  EXPECT_EQ(log.append(kPing, "hello"), Offset(782));
  const auto reader = Reader::open(log, Offset(777));
  EXPECT_EQ(take(*reader), "hello");
}

TEST_F(LogTest, keeps_its_offset_but_no_bytes_when_deactivated) {
  log.activate(Offset(0));
  append_pattern(log, 3 * kBlock);
  log.deactivate();
  EXPECT_EQ(log.next(), Offset(3 * kBlock));
  EXPECT_EQ(log.figures().held_bytes - log.figures().held_bytes % sizeof(Block), 0U);
  log.activate(log.next());
  EXPECT_EQ(Reader::open(log, Offset(3 * kBlock - 1)), nullptr);
  EXPECT_NE(Reader::open(log, Offset(3 * kBlock)), nullptr);
}

TEST_F(LogTest, puts_a_select_before_an_entry_of_another_database) {
  log.activate(Offset(0));
  const auto reader = Reader::open(log, Offset(0));
  log.append({.database = 0}, "a");
  log.append({.database = 0}, "b");
  log.append({}, "ping");
  log.append({.database = 12345}, "c");
  EXPECT_EQ(take(*reader),
            "*2\r\n$6\r\nSELECT\r\n$1\r\n0\r\nabping*2\r\n$6\r\nSELECT\r\n$5\r\n12345\r\nc");
  log.forget_database();
  log.append({.database = 12345}, "d");
  EXPECT_EQ(take(*reader), "*2\r\n$6\r\nSELECT\r\n$5\r\n12345\r\nd");
}

TEST_F(LogTest, a_block_has_its_select_inside_and_may_end_in_another_database) {
  log.activate(Offset(0));
  const auto reader = Reader::open(log, Offset(0));
  const Bytes select_4 = "*2\r\n$6\r\nSELECT\r\n$1\r\n4\r\n";
  log.append_block({.database = 4}, "a", 4);
  EXPECT_EQ(take(*reader),
            "*1\r\n$5\r\nMULTI\r\n" + std::string(select_4) + "a*1\r\n$4\r\nEXEC\r\n");
  log.append_block({.database = 4}, "b", 7);
  log.append({.database = 7}, "c");
  EXPECT_EQ(take(*reader), "*1\r\n$5\r\nMULTI\r\nb*1\r\n$4\r\nEXEC\r\nc");
}

TEST_F(LogTest, selects_anew_after_bytes_from_upstream) {
  log.activate(Offset(0));
  log.append({.database = 1}, "a");
  log.append_raw("*2\r\n$6\r\nSELECT\r\n$1\r\n7\r\n");
  log.finish({}, log.next() + 23);
  const auto reader = Reader::open(log, log.next());
  log.append({.database = 1}, "b");
  EXPECT_EQ(take(*reader), "*2\r\n$6\r\nSELECT\r\n$1\r\n1\r\nb");
}

TEST_F(LogTest, finds_entries_and_what_is_known_of_them) {
  log.activate(Offset(100));
  std::vector<Entry> entries;
  Rng rng(1);
  for (int i = 0; i < 20'000; ++i) {
    const EntryInfo info{.database = kNoDatabase,
                         .slot = static_cast<std::uint16_t>(rng.below(16384)),
                         .origin = static_cast<std::uint32_t>(rng.below(50) / 49),
                         .time = 1'700'000'000'000 + i * 40 - (rng.chance(0.01) ? 5000 : 0)};
    entries.push_back({log.next(), info});
    append_pattern(log, 0);
    log.append(info, std::string(1 + rng.below(rng.chance(0.001) ? 200'000 : 60), 'x'));
  }
  const Offset first = log.window().first;
  ASSERT_GT(first, Offset(100));
  for (std::size_t i = 0; i < entries.size(); ++i) {
    if (entries[i].start < first) continue;
    const auto exact = log.entry_at_or_after(entries[i].start);
    ASSERT_TRUE(exact);
    ASSERT_EQ(exact->start, entries[i].start);
    ASSERT_EQ(exact->info, entries[i].info);
    if (i + 1 == entries.size()) break;
    const auto following = log.entry_at_or_after(entries[i].start + 1);
    ASSERT_TRUE(following);
    ASSERT_EQ(following->start, entries[i + 1].start);
  }
  EXPECT_EQ(log.entry_at_or_after(entries.back().start + 1), std::nullopt);
  EXPECT_GE(log.entry_at_or_after(Offset(0))->start, first);
}

TEST_F(LogTest, hides_a_half_received_command_and_can_drop_it) {
  log.activate(Offset(0));
  const auto reader = Reader::open(log, Offset(0));
  const std::string whole = pattern(Offset(0), 3 * kBlockBytes);
  log.append_raw(Bytes(whole).substr(0, 2 * kBlockBytes));
  EXPECT_EQ(look(*reader), "");
  EXPECT_EQ(log.figures().unfinished_bytes, 2 * kBlock);
  log.finish({.slot = 9}, Offset(10));
  EXPECT_EQ(take(*reader), whole.substr(0, 10));
  log.finish({.slot = 8}, Offset(kBlock));
  EXPECT_EQ(log.entry_at_or_after(Offset(1))->start, Offset(10));
  EXPECT_EQ(log.entry_at_or_after(Offset(1))->info.slot, 8);
  log.truncate_tail(Offset(kBlock));
  EXPECT_EQ(log.figures().unfinished_bytes, 0);

  log.append_raw(Bytes(whole).substr(kBlockBytes));
  log.finish({}, Offset(3 * kBlock));
  EXPECT_EQ(take(*reader), whole.substr(10));
}

// The place where truncation could take a block from under a reader.
TEST_F(LogTest, a_reader_opened_at_a_block_boundary_survives_truncation_there) {
  log.activate(Offset(0));
  append_pattern(log, kBlock);
  log.append_raw("half");
  const auto reader = Reader::open(log, Offset(kBlock));
  log.truncate_tail(Offset(kBlock));
  log.append(kPing, "whole");
  EXPECT_EQ(take(*reader), "whole");
}

TEST_F(LogTest, a_reset_cuts_readers_off_and_leaves_their_views_alone) {
  log.activate(Offset(0));
  append_pattern(log, 5 * kBlock);
  auto behind = Reader::open(log, Offset(kBlock + 1));
  auto pieces = std::vector<Bytes>(10);
  const std::size_t count = behind->read(pieces, 1 << 30);
  log.reset(Offset(9000));
  append_pattern(log, 5 * kBlock);

  std::string seen;
  for (std::size_t i = 0; i < count; ++i) seen += pieces[i];
  EXPECT_EQ(seen, pattern(Offset(kBlock + 1), static_cast<std::size_t>(4 * kBlock - 1)));
  EXPECT_TRUE(behind->is_cut_off());
  EXPECT_EQ(behind->lag_bytes(), 0);
  behind->advance(seen.size());
  EXPECT_EQ(look(*behind), "");

  EXPECT_EQ(log.window(), (Window{Offset(9000), Offset(9000 + 5 * kBlock)}));
  const auto fresh = Reader::open(log, Offset(9000));
  EXPECT_EQ(take(*fresh), pattern(Offset(9000), static_cast<std::size_t>(5 * kBlock)));
  const std::size_t with_both = log.figures().held_bytes;
  behind.reset();
  EXPECT_LT(log.figures().held_bytes, with_both);
}

TEST_F(LogTest, ten_slow_readers_cost_one_buffer_and_leave_none) {
  log.activate(Offset(0));
  log.set_backlog_size(0);
  std::vector<std::unique_ptr<Reader>> readers;
  for (int i = 0; i < 10; ++i) readers.push_back(Reader::open(log, Offset(0)));
  append_pattern(log, 200 * kBlock);
  EXPECT_EQ(log.window().first, Offset(0));
  EXPECT_LT(log.figures().held_bytes, 203 * sizeof(Block));
  EXPECT_EQ(log.figures().readers, 10U);
  readers.clear();
  while (log.trim()) {
  }
  EXPECT_LT(log.figures().held_bytes, 3 * sizeof(Block));
}

TEST_F(LogTest, trims_at_the_very_byte_that_leaves_the_configured_size) {
  log.set_backlog_size(100);
  log.activate(Offset(7));
  append_pattern(log, kBlock + 99);
  EXPECT_FALSE(log.trim());
  EXPECT_EQ(log.window().first, Offset(7));
  append_pattern(log, 1);
  EXPECT_EQ(log.window().first, Offset(7 + kBlock));
  EXPECT_EQ(log.window().size_bytes(), 100);
}

TEST_F(LogTest, gives_memory_back_in_bounded_steps) {
  log.activate(Offset(0));
  log.set_backlog_size(1000 * kBlock);
  append_pattern(log, 500 * kBlock);
  log.set_backlog_size(0);
  EXPECT_EQ(log.window().first, Offset(64 * kBlock));
  EXPECT_TRUE(log.trim());
  EXPECT_EQ(log.window().first, Offset(128 * kBlock));
}

TEST_F(LogTest, takes_no_more_memory_once_the_window_is_full) {
  log.activate(Offset(0));
  const auto total_bytes = [&] {
    const Figures figures = log.figures();
    return figures.held_bytes + figures.spare_bytes;
  };
  for (std::int64_t i = 0; i < 40 * kBlock / 1000; ++i) append_pattern(log, 1000);
  const std::size_t before = total_bytes();
  for (std::int64_t i = 0; i < 100 * kBlock / 1000; ++i) append_pattern(log, 1000);
  EXPECT_EQ(total_bytes(), before);
}

TEST_F(LogTest, large_appends_do_not_outrun_trimming) {
  log.activate(Offset(0));
  for (int i = 0; i < 5; ++i) append_pattern(log, 300 * kBlock);
  EXPECT_LT(log.figures().held_bytes, (1 << 20) + 2 * sizeof(Block) + 10'000);
}

TEST_F(LogTest, calls_the_hook_once_for_each_arming) {
  int calls = 0;
  log.set_on_append([&] { ++calls; });
  log.activate(Offset(0));
  log.append(kPing, "a");
  EXPECT_EQ(calls, 0);
  EXPECT_EQ(log.arm(), Offset(1));
  log.append(kPing, "b");
  log.append(kPing, "c");
  EXPECT_EQ(calls, 1);
  log.arm();
  log.append_raw("d");
  EXPECT_EQ(calls, 1);
  log.finish(kPing, Offset(4));
  EXPECT_EQ(calls, 2);
}

// Every offset near every block boundary, and both ends of the window.
TEST_F(LogTest, serves_every_offset_of_the_window_and_no_other) {
  log.set_backlog_size(4 * kBlock);
  const Offset start(12'345);
  log.activate(start);
  const std::int64_t total = 9 * kBlock + 5;
  for (std::int64_t left = total; left > 0;) {
    const std::int64_t size = std::min<std::int64_t>(left, 30'011);
    append_pattern(log, size);
    left -= size;
  }
  const Window window = log.window();
  EXPECT_EQ(window.next, start + total);
  EXPECT_EQ(window.first, start + 5 * kBlock);

  for (std::int64_t block = 0; block <= 10; ++block)
    for (std::int64_t delta = -2; delta <= 7; ++delta) {
      const Offset from = start + (block * kBlock + delta);
      const bool is_inside = from >= window.first && from <= window.next;
      const auto reader = Reader::open(log, from);
      ASSERT_EQ(reader != nullptr, is_inside) << from.bytes();
      if (!is_inside) continue;
      const std::string bytes = take(*reader);
      ASSERT_EQ(static_cast<std::int64_t>(bytes.size()), window.next - from);
      ASSERT_EQ(bytes, pattern(from, bytes.size()));
    }
}

}  // namespace
}  // namespace banyan::log
