#include "store/table.h"

#include <gtest/gtest.h>

#include <map>
#include <set>
#include <string>

#include "store/keyspace.h"

namespace banyan::store {
namespace {

struct TableTest : testing::Test {
  TableContext context{.secret = {11, 22}};
  SnapshotGuard guard{context};
  TableSet tables{1, context};
  Table& table = tables.table(0);

  std::uint64_t hash(Bytes key) const { return hash_bytes(key, context.secret); }
  void insert(const std::string& key, const std::string& value = "v", UnixMs expiry = kNoExpiry) {
    table.insert(Entry::make(key, StringValue::of(value), expiry), hash(key));
  }
  bool remove(const std::string& key) {
    const Table::Slot slot = table.find(key, hash(key));
    if (slot) Entry::destroy(table.remove(slot));
    return static_cast<bool>(slot);
  }
};

TEST_F(TableTest, agrees_with_a_map_under_random_changes) {
  Rng rng(3);
  std::map<std::string, std::string> model;
  for (int step = 0; step < 200000; ++step) {
    // Growing and shrinking phases, so that buckets are split and merged many times.
    const bool growing = step / 20000 % 2 == 0;
    const std::string key = "k" + std::to_string(rng.below(20000));
    const bool present = table.find(key, hash(key)).at != nullptr;
    ASSERT_EQ(present, model.contains(key));
    if (rng.chance(growing ? 0.8 : 0.2)) {
      const std::string value = std::to_string(rng.next());
      if (!present) {
        insert(key, value, rng.chance(0.3) ? 1000 : kNoExpiry);
      } else {
        const Table::Slot slot = table.find(key, hash(key));
        Entry* entry = table.begin_write(slot);
        table.end_write(slot, Entry::with_value(entry, StringValue::of(value)));
      }
      model[key] = value;
    } else {
      ASSERT_EQ(remove(key), model.erase(key) == 1);
    }
    ASSERT_EQ(table.size(), model.size());
  }
  IntegerText room;
  for (const auto& [key, value] : model) {
    const Table::Slot slot = table.find(key, hash(key));
    ASSERT_TRUE(slot);
    EXPECT_EQ(slot.entry()->text(room), value);
  }
  std::uint64_t expiring = 0;
  for (std::uint32_t b = 0; b < table.bucket_count(); ++b)
    table.visit_bucket(b, true, [&](Entry& e) {
      EXPECT_TRUE(e.has_expiry());
      ++expiring;
    });
  EXPECT_EQ(expiring, table.expiring_count());
}

// Up and down through the levels at which buckets need other bits of their keys' hashes.
TEST_F(TableTest, finds_every_key_after_growing_and_shrinking_through_all_sizes) {
  constexpr int kKeys = 40000;
  const auto expect_first = [&](int count) {
    for (int i = 0; i < kKeys; ++i) {
      const std::string key = std::to_string(i);
      ASSERT_EQ(static_cast<bool>(table.find(key, hash(key))), i < count) << key << " of " << count;
    }
  };
  for (const int left : {0, 3, 200, 5000}) {
    for (int i = static_cast<int>(table.size()); i < kKeys; ++i)
      insert(std::to_string(i), "v", i % 3 == 0 ? 1000 : kNoExpiry);
    expect_first(kKeys);
    EXPECT_GT(table.bucket_count(), 4096U);
    for (int i = kKeys - 1; i >= left; --i) ASSERT_TRUE(remove(std::to_string(i)));
    expect_first(left);
    EXPECT_EQ(table.expiring_count(), static_cast<std::uint64_t>((left + 2) / 3));
  }
}

TEST_F(TableTest, scan_returns_every_key_that_stays_however_the_table_changes) {
  for (int round = 0; round < 20; ++round) {
    Rng rng(static_cast<std::uint64_t>(round));
    std::set<std::string> stable;
    for (int i = 0; i < 500; ++i) {
      const std::string key = "s" + std::to_string(round) + "-" + std::to_string(i);
      stable.insert(key);
      insert(key);
    }
    std::set<std::string> seen;
    std::uint64_t cursor = 0;
    int other = 0;
    do {
      cursor = table.scan(cursor, [&](Entry& e) { seen.insert(std::string(e.key())); });
      for (std::uint64_t n = rng.below(8); n > 0; --n) {
        if (round % 2 == 0)
          insert("o" + std::to_string(round) + "-" + std::to_string(other++));
        else if (other > 0)
          remove("o" + std::to_string(round - 1) + "-" + std::to_string(--other));
      }
      if (round % 2 == 1 && other == 0) other = 4000;
    } while (cursor != 0);
    for (const std::string& key : stable) {
      EXPECT_TRUE(seen.contains(key)) << key;
      remove(key);
    }
  }
}

TEST_F(TableTest, memory_stays_within_14_bytes_a_key_at_every_size) {
  for (int i = 0; i < 300000; ++i) {
    insert(std::to_string(i));
    if (i < 20000 || i % 1000 != 0) continue;
    std::size_t overflow = 0;
    for (std::uint32_t b = 0; b < table.bucket_count(); ++b)
      for (const Bucket* o = table.bucket_head(b).next(); o != nullptr; o = o->next()) ++overflow;
    const double bytes =
        static_cast<double>(table.overhead_bytes() + overflow * sizeof(Bucket)) / (i + 1);
    ASSERT_LT(bytes, 14.0) << "at " << i;
  }
}

TEST(EntryTest, every_form_of_value_and_expiry_keeps_the_key) {
  IntegerText room;
  for (const std::size_t key_size : {0U, 1U, 16U, 255U, 256U, 70000U}) {
    const std::string key(key_size, 'k');
    Entry* e = Entry::make(key, StringValue::of("123"));
    EXPECT_TRUE(e->is_integer());
    for (const std::string& value :
         {std::string("x"), std::string(44, 'a'), std::string(45, 'b'), std::string("-7"),
          std::string(kInlineBytesMax + 1, 'c'), std::string(3, 'd'), std::string()}) {
      e = Entry::with_value(e, StringValue::of(value));
      EXPECT_EQ(e->text(room), value);
      EXPECT_EQ(e->key(), key);
      e = Entry::with_expiry(e, 77);
      EXPECT_EQ(e->expiry(), 77);
      EXPECT_EQ(e->text(room), value);
      EXPECT_EQ(e->key(), key);
      e = Entry::resized(e, value.size() + 3);
      EXPECT_EQ(e->text(room), value + std::string(3, '\0'));
      e = Entry::with_expiry(e, kNoExpiry);
      EXPECT_EQ(e->text(room), value + std::string(3, '\0'));
      EXPECT_EQ(e->key(), key);
    }
    Entry::destroy(e);
  }
}

struct Collected final : SnapshotSink {
  std::map<std::string, std::string> entries;
  bool on_entry(unsigned database, const Entry& entry, std::size_t& work) override {
    IntegerText room;
    const std::string key = std::to_string(database) + "/" + std::string(entry.key());
    EXPECT_TRUE(entries.emplace(key, entry.text(room)).second) << key << " was emitted twice";
    --work;
    return true;
  }
};

struct SnapshotTest : testing::Test {
  Keyspace keyspace{{.databases = 3, .secret = {5, 6}}};
  Rng rng{9};
  std::map<std::string, std::string> model;

  void change(int steps) {
    for (int i = 0; i < steps; ++i) {
      const unsigned db = static_cast<unsigned>(rng.below(2));
      const std::string text = "k" + std::to_string(rng.below(3000));
      const Key key = keyspace.key(text);
      Table& table = keyspace.table(db, key);
      const Table::Slot slot = table.find(key.text, key.hash);
      const std::string value = std::to_string(rng.next()) + "v";
      const std::string name = std::to_string(db) + "/" + text;
      if (slot && rng.chance(0.4)) {
        Entry::destroy(table.remove(slot));
        model.erase(name);
      } else if (slot) {
        table.end_write(slot, Entry::with_value(table.begin_write(slot), StringValue::of(value)));
        model[name] = value;
      } else {
        table.insert(Entry::make(text, StringValue::of(value)), key.hash);
        model[name] = value;
      }
    }
  }
  void step(Walk& walk, std::uint32_t buckets) {
    std::size_t work = 1000;
    walk.step(buckets, work, keyspace.snapshots());
  }
  void run(const std::shared_ptr<Walk>& walk, int changes) {
    while (walk->next_table() != nullptr) {
      step(*walk, 1 + static_cast<std::uint32_t>(rng.below(4)));
      change(changes);
    }
    keyspace.snapshots().finish(walk);
  }
};

TEST_F(SnapshotTest, walk_emits_the_state_of_the_cut_while_writers_go_on) {
  for (int round = 0; round < 10; ++round) {
    change(4000);
    const auto expected = model;
    Collected sink;
    run(keyspace.begin_walk(sink), 20);
    EXPECT_EQ(sink.entries, expected);
  }
}

TEST_F(SnapshotTest, two_walks_at_different_cuts_each_see_their_own) {
  change(4000);
  Collected first;
  Collected second;
  const auto expected_first = model;
  const auto walk_first = keyspace.begin_walk(first);
  for (int i = 0; i < 100; ++i) step(*walk_first, 1);
  change(500);
  const auto expected_second = model;
  const auto walk_second = keyspace.begin_walk(second);
  run(walk_second, 10);
  run(walk_first, 10);
  EXPECT_EQ(first.entries, expected_first);
  EXPECT_EQ(second.entries, expected_second);
}

TEST_F(SnapshotTest, an_abandoned_walk_leaves_the_next_one_whole) {
  for (int round = 0; round < 600; ++round) {  // more often than a version byte has values
    change(30);
    Collected dropped;
    const auto walk = keyspace.begin_walk(dropped);
    if (walk->next_table() != nullptr) step(*walk, 3);
    keyspace.snapshots().abandon(*walk);
    run(walk, 0);
  }
  const auto expected = model;
  Collected sink;
  run(keyspace.begin_walk(sink), 20);
  EXPECT_EQ(sink.entries, expected);
}

TEST_F(SnapshotTest, a_database_that_was_empty_for_many_cuts_is_not_missed) {
  change(2000);
  for (unsigned db = 0; db < 2; ++db)
    for (std::uint32_t t = 0; t < keyspace.table_count(); ++t) {
      Table& table = keyspace.database(db).table(t);
      while (table.size() > 0) {
        const Entry* entry = table.random_entry(rng);
        const Key key = keyspace.key(entry->key());
        Entry::destroy(table.remove(table.find(key.text, key.hash)));
      }
    }
  model.clear();
  for (int cut = 0; cut < 200; ++cut) {
    Collected nothing;
    run(keyspace.begin_walk(nothing), 0);
  }
  change(1000);
  const auto expected = model;
  Collected sink;
  run(keyspace.begin_walk(sink), 0);
  EXPECT_EQ(sink.entries, expected);
}

TEST_F(SnapshotTest, flush_and_swap_do_not_disturb_a_walk) {
  change(4000);
  const auto expected = model;
  Collected sink;
  const auto walk = keyspace.begin_walk(sink);
  step(*walk, 10);
  keyspace.swap(0, 1);
  keyspace.detach(0);
  run(walk, 20);
  EXPECT_EQ(sink.entries, expected);
}

TEST(KeyspaceTest, slots_and_hash_tags) {
  EXPECT_EQ(slot_of("foo"), 12182U);
  EXPECT_EQ(slot_of("key:test:2"), 9252U);
  EXPECT_EQ(slot_of("a{foo}b"), 12182U);
  EXPECT_EQ(slot_of("{}foo"), slot_of("{}foo"));
  EXPECT_NE(slot_of("{}foo"), slot_of("{}bar"));
}

TEST(KeyspaceTest, scan_of_a_database_covers_all_tables) {
  Keyspace keyspace({.secret = {1, 2}});
  std::set<std::string> all;
  for (int i = 0; i < 5000; ++i) {
    const std::string text = "key" + std::to_string(i);
    const Key key = keyspace.key(text);
    keyspace.table(2, key).insert(Entry::make(text, StringValue::of("1")), key.hash);
    all.insert(text);
  }
  std::set<std::string> seen;
  std::uint64_t cursor = 0;
  int calls = 0;
  do {
    cursor = keyspace.scan(2, cursor, 10, [&](Entry& e) { seen.insert(std::string(e.key())); });
    ++calls;
  } while (cursor != 0);
  EXPECT_EQ(seen, all);
  EXPECT_LT(calls, 600);
}

}  // namespace
}  // namespace banyan::store
