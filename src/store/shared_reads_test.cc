#include <gtest/gtest.h>

#include <array>
#include <atomic>
#include <thread>
#include <vector>

#include "store/keyspace.h"

namespace banyan::store {
namespace {

constexpr LockSet kOne = 1;

TEST(SharedReadsTest, readers_do_not_wait_for_each_other) {
  Keyspace keyspace({.workers = 3, .secret = {1, 2}});
  EXPECT_TRUE(keyspace.begin_shared(0, kAllPartitions));
  EXPECT_TRUE(keyspace.begin_shared(1, kAllPartitions));
  EXPECT_TRUE(keyspace.begin_shared(2, kOne));
  for (unsigned worker = 0; worker < 3; ++worker) keyspace.end_shared(worker);
}

TEST(SharedReadsTest, other_partitions_are_not_concerned) {
  Keyspace keyspace({.workers = 2, .secret = {1, 2}});
  ASSERT_TRUE(keyspace.begin_shared(0, kAllPartitions & ~kOne));
  keyspace.lock(kOne);  // would wait forever
  keyspace.unlock(kOne);
  keyspace.end_shared(0);
}

TEST(SharedReadsTest, with_one_worker_there_is_nothing_to_share) {
  Keyspace keyspace({.secret = {1, 2}});
  EXPECT_FALSE(keyspace.begin_shared(0, kAllPartitions));
  EXPECT_FALSE(keyspace.announce(0, kAllPartitions));
}

TEST(SharedReadsTest, who_locks_waits_for_the_end_and_keeps_others_from_beginning) {
  Keyspace keyspace({.workers = 2, .secret = {1, 2}});
  std::atomic<bool> is_over = false;
  std::atomic<bool> was_over = false, has_locked = false;
  ASSERT_TRUE(keyspace.begin_shared(0, kAllPartitions));
  std::thread writer([&] {
    keyspace.lock(kOne);
    was_over = is_over.load();
    has_locked = true;
    keyspace.unlock(kOne);
  });
  // Until he waits.
  while (keyspace.announce(1, kOne << 1) && !has_locked) keyspace.end_shared(1);
  is_over = true;
  keyspace.end_shared(0);
  writer.join();
  EXPECT_TRUE(was_over);
  EXPECT_TRUE(keyspace.begin_shared(1, kAllPartitions));
  keyspace.end_shared(1);
}

TEST(SharedReadsTest, a_reader_waits_for_who_holds_a_lock) {
  Keyspace keyspace({.workers = 2, .secret = {1, 2}});
  int value = 0;
  keyspace.lock(kOne);
  std::atomic<bool> begins = false;
  std::thread reader([&] {
    begins = true;
    begins.notify_one();
    ASSERT_TRUE(keyspace.begin_shared(1, kAllPartitions));
    EXPECT_EQ(value, 1);
    keyspace.end_shared(1);
  });
  begins.wait(false);
  value = 1;
  keyspace.unlock(kOne);
  reader.join();
}

// What locks protect, without atomics: the thread sanitizer sees who comes in between.
class SharedReadsUnderLoad : public testing::Test {
 protected:
  static constexpr unsigned kWorkers = 4;
  static constexpr int kRounds = 3000;

  // Of `first` and every third partition behind it.
  static LockSet every_third(unsigned first) { return 0x9249249249249249 << first; }

  void read(unsigned worker, int round) {
    const bool shared = keyspace_.begin_shared(worker, kAllPartitions);
    if (!shared) keyspace_.lock(kAllPartitions);
    if (shared) ++shared_;
    // Now and then so long that those who wait go to sleep.
    for (int pass = 0; pass < (round % 100 == 0 ? 1000 : 1); ++pass)
      for (unsigned p = 0; p < kPartitions; ++p)
        if (values_[p] != values_[p % 3]) whole_ = false;
    shared ? keyspace_.end_shared(worker) : keyspace_.unlock(kAllPartitions);
  }
  void write(unsigned first, int value) {
    const LockSet set = every_third(first);
    keyspace_.lock(set);
    for (unsigned p = first; p < kPartitions; p += 3) values_[p] = value;
    keyspace_.unlock(set);
  }

  Keyspace keyspace_{{.workers = kWorkers, .secret = {1, 2}}};
  std::array<int, kPartitions> values_{};
  std::atomic<int> shared_ = 0;
  std::atomic<bool> whole_ = true;
};

TEST_F(SharedReadsUnderLoad, see_every_write_whole) {
  std::vector<std::thread> threads;
  for (unsigned worker = 0; worker < kWorkers; ++worker) {
    threads.emplace_back([this, worker] {
      for (int round = 0; round < kRounds; ++round) {
        if (worker < 2 || round % 4 == 0) read(worker, round);
        if (worker >= 2) write(static_cast<unsigned>(round) % 3, round);
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_TRUE(whole_);
  EXPECT_GT(shared_, 0);
}

}  // namespace
}  // namespace banyan::store
