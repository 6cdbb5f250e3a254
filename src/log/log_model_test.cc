// The log and its readers against a string, over random histories.
#include <gtest/gtest.h>

#include <algorithm>

#include "base/rng.h"
#include "log/log.h"
#include "log/reader.h"
#include "log/stream_for_test.h"

namespace banyan::log {
namespace {

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
