#include <gtest/gtest.h>

#include <map>
#include <string>
#include <thread>

#include "store/keyspace.h"

namespace banyan::store {
namespace {

constexpr std::size_t kUnit = 16;  // bytes of text that are worth one piece of work

// Writes texts in pieces into a stream of entries, none into the middle of another.
struct PieceSink final : SnapshotSink {
  std::map<std::string, std::string> entries;
  const Entry* half = nullptr;
  std::string half_text;
  std::uint64_t pieces = 0;    // that did not end their entry
  std::uint64_t finished = 0;  // halves that had to be finished at once

  bool on_entry(unsigned database, const Entry& entry, std::size_t& work) override {
    EXPECT_GT(work, 0U);
    const bool is_whole = work > 1'000'000;
    IntegerText room;
    const std::string text(entry.text(room));
    std::string written = half == &entry ? half_text : "";
    if (half == &entry) {
      EXPECT_EQ(text.substr(0, written.size()), written) << "it changed between two pieces";
      finished += is_whole ? 1 : 0;
    } else {
      EXPECT_TRUE(half == nullptr || is_whole) << "a second one would be half written";
    }
    const std::size_t units = (text.size() - written.size()) / kUnit + 1;
    const std::size_t now = std::min(units, work);
    written += text.substr(written.size(), now * kUnit);
    work -= now;
    if (now < units) {
      half = &entry;
      half_text = written;
      ++pieces;
      return false;
    }
    if (half == &entry) half = nullptr;
    EXPECT_EQ(written, text);
    const std::string key = std::to_string(database) + "/" + std::string(entry.key());
    EXPECT_TRUE(entries.emplace(key, written).second) << key << " was emitted twice";
    return true;
  }
};

struct SnapshotPiecesTest : testing::Test {
  using Model = std::map<std::string, std::string>;
  Keyspace keyspace{{.databases = 3, .secret = {5, 6}}};
  Rng rng{9};
  Model model;
  unsigned keys = 600;  // drawn from so many

  std::string value() {
    const std::size_t size = rng.chance(0.1) ? rng.below(2000) : rng.below(30);
    return std::to_string(rng.next()) + std::string(size, 'v');
  }
  void change(double removals) {
    const auto db = static_cast<unsigned>(rng.below(2));
    const std::string text = "k" + std::to_string(rng.below(keys));
    const std::string name = std::to_string(db) + "/" + text;
    const Key key = keyspace.key(text);
    Table& table = keyspace.table(db, key);
    const Table::Slot slot = table.find(key.text, key.hash);
    if (slot && rng.chance(removals)) {
      Entry::destroy(table.remove(slot));
      model.erase(name);
      return;
    }
    const std::string fresh = value();
    model[name] = fresh;
    if (!slot) return table.insert(Entry::make(text, StringValue::of(fresh)), key.hash);
    Entry* entry = Entry::with_value(table.begin_write(slot), StringValue::of(fresh));
    if (rng.chance(0.2)) entry = Entry::with_expiry(entry, 1000);
    table.end_write(slot, entry);
  }
  void changes(std::uint64_t count, double removals = 0.3) {
    for (; count > 0; --count) change(removals);
  }
  void step(Walk& walk, std::size_t work_max) {
    std::size_t work = 1 + rng.below(work_max);
    walk.step(1 + static_cast<std::uint32_t>(rng.below(6)), work, keyspace.snapshots());
  }
  void finish(const std::shared_ptr<Walk>& walk, std::uint64_t changes_max, double removals = 0.3) {
    while (walk->next_table() != nullptr) {
      step(*walk, 8);
      changes(rng.below(changes_max + 1), removals);
    }
    keyspace.snapshots().finish(walk);
  }
};

TEST_F(SnapshotPiecesTest, a_walk_in_pieces_emits_the_state_of_the_cut) {
  std::uint64_t pieces = 0, finished = 0;
  for (int round = 0; round < 60; ++round) {
    // Few and many keys, growing and shrinking: buckets move, chains grow, tables split and merge.
    keys = 20 << rng.below(8);
    changes(keys, 0.5);
    const Model expected = model;
    PieceSink sink;
    finish(keyspace.begin_walk(sink), rng.below(12), rng.chance(0.5) ? 0.9 : 0.1);
    ASSERT_EQ(sink.entries, expected) << "round " << round;
    ASSERT_EQ(sink.half, nullptr);
    pieces += sink.pieces;
    finished += sink.finished;
  }
  EXPECT_GT(pieces, 3000U);
  EXPECT_GT(finished, 30U);
}

TEST_F(SnapshotPiecesTest, a_writer_finishes_the_entry_that_the_walk_is_in) {
  const Key key = keyspace.key("big");
  Table& table = keyspace.table(0, key);
  const std::string text(100 * kUnit, 'x');
  const auto slot = [&] { return table.find(key.text, key.hash); };
  table.insert(Entry::make("big", StringValue::of(text)), key.hash);
  const auto begin = [&](PieceSink& sink) {
    auto walk = keyspace.begin_walk(sink);
    while (sink.half == nullptr) step(*walk, 3);
    return walk;
  };
  const auto expect_whole = [&](const std::shared_ptr<Walk>& walk, PieceSink& sink) {
    EXPECT_EQ(sink.half, nullptr);
    EXPECT_EQ(sink.entries, (Model{{"0/big", text}}));
    finish(walk, 0);
    EXPECT_EQ(sink.entries.size(), 1U);
  };
  {
    PieceSink sink;  // a change
    const auto walk = begin(sink);
    const Table::Slot place = slot();
    table.end_write(place, Entry::with_expiry(table.begin_write(place), 77));
    expect_whole(walk, sink);
  }
  {
    PieceSink sink;  // a new neighbour, and growth: the bucket is split
    const auto walk = begin(sink);
    for (int i = 0; table.size() < 30; ++i) {
      const std::string other = "other" + std::to_string(i);
      const Key other_key = keyspace.key(other);
      if (other_key.table == key.table)
        table.insert(Entry::make(other, StringValue::of("")), other_key.hash);
    }
    expect_whole(walk, sink);
  }
  while (table.size() > 1) {
    const Key other = keyspace.key(table.random_entry(rng)->key());
    if (other.text != "big") Entry::destroy(table.remove(table.find(other.text, other.hash)));
  }
  PieceSink sink;  // the end of it
  const auto walk = begin(sink);
  Entry::destroy(table.remove(slot()));
  expect_whole(walk, sink);
}

TEST_F(SnapshotPiecesTest, who_only_reads_leaves_the_walk_where_it_is) {
  changes(2000, 0);
  PieceSink sink;
  const auto walk = keyspace.begin_walk(sink);
  const Model expected = model;
  while (walk->next_table() != nullptr) {
    step(*walk, 2);
    const Entry* half = sink.half;
    for (int i = 0; i < 5; ++i) {
      const std::string name = "k" + std::to_string(rng.below(keys));
      const Key key = keyspace.key(name);
      if (const Table::Slot slot = keyspace.table(0, key).find(key.text, key.hash))
        slot.entry()->set_access(static_cast<std::uint32_t>(rng.next()));
    }
    ASSERT_EQ(sink.half, half);
  }
  keyspace.snapshots().finish(walk);
  EXPECT_EQ(sink.entries, expected);
  EXPECT_EQ(sink.finished, 0U);
}

TEST_F(SnapshotPiecesTest, two_walks_may_both_be_inside_an_entry) {
  for (int round = 0; round < 20; ++round) {
    changes(1000, 0.5);
    PieceSink first, second;
    const Model expected_first = model;
    const auto walk_first = keyspace.begin_walk(first);
    for (std::uint64_t i = rng.below(60); i > 0; --i) step(*walk_first, 4);
    changes(rng.below(100));
    const Model expected_second = model;
    const auto walk_second = keyspace.begin_walk(second);
    while (walk_first->next_table() != nullptr && walk_second->next_table() != nullptr) {
      step(rng.chance(0.3) ? *walk_first : *walk_second, 4);
      changes(rng.below(3));
    }
    finish(walk_first, 3);
    finish(walk_second, 3);
    ASSERT_EQ(first.entries, expected_first);
    ASSERT_EQ(second.entries, expected_second);
  }
}

TEST_F(SnapshotPiecesTest, a_walk_abandoned_inside_an_entry_leaves_the_next_one_whole) {
  changes(2000);
  for (int round = 0; round < 300; ++round) {  // more often than a version byte has values
    changes(20);
    PieceSink dropped;
    const auto walk = keyspace.begin_walk(dropped);
    for (std::uint64_t i = rng.below(40); i > 0 && walk->next_table() != nullptr; --i)
      step(*walk, 2);
    keyspace.snapshots().abandon(*walk);
    finish(walk, 1);
  }
  const Model expected = model;
  PieceSink sink;
  finish(keyspace.begin_walk(sink), 5);
  EXPECT_EQ(sink.entries, expected);
}

TEST_F(SnapshotPiecesTest, flush_and_swap_find_a_walk_inside_an_entry) {
  for (int round = 0; round < 20; ++round) {
    changes(1000, 0.1);
    const Model expected = model;
    PieceSink sink;
    const auto walk = keyspace.begin_walk(sink);
    while (sink.half == nullptr && walk->next_table() != nullptr) step(*walk, 2);
    keyspace.swap(0, 1);
    keyspace.detach(0);
    keyspace.detach(1);
    model.clear();
    finish(walk, 5);
    ASSERT_EQ(sink.entries, expected);
  }
}

// Every key's value names the key; a writer changes keys of all partitions while the walk goes on.
TEST(SnapshotPiecesThreadsTest, writers_of_other_threads_meet_the_walk_inside_entries) {
  Keyspace keyspace({.databases = 1, .workers = 3, .secret = {5, 6}});
  constexpr int kKeys = 3000;
  const auto text_of = [](int i) {
    return "k" + std::to_string(i) + std::string(i % 10 == 0 ? 40 * kUnit : 3, '.');
  };
  std::map<std::string, std::string> expected;
  for (int i = 0; i < kKeys; ++i) {
    const std::string name = "k" + std::to_string(i);
    const Key key = keyspace.key(name);
    keyspace.table(0, key).insert(Entry::make(name, StringValue::of(text_of(i))), key.hash);
    expected["0/" + name] = text_of(i);
  }
  PieceSink sink;
  const auto walk = keyspace.begin_walk(sink);
  const auto write = [&](std::uint64_t seed) {
    Rng rng(seed);
    for (int i = 0; i < 2000; ++i) {
      const std::string name = "k" + std::to_string(rng.below(2 * kKeys));
      const Key key = keyspace.key(name);
      keyspace.lock(Keyspace::lock_of(key));
      Table& table = keyspace.table(0, key);
      const Table::Slot slot = table.find(key.text, key.hash);
      if (!slot) {
        table.insert(Entry::make(name, StringValue::of("new")), key.hash);
      } else if (rng.chance(0.5)) {
        Entry::destroy(table.remove(slot));
      } else {
        table.end_write(slot, Entry::with_value(table.begin_write(slot), StringValue::of("new")));
      }
      keyspace.unlock(Keyspace::lock_of(key));
    }
  };
  std::thread one(write, 1), other(write, 2);
  while (walk->next_table() != nullptr) {
    const LockSet lock = LockSet{1} << (walk->next_table_index() % kPartitions);
    keyspace.lock(lock);
    std::size_t work = 3;
    walk->step(4, work, keyspace.snapshots());
    keyspace.unlock(lock);
  }
  one.join();
  other.join();
  keyspace.snapshots().finish(walk);
  EXPECT_EQ(sink.entries, expected);
}

}  // namespace
}  // namespace banyan::store
