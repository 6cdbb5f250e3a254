// The log and its readers on real threads; worth most under the thread sanitizer.
#include <gtest/gtest.h>

#include <array>
#include <atomic>
#include <condition_variable>
#include <cstdio>
#include <thread>

#include "base/rng.h"
#include "log/log.h"
#include "log/reader.h"

namespace banyan::log {
namespace {

constexpr int kAppenders = 3;
constexpr int kEntriesEach = 6000;
constexpr std::size_t kHeaderBytes = 24;

// "<appender> <number> <size>\n" in 24 bytes, then padding of that size.
std::string entry_text(int appender, int number, std::size_t padding) {
  std::string text(kHeaderBytes, ' ');
  std::snprintf(text.data(), text.size(), "%d %d %zu", appender, number, padding);
  text.back() = '\n';
  text.append(padding, static_cast<char>('a' + number % 26));
  return text;
}

// Takes the stream in any pieces and checks that each appender's entries come whole and in order.
class Checker {
 public:
  void feed(Bytes bytes) {
    pending_ += bytes;
    std::size_t at = 0;
    while (pending_.size() - at >= kHeaderBytes) {
      int appender = 0, number = 0;
      std::size_t padding = 0;
      if (std::sscanf(pending_.c_str() + at, "%d %d %zu", &appender, &number, &padding) != 3) {
        ADD_FAILURE() << "not an entry";
        return;
      }
      if (pending_.size() - at < kHeaderBytes + padding) break;
      EXPECT_EQ(number, seen_.at(static_cast<std::size_t>(appender))++);
      EXPECT_EQ(pending_.substr(at, kHeaderBytes + padding), entry_text(appender, number, padding));
      at += kHeaderBytes + padding;
      ++total_;
    }
    pending_.erase(0, at);
  }
  int total() const { return total_; }

 private:
  std::string pending_;
  std::array<int, kAppenders> seen_{};
  int total_ = 0;
};

// Wakes threads that wait for the log, as a server's hook posts to its loops.
class Bell {
 public:
  void ring() {
    std::lock_guard lock(mutex_);
    ++rings_;
    rung_.notify_all();
  }
  int rings() {
    std::lock_guard lock(mutex_);
    return rings_;
  }
  void wait_beyond(int rings) {
    std::unique_lock lock(mutex_);
    rung_.wait(lock, [&] { return rings_ > rings; });
  }

 private:
  std::mutex mutex_;
  std::condition_variable rung_;
  int rings_ = 0;
};

void append_all(Log& log, int appender) {
  Rng rng(static_cast<std::uint64_t>(appender));
  for (int i = 0; i < kEntriesEach; ++i) {
    const std::size_t padding = rng.below(rng.chance(0.002) ? 2 * kBlockBytes : 100);
    log.append({.slot = static_cast<std::uint16_t>(appender), .time = i},
               entry_text(appender, i, padding));
  }
}

// Reads to the end of all entries, waiting for the bell only when the log says there is no more.
void read_all(Log& log, Reader& reader, Bell& bell, std::uint64_t seed) {
  Rng rng(seed);
  Checker checker;
  std::array<Bytes, 4> pieces;
  while (checker.total() < kAppenders * kEntriesEach && !testing::Test::HasFailure()) {
    const std::size_t count = reader.read(pieces, 1 + rng.below(100'000));
    std::size_t bytes = 0;
    for (std::size_t i = 0; i < count; ++i) {
      checker.feed(pieces[i]);
      bytes += pieces[i].size();
    }
    reader.advance(bytes);
    if (count > 0) continue;
    const int rings = bell.rings();
    if (log.arm() > reader.position()) continue;
    bell.wait_beyond(rings);
  }
}

TEST(LogThreads, readers_see_every_entry_whole_and_in_order_while_others_append) {
  Log log(10 * kBlockBytes);
  Bell bell;
  log.set_on_append([&] { bell.ring(); });
  log.activate(Offset(99));
  std::vector<std::unique_ptr<Reader>> readers;
  for (int i = 0; i < 3; ++i) readers.push_back(Reader::open(log, Offset(99)));

  std::atomic<bool> done = false;
  {
    std::jthread bystander([&] {  // what INFO, CONFIG SET and PSYNC do meanwhile
      Rng rng(7);
      while (!done.load()) {
        log.set_backlog_size(static_cast<std::int64_t>(rng.below(20 * kBlockBytes)));
        const Window window = log.window();
        const auto entry = log.entry_at_or_after(window.first);
        if (const auto late = Reader::open(log, entry ? entry->start : window.next)) {
          std::array<Bytes, 4> pieces;
          if (late->read(pieces, 10) > 0 && entry) {
            EXPECT_LE(pieces[0][0], '2');
          }
        }
        EXPECT_GE(log.figures().readers, 0U);
        std::this_thread::yield();
      }
    });
    std::vector<std::jthread> threads;
    for (std::size_t i = 0; i < readers.size(); ++i)
      threads.emplace_back([&, i] { read_all(log, *readers[i], bell, i); });
    for (int i = 0; i < kAppenders; ++i) threads.emplace_back([&, i] { append_all(log, i); });
    threads.clear();
    done.store(true);
  }
  for (const auto& reader : readers) EXPECT_EQ(reader->lag_bytes(), 0);
}

// A reader must never take the new history's offsets for its own.
TEST(LogThreads, a_reset_under_a_running_reader_never_shows_it_foreign_bytes) {
  Log log(4 * kBlockBytes);
  log.activate(Offset(0));
  std::atomic<bool> done = false;
  std::jthread reading([&] {
    std::array<Bytes, 4> pieces;
    while (!done.load()) {
      const auto reader = Reader::open(log, log.next());
      if (!reader) continue;
      char history = 0;
      while (!reader->is_cut_off() && !done.load()) {
        const std::size_t count = reader->read(pieces, 200'000);
        std::size_t bytes = 0;
        for (std::size_t i = 0; i < count; ++i) {
          if (history == 0) history = pieces[i][0];
          EXPECT_EQ(pieces[i].find_first_not_of(history), Bytes::npos);
          bytes += pieces[i].size();
        }
        reader->advance(bytes);
      }
    }
  });
  Rng rng(5);
  for (int round = 0; round < 600; ++round) {
    const std::string text(rng.below(3 * kBlockBytes), static_cast<char>('a' + round % 26));
    for (int i = 0; i < 3; ++i) log.append({}, text);
    log.reset(Offset(static_cast<std::int64_t>(rng.below(300'000))));
  }
  done.store(true);
}

}  // namespace
}  // namespace banyan::log
