#include "log/log.h"

#include <gtest/gtest.h>

#include "base/rng.h"
#include "log/history.h"
#include "log/reader.h"

namespace banyan::log {
namespace {

constexpr auto kBlock = static_cast<std::int64_t>(kBlockBytes);
constexpr EntryInfo kPing{.time = 1000};

// Bytes that differ from place to place, so that a byte at a wrong offset is seen.
std::string pattern(Offset from, std::size_t size) {
  std::string out(size, '\0');
  for (std::size_t i = 0; i < size; ++i) {
    const auto at = static_cast<std::uint64_t>(from.bytes()) + i;
    out[i] = static_cast<char>((at * 0x9e3779b97f4a7c15ULL) >> 56);
  }
  return out;
}

void append_pattern(Log& log, std::int64_t size) {
  log.append(kPing, pattern(log.next(), static_cast<std::size_t>(size)));
}

std::string look(Reader& reader, std::size_t max_bytes = 1 << 30, std::size_t max_pieces = 64) {
  std::vector<Bytes> pieces(max_pieces);
  const std::size_t count = reader.read(pieces, max_bytes);
  std::string out;
  for (std::size_t i = 0; i < count; ++i) {
    EXPECT_FALSE(pieces[i].empty());
    out += pieces[i];
  }
  return out;
}

std::string take(Reader& reader, std::size_t max_bytes = 1 << 30) {
  std::string all;
  for (std::string part; !(part = look(reader, max_bytes - all.size())).empty();) {
    reader.advance(part.size());
    all += part;
  }
  return all;
}

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
TEST_F(LogTest, serves_psync_at_every_offset_of_the_window_and_nowhere_else) {
  History history;
  history.adopt(*ReplicationId::parse(std::string(40, 'a')));
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
      const Decision decision =
          history.can_continue(history.id.text(), byte_after(from), log.window());
      const bool is_inside = from >= window.first && from <= window.next;
      ASSERT_EQ(decision.is_partial(), is_inside) << from.bytes();
      const auto reader = Reader::open(log, from);
      ASSERT_EQ(reader != nullptr, is_inside);
      if (!is_inside) continue;
      ASSERT_EQ(decision.from, from);
      const std::string bytes = take(*reader);
      ASSERT_EQ(static_cast<std::int64_t>(bytes.size()), decision.bytes_to_send);
      ASSERT_EQ(bytes, pattern(from, bytes.size()));
    }
}

// Against a string that forgets nothing. Every step checks the window, every read the bytes.
struct Model {
  Log log;
  std::string all;  // since `start`, finished and not
  Offset start, next;
  Offset first;  // of the window, when last looked at
  std::int64_t size_bytes;
  struct Peer {
    std::unique_ptr<Reader> reader;
    bool is_cut_off = false;
  };
  std::vector<Peer> peers;
  Rng rng;

  explicit Model(std::uint64_t seed) : log(3 * kBlock), size_bytes(3 * kBlock), rng(seed) {
    start = next = first = Offset(static_cast<std::int64_t>(rng.below(100'000)));
    log.activate(start);
  }

  Bytes bytes(Offset from, Offset to) const {
    return Bytes(all).substr(static_cast<std::size_t>(from - start),
                             static_cast<std::size_t>(to - from));
  }
  std::size_t some_size() {
    if (rng.chance(0.1)) return kBlockBytes * rng.below(3) + rng.below(3);
    return rng.below(rng.chance(0.2) ? 3 * kBlockBytes : 500);
  }
  Offset written() const { return start + static_cast<std::int64_t>(all.size()); }
  void write(std::size_t size) { all += pattern(written(), size); }

  void append() {
    const Offset from = next;
    write(some_size());
    next = log.append(kPing, bytes(from, written()));
    ASSERT_EQ(next, written());
  }
  void append_raw() {
    const Offset from = written();
    write(some_size());
    log.append_raw(bytes(from, written()));
    while (next < written() && rng.chance(0.7)) {
      next +=
          1 + static_cast<std::int64_t>(rng.below(static_cast<std::uint64_t>(written() - next)));
      log.finish(kPing, next);
    }
    const Offset keep = next + static_cast<std::int64_t>(
                                   rng.below(static_cast<std::uint64_t>(written() - next) + 1));
    log.truncate_tail(keep);
    log.truncate_tail(next);
    all.resize(static_cast<std::size_t>(next - start));
  }
  void open() {
    const Window window = log.window();
    const Offset from = window.first + (static_cast<std::int64_t>(rng.below(
                                            static_cast<std::uint64_t>(window.size_bytes()) + 11)) -
                                        5);
    auto reader = Reader::open(log, from);
    ASSERT_EQ(reader != nullptr, from >= window.first && from <= window.next);
    if (reader) peers.push_back({std::move(reader)});
  }
  void read(Peer& peer) {
    const Offset from = peer.reader->position();
    const std::string seen = look(*peer.reader, some_size(), 1 + rng.below(4));
    ASSERT_EQ(peer.reader->is_cut_off(), peer.is_cut_off);
    ASSERT_EQ(peer.reader->lag_bytes(), peer.is_cut_off ? 0 : next - from);
    if (peer.is_cut_off) {
      ASSERT_EQ(seen, "");
      return;
    }
    ASSERT_TRUE(seen == bytes(from, from + static_cast<std::int64_t>(seen.size())));
    peer.reader->advance(rng.chance(0.5) ? seen.size() : rng.below(seen.size() + 1));
  }
  void resize() {
    size_bytes = static_cast<std::int64_t>(rng.below(12)) * kBlock + rng.between(0, 2);
    log.set_backlog_size(size_bytes);
  }
  void reset() {
    start = next = first = Offset(static_cast<std::int64_t>(rng.below(100'000)));
    all.clear();
    log.reset(next);
    for (Peer& peer : peers) peer.is_cut_off = true;
  }

  void step() {
    const std::uint64_t dice = rng.below(100);
    if (dice < 30) return append();
    if (dice < 40) return append_raw();
    if (dice < 50) return open();
    if (dice < 53) return resize();
    if (dice < 54) return reset();
    if (peers.empty()) return;
    const std::size_t chosen = rng.below(peers.size());
    if (dice < 57)
      peers.erase(peers.begin() + static_cast<std::ptrdiff_t>(chosen));
    else
      read(peers[chosen]);
  }

  // The start of what must be kept: the configured size, and what a reader has not passed.
  Offset needed_from() const {
    Offset needed = next - std::min(size_bytes, next - start);
    for (const Peer& peer : peers)
      if (!peer.is_cut_off) needed = std::min(needed, peer.reader->position());
    return needed;
  }
  void check() {
    const Window window = log.window();
    ASSERT_EQ(window.next, next);
    ASSERT_GE(window.first, first);  // what was let go does not come back
    ASSERT_LE(window.first, std::max(first, needed_from()));
    first = window.first;
    if (!rng.chance(0.2)) return;
    while (log.trim()) {
    }
    first = log.window().first;
    ASSERT_LE(first, std::max(window.first, needed_from()));
    ASSERT_LE(needed_from() - first, 2 * kBlock);
  }
};

TEST(LogModel, agrees_with_a_string_over_random_histories) {
  for (std::uint64_t seed = 1; seed <= 60; ++seed) {
    SCOPED_TRACE(testing::Message() << "seed " << seed);
    Model model(seed);
    for (int i = 0; i < 400 && !testing::Test::HasFatalFailure(); ++i) {
      model.step();
      model.check();
    }
    ASSERT_FALSE(testing::Test::HasFailure());
  }
}

}  // namespace
}  // namespace banyan::log
