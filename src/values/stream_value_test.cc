#include "values/stream_value.h"

#include <gtest/gtest.h>

#include <map>
#include <string>
#include <vector>

#include "base/rng.h"
#include "encodings/listpack.h"

namespace banyan::values {
namespace {

using Words = std::vector<std::string>;
using Model = std::map<StreamId, Words>;

std::vector<Bytes> views(const Words& words) { return {words.begin(), words.end()}; }

Words words_of(StreamEntry& entry) {
  Words words;
  StreamEntry::Room room;
  for (std::uint64_t i = 0; i < entry.pairs; ++i) {
    const auto [field, value] = entry.next_pair(room);
    words.emplace_back(field);
    words.emplace_back(value);
  }
  return words;
}

std::vector<std::pair<StreamId, Words>> read_all(const StreamValue& stream, StreamId from,
                                                 StreamId to, bool reverse, bool read_words) {
  std::vector<std::pair<StreamId, Words>> result;
  StreamReader reader(stream, from, to, reverse);
  while (reader.next())
    result.emplace_back(reader.entry().id, read_words ? words_of(reader.entry()) : Words());
  return result;
}

// A stream and the map that it must agree with, changed together at random.
class Pair {
 public:
  Pair(std::uint64_t seed, EncodingLimits limits) : rng_(seed), limits_(limits) {}

  void change() {
    if (rng_.chance(growing_ ? 0.7 : 0.3)) return append();
    if (rng_.chance(0.002)) growing_ = !growing_;
    if (rng_.chance(0.02)) return trim();
    erase();
  }
  void check() {
    ASSERT_EQ(stream.size(), model.size());
    ASSERT_EQ(stream.first_id(), model.empty() ? StreamId{} : model.begin()->first);
    ASSERT_EQ(stream.last_live_id(), model.empty() ? StreamId{} : model.rbegin()->first);
    ASSERT_EQ(stream.last_id(), last_);
    ASSERT_EQ(stream.entries_added(), added_);
    ASSERT_EQ(stream.max_deleted_id(), max_deleted_);
    check_range(kStreamIdMin, kStreamIdMax);
    check_range(random_id(), random_id());
  }
  void check_blocks() {
    StreamId before;
    const auto& blocks = stream.blocks();
    for (auto at = blocks.begin(); !blocks.is_end(at); at = blocks.next(at)) {
      const StreamBlock& block = blocks.at(at);
      ASSERT_TRUE(encodings::validate_listpack(block.bytes(), true));
      const auto decoded = StreamBlock::decode(block.id, block.bytes());
      ASSERT_TRUE(decoded) << decoded.error().text();
      EXPECT_EQ(decoded->bytes(), block.bytes());
      EXPECT_GT(block.live(), 0U);
      EXPECT_GE(block.id, before);
      StreamEntry last;
      ASSERT_TRUE(block.last(last));
      before = last.id;
    }
  }

  StreamValue stream;
  Model model;

 private:
  StreamId random_id() { return {last_.ms - std::min(last_.ms, rng_.below(60)), rng_.below(4)}; }
  std::string random_word() {
    switch (rng_.below(5)) {
      case 0:
        return std::to_string(static_cast<std::int64_t>(rng_.next()) >> rng_.below(60));
      case 1:
        return std::string(rng_.below(rng_.chance(0.01) ? 5000 : 100), 'x');
      case 2:
        return "";
      default:
        return "word" + std::to_string(rng_.below(100));
    }
  }
  void append() {
    last_ = rng_.chance(0.5) ? StreamId{last_.ms, last_.seq + 1 + rng_.below(3)}
                             : StreamId{last_.ms + 1 + rng_.below(3), rng_.below(5)};
    Words words;
    if (rng_.chance(0.8)) {
      words = {"field", random_word(), "7", random_word()};
    } else {
      const std::uint64_t count = 2 + 2 * rng_.below(3);
      while (words.size() < count) words.push_back(random_word());
    }
    stream.append(last_, views(words), limits_);
    model[last_] = words;
    ++added_;
  }
  void erase() {
    std::vector<StreamId> ids;
    for (std::uint64_t i = 0; i <= rng_.below(3); ++i) {
      StreamId id = random_id();
      if (!model.empty() && rng_.chance(0.7)) {
        const auto near = model.lower_bound(id);
        id = near == model.end() ? model.begin()->first : near->first;
      }
      ids.push_back(id);
    }
    std::uint64_t erased = 0;
    for (const StreamId id : ids) {
      EXPECT_EQ(stream.contains(id) && erased == 0, model.contains(id) && erased == 0);
      if (model.erase(id) == 0) continue;
      ++erased;
      max_deleted_ = std::max(max_deleted_, id);
    }
    ASSERT_EQ(stream.erase(ids), erased);
  }
  void trim() {
    StreamTrim trim{.by = rng_.chance(0.5) ? StreamTrim::By::length : StreamTrim::By::id,
                    .approximate = rng_.chance(0.5),
                    .length = model.size() - std::min(model.size(), rng_.below(200)),
                    .below = random_id(),
                    .limit = 0};
    if (trim.approximate && rng_.chance(0.5)) trim.limit = 1 + rng_.below(50);
    const auto is_due = [&](StreamId id) {
      return trim.by == StreamTrim::By::length ? model.size() > trim.length : id < trim.below;
    };
    std::uint64_t dropped = stream.trim(trim);
    if (trim.limit != 0) {
      EXPECT_LE(dropped, trim.limit);
    }
    for (; dropped > 0; --dropped) {
      ASSERT_TRUE(!model.empty() && is_due(model.begin()->first));
      model.erase(model.begin());
    }
    if (!trim.approximate) {
      EXPECT_TRUE(model.empty() || !is_due(model.begin()->first));
    }
  }
  void check_range(StreamId from, StreamId to) {
    std::vector<std::pair<StreamId, Words>> expected;
    if (from <= to) expected.assign(model.lower_bound(from), model.upper_bound(to));
    ASSERT_EQ(read_all(stream, from, to, false, true), expected);
    std::ranges::reverse(expected);
    ASSERT_EQ(read_all(stream, from, to, true, true), expected);
    for (auto& [id, words] : expected) words.clear();
    ASSERT_EQ(read_all(stream, from, to, true, false), expected);
    std::ranges::reverse(expected);
    ASSERT_EQ(read_all(stream, from, to, false, false), expected);
  }

  Rng rng_;
  EncodingLimits limits_;
  bool growing_ = true;
  StreamId last_, max_deleted_;
  std::uint64_t added_ = 0;
};

TEST(StreamValueTest, agrees_with_a_map_under_random_changes) {
  const EncodingLimits limits[] = {
      {},
      {{.stream_node_bytes = 200, .stream_node_entries = 5}},
      {{.stream_node_bytes = 0, .stream_node_entries = 300}},
      {{.stream_node_bytes = 0, .stream_node_entries = 0}},
      {{.stream_node_bytes = 1, .stream_node_entries = 1}},
  };
  for (std::uint64_t seed = 0; seed < std::size(limits); ++seed) {
    SCOPED_TRACE(testing::Message() << "seed " << seed);
    Pair pair(seed + 1, limits[seed]);
    for (int step = 0; step < 8000; ++step) {
      pair.change();
      if (step % 100 == 0) pair.check();
      ASSERT_FALSE(testing::Test::HasFailure());
    }
    pair.check_blocks();
    const StreamValue copy = pair.stream.copy();
    EXPECT_EQ(read_all(copy, kStreamIdMin, kStreamIdMax, false, true),
              read_all(pair.stream, kStreamIdMin, kStreamIdMax, false, true));
  }
}

// An entry of one field and a value of 16 bytes.
void append_one(StreamValue& stream, StreamId id, const std::string& value = "0123456789abcdef") {
  const Bytes words[] = {"field", value};
  stream.append(id, words, {});
}

TEST(StreamValueTest, keeps_a_million_small_entries_in_32_bytes_each) {
  StreamValue stream;
  for (std::uint64_t i = 0; i < 1'000'000; ++i)
    append_one(stream, {1'700'000'000'000 + i / 500, i % 500},
               "value-" + std::to_string(i + 1'000'000'000));
  EXPECT_LE(stream.memory_bytes(), 32'000'000U);
}

TEST(StreamValueTest, is_measured_by_the_first_blocks) {
  StreamValue stream;
  for (std::uint64_t i = 1; i <= 20'000; ++i) append_one(stream, {i, 0});
  for (std::uint64_t i = 1; i <= 100; ++i)
    stream.create_group("group" + std::to_string(i), {i, 0}, 0);
  const std::size_t exact = stream.memory_bytes();
  EXPECT_EQ(stream.memory_bytes(100'000), exact);
  EXPECT_NEAR(static_cast<double>(stream.memory_bytes(5)), static_cast<double>(exact),
              0.2 * static_cast<double>(exact));
}

TEST(StreamValueTest, writes_the_bytes_that_redis_writes) {
  StreamValue stream;
  const Bytes first[] = {"f", "v1"};
  const Bytes second[] = {"f", "300"};
  const Bytes third[] = {"g", "x", "h", "y"};
  stream.append({5, 1}, first, {});
  stream.append({5, 3}, second, {});
  stream.append({6, 0}, third, {});
  const Bytes expected(
      "\x40\0\0\0\x18\0"
      "\x03\x01\0\x01\x01\x01\x81\x66\x02\0\x01"
      "\x02\x01\0\x01\0\x01\x82v1\x03\x04\x01"
      "\x02\x01\0\x01\x02\x01\xc1\x2c\x02\x04\x01"
      "\0\x01\x01\x01\xdf\xff\x02\x02\x01\x81g\x02\x81x\x02\x81h\x02\x81y\x02\x08\x01\xff",
      64);
  EXPECT_EQ(stream.blocks().back().bytes(), expected);
}

TEST(StreamValueTest, says_how_many_entries_a_group_has_still_to_read) {
  StreamValue stream;
  for (std::uint64_t i = 1; i <= 5; ++i) append_one(stream, {i, 0});
  StreamGroup* group = stream.create_group("g", {}, StreamGroup::kReadUnknown);
  ASSERT_NE(group, nullptr);
  EXPECT_EQ(stream.create_group("g", {}, 0), nullptr);
  EXPECT_EQ(stream.lag(*group), 5);
  stream.note_delivery(*group, {1, 0});
  EXPECT_EQ(group->entries_read, 1);
  EXPECT_EQ(stream.lag(*group), 4);

  const StreamId deleted[] = {{3, 0}};
  EXPECT_EQ(stream.erase(deleted), 1U);
  EXPECT_EQ(stream.lag(*group), std::nullopt) << "a tombstone lies ahead";
  stream.note_delivery(*group, {2, 0});
  EXPECT_EQ(group->entries_read, StreamGroup::kReadUnknown);
  stream.note_delivery(*group, {5, 0});
  EXPECT_EQ(group->entries_read, 5);
  EXPECT_EQ(stream.lag(*group), 0);
}

TEST(StreamValueTest, has_no_id_behind_the_highest) {
  StreamValue stream;
  append_one(stream, kStreamIdMax);
  EXPECT_EQ(StreamValue::next_id(stream.last_id(), 1), std::nullopt);
  EXPECT_EQ(stream.trim({.by = StreamTrim::By::length, .length = 0}), 1U);
  EXPECT_EQ(stream.size(), 0U);
}

TEST(StreamBlockTest, refuses_bytes_that_are_no_block) {
  StreamValue stream;
  for (std::uint64_t i = 1; i <= 20; ++i) append_one(stream, {i, 0}, i % 2 == 0 ? "77" : "text");
  const StreamBlock& block = stream.blocks().back();
  const std::string bytes(block.bytes());
  // Every byte is changed to every value: what still passes must be readable.
  for (std::size_t at = 0; at < bytes.size(); ++at) {
    for (int byte = 0; byte < 256; ++byte) {
      std::string changed = bytes;
      changed[at] = static_cast<char>(byte);
      const auto decoded = StreamBlock::decode({1, 0}, changed);
      if (!decoded) continue;
      std::uint64_t live = 0;
      StreamEntry entry;
      for (bool more = decoded->first(entry); more; more = decoded->next(entry)) {
        words_of(entry);
        live += entry.is_deleted ? 0 : 1;
      }
      ASSERT_EQ(live, decoded->live());
    }
    ASSERT_FALSE(StreamBlock::decode({1, 0}, Bytes(bytes).substr(0, at)));
  }
}

}  // namespace
}  // namespace banyan::values
