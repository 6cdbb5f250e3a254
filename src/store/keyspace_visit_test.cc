#include <gtest/gtest.h>

#include <atomic>
#include <map>
#include <set>
#include <string>
#include <thread>

#include "store/keyspace.h"

namespace banyan::store {
namespace {

void insert(Keyspace& keyspace, const std::string& text) {
  const Key key = keyspace.key(text);
  keyspace.lock(Keyspace::lock_of(key));
  keyspace.table(0, key).insert(Entry::make(text, StringValue::of("v")), key.hash);
  keyspace.unlock(Keyspace::lock_of(key));
}

void remove(Keyspace& keyspace, const std::string& text) {
  const Key key = keyspace.key(text);
  keyspace.lock(Keyspace::lock_of(key));
  Table& table = keyspace.table(0, key);
  Entry::destroy(table.remove(table.find(key.text, key.hash)));
  keyspace.unlock(Keyspace::lock_of(key));
}

TEST(KeyspaceVisitTest, an_empty_database_has_nothing_to_visit) {
  Keyspace keyspace({.secret = {1, 2}});
  Rng rng(1);
  const auto fail_if_called = [](const Entry&) { FAIL(); };
  keyspace.for_each(0, fail_if_called);
  EXPECT_FALSE(keyspace.visit_random(0, rng, fail_if_called));
}

TEST(KeyspaceVisitTest, every_key_is_visited_once_and_picked_now_and_then) {
  Keyspace keyspace({.slots = true, .secret = {1, 2}});
  std::set<std::string> all;
  for (int i = 0; i < 300; ++i) {
    all.insert("key" + std::to_string(i));
    insert(keyspace, "key" + std::to_string(i));
  }
  std::multiset<std::string> visited;
  keyspace.for_each(0, [&](const Entry& entry) { visited.emplace(entry.key()); });
  EXPECT_EQ(visited, std::multiset<std::string>(all.begin(), all.end()));

  Rng rng(1);
  std::set<std::string> picked;
  for (int i = 0; i < 10000; ++i)
    EXPECT_TRUE(
        keyspace.visit_random(0, rng, [&](const Entry& entry) { picked.emplace(entry.key()); }));
  EXPECT_EQ(picked, all);
}

// Tables grow and shrink all the time; what stays must be visited once in every pass.
TEST(KeyspaceVisitTest, keys_that_stay_are_visited_once_while_others_come_and_go) {
  constexpr int kStaying = 500;
  Keyspace keyspace({.workers = 2, .secret = {1, 2}});
  for (int i = 0; i < kStaying; ++i) insert(keyspace, "stays" + std::to_string(i));
  std::atomic<bool> done = false;
  std::thread writer([&] {
    for (int round = 0; round < 5; ++round) {
      for (int i = 0; i < 3000; ++i) insert(keyspace, "goes" + std::to_string(i));
      for (int i = 0; i < 3000; ++i) remove(keyspace, "goes" + std::to_string(i));
    }
    done = true;
  });
  Rng rng(1);
  do {
    std::map<std::string, int> visits;
    keyspace.for_each(0, [&](const Entry& entry) {
      if (entry.key().starts_with("stays")) ++visits[std::string(entry.key())];
    });
    EXPECT_EQ(visits.size(), std::size_t{kStaying});
    for (const auto& [key, count] : visits) EXPECT_EQ(count, 1) << key;
    EXPECT_TRUE(keyspace.visit_random(0, rng, [](const Entry&) {}));
  } while (!done);
  writer.join();
}

}  // namespace
}  // namespace banyan::store
