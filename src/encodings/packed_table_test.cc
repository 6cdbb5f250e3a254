#include "encodings/packed_table.h"

#include <gtest/gtest.h>

#include <cmath>
#include <map>
#include <set>
#include <string>

namespace banyan::encodings {
namespace {

constexpr HashSecret kSecret{11, 22};

struct Held {
  std::string value;
  UnixMs expiry = kNoExpiry;
  bool operator==(const Held&) const = default;
};
using Model = std::map<std::string, Held>;

std::string random_text(Rng& rng, std::size_t size_max) {
  std::string text(rng.below(size_max + 1), ' ');
  for (char& c : text) c = static_cast<char>(rng.below(256));
  return text;
}

Model contents(const PackedTable& table) {
  Model found;
  table.for_each([&](const PackedItem& item) {
    EXPECT_TRUE(found.emplace(item.member, Held{std::string(item.value), item.expiry}).second);
  });
  return found;
}

void put(PackedTable& table, Bytes member, const Held& held) {
  const std::uint64_t hash = table.hash_of(member);
  if (const auto slot = table.find(member, hash)) {
    table.replace(slot, held.value, held.expiry);
  } else {
    table.insert({member, held.value, held.expiry}, hash);
  }
}

TEST(PackedTableTest, agrees_with_a_map_under_random_changes) {
  Rng rng(3);
  PackedTable table(PackedTable::Kind::hash, kSecret);
  Model model;
  for (int step = 0; step < 200000; ++step) {
    // Growing and shrinking phases, so that buckets are split and merged many times.
    const bool growing = step / 20000 % 2 == 0;
    std::string member = "k" + std::to_string(rng.below(8000));
    if (member.back() == '7') member += std::string(rng.chance(0.5) ? 100 : 200, 'x');
    if (member == "k0") member.clear();
    const auto slot = table.find(member);
    const auto known = model.find(member);
    ASSERT_EQ(static_cast<bool>(slot), known != model.end());
    if (slot) {
      const PackedItem item = table.item(slot);
      ASSERT_EQ(item.member, member);
      ASSERT_EQ(item.value, known->second.value);
      ASSERT_EQ(item.expiry, known->second.expiry);
    }
    if (rng.chance(growing ? 0.8 : 0.2)) {
      const Held held{random_text(rng, rng.chance(0.1) ? 300 : 20),
                      rng.chance(0.3) ? static_cast<UnixMs>(rng.below(1000)) : kNoExpiry};
      put(table, member, held);
      model[member] = held;
    } else if (slot) {
      table.erase(slot);
      model.erase(member);
    }
    ASSERT_EQ(table.size(), model.size());
    if (step % 5000 == 0) {
      ASSERT_EQ(contents(table), model);
    }
  }
  EXPECT_EQ(contents(table), model);
}

TEST(PackedTableTest, a_set_holds_members_of_every_length) {
  PackedTable table(PackedTable::Kind::set, kSecret);
  for (std::size_t size = 0; size < 400; ++size) {
    const std::string member(size, 'm');
    table.insert({member, {}}, table.hash_of(member));
  }
  for (std::size_t size = 0; size < 400; ++size) {
    const auto slot = table.find(std::string(size, 'm'));
    ASSERT_TRUE(slot);
    EXPECT_EQ(table.item(slot).member.size(), size);
    EXPECT_TRUE(table.item(slot).value.empty());
  }
  EXPECT_FALSE(table.contains(std::string(400, 'm')));
}

TEST(PackedTableTest, an_item_keeps_its_member_when_value_and_expiry_change_size) {
  PackedTable table(PackedTable::Kind::hash, kSecret);
  const std::string members[] = {"", "short", std::string(110, 'a'), std::string(300, 'b')};
  const std::size_t sizes[] = {0, 5, 90, 200, 5000};
  for (const std::string& member : members) put(table, member, {"first"});
  for (const std::size_t from : sizes)
    for (const std::size_t to : sizes)
      for (const UnixMs expiry : {kNoExpiry, UnixMs{7}, UnixMs{8}})
        for (const std::string& member : members) {
          put(table, member, {std::string(from, 'f'), UnixMs{5}});
          put(table, member, {std::string(to, 't'), expiry});
          const PackedItem item = table.item(table.find(member));
          ASSERT_EQ(item.member, member);
          ASSERT_EQ(item.value, std::string(to, 't'));
          ASSERT_EQ(item.expiry, expiry);
        }
  EXPECT_EQ(table.size(), 4U);
}

TEST(PackedTableTest, scan_returns_every_item_that_stays_however_the_table_changes) {
  for (std::uint64_t round = 0; round < 30; ++round) {
    Rng rng(round);
    PackedTable table(PackedTable::Kind::set, kSecret);
    std::set<std::string> stable;
    for (int i = 0; i < 700; ++i) {
      const std::string member = "s" + std::to_string(i);
      stable.insert(member);
      table.insert({member, {}}, table.hash_of(member));
    }
    const bool growing = round % 2 == 0;
    const auto churn = [&](int count) {
      for (int i = 0; i < count; ++i) {
        const std::string member = "c" + std::to_string(rng.below(20000));
        const auto slot = table.find(member);
        if (growing && !slot) table.insert({member, {}}, table.hash_of(member));
        if (!growing && slot) table.erase(slot);
      }
    };
    if (!growing) {
      for (int i = 0; i < 20000; ++i) {
        const std::string member = "c" + std::to_string(i);
        table.insert({member, {}}, table.hash_of(member));
      }
    }
    std::set<std::string> seen;
    std::uint64_t cursor = 0;
    do {
      cursor = table.scan(cursor, [&](const PackedItem& item) { seen.emplace(item.member); });
      churn(static_cast<int>(rng.below(growing ? 60 : 200)));
    } while (cursor != 0);
    for (const std::string& member : stable) ASSERT_TRUE(seen.contains(member)) << member;
  }
}

TEST(PackedTableTest, a_random_item_is_each_about_as_likely) {
  for (const int items : {1, 64, 600}) {
    Rng rng(5);
    PackedTable table(PackedTable::Kind::set, kSecret);
    for (int i = 0; i < items; ++i) {
      const std::string member = std::to_string(i);
      table.insert({member, {}}, table.hash_of(member));
    }
    std::map<std::string, double> drawn;
    const int draws = 400 * items;
    for (int i = 0; i < draws; ++i) ++drawn[std::string(table.random_item(rng).member)];
    EXPECT_EQ(drawn.size(), static_cast<std::size_t>(items));
    double chi_square = 0;
    for (const auto& [member, count] : drawn) chi_square += (count - 400) * (count - 400) / 400;
    EXPECT_LT(chi_square, items + 5 * std::sqrt(2.0 * items));  // five standard deviations
  }
}

TEST(PackedTableTest, a_copy_has_the_same_content_and_is_its_own) {
  Rng rng(9);
  PackedTable table(PackedTable::Kind::hash, kSecret);
  for (int i = 0; i < 3000; ++i) put(table, std::to_string(i), {random_text(rng, 200), i});
  const auto clone = table.clone();
  PackedTable& copy = *clone;
  const Model before = contents(table);
  EXPECT_EQ(contents(copy), before);
  EXPECT_EQ(copy.memory_bytes(), table.memory_bytes());
  for (int i = 0; i < 3000; ++i) table.erase(table.find(std::to_string(i)));
  EXPECT_TRUE(table.empty());
  EXPECT_EQ(contents(copy), before);
  for (int i = 0; i < 3000; ++i) put(copy, std::to_string(i), {"x"});
  EXPECT_EQ(copy.size(), 3000U);
}

TEST(PackedTableTest, an_item_is_found_by_its_hash_and_expiry) {
  PackedTable table(PackedTable::Kind::hash, kSecret);
  for (int i = 0; i < 1000; ++i) put(table, std::to_string(i), {"v", i});
  for (int i = 0; i < 1000; ++i) {
    const std::uint64_t hash = table.hash_of(std::to_string(i));
    EXPECT_EQ(table.item(table.find_expiring(hash, i)).member, std::to_string(i));
    EXPECT_FALSE(table.find_expiring(hash, i + 1));
    EXPECT_FALSE(table.find_expiring(hash ^ 256, i));
  }
}

TEST(PackedTableTest, is_cleared_in_steps_and_counts_its_memory) {
  PackedTable table(PackedTable::Kind::hash, kSecret);
  const std::size_t nothing = table.memory_bytes();
  for (int i = 0; i < 5000; ++i)
    put(table, std::to_string(i), {std::string(i % 50 == 0 ? 1000 : 10, 'v')});
  EXPECT_GT(table.memory_bytes(), nothing + 5000 * 18);
  EXPECT_GT(table.free_effort(), 100U);
  int steps = 1;
  while (!table.clear_some(50)) ++steps;
  EXPECT_GT(steps, 10);
  EXPECT_TRUE(table.empty());
  EXPECT_LE(table.memory_bytes(), nothing + 8);
}

TEST(PackedTableTest, room_made_beforehand_changes_nothing_that_is_seen) {
  PackedTable table(PackedTable::Kind::hash, kSecret);
  Model model;
  for (int i = 0; i < 100; ++i) {
    put(table, std::to_string(i), {"v"});
    model[std::to_string(i)] = {"v"};
  }
  table.reserve(20000, 20);
  const std::uint32_t buckets = table.bucket_count();
  EXPECT_EQ(contents(table), model);
  for (int i = 100; i < 20100; ++i) {
    put(table, std::to_string(i), {"v"});
    model[std::to_string(i)] = {"v"};
  }
  EXPECT_EQ(contents(table), model);
  EXPECT_LE(table.bucket_count(), buckets + 2);
}

}  // namespace
}  // namespace banyan::encodings
