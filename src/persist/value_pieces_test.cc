#include <gtest/gtest.h>

#include <memory>
#include <vector>

#include "base/rng.h"
#include "persist/values.h"
#include "values/hash_value.h"
#include "values/list.h"
#include "values/set.h"
#include "values/sorted_set.h"
#include "values/stream.h"

namespace banyan::persist {
namespace {

using store::Entry;
using values::Type;

struct Free {
  void operator()(Entry* entry) const { Entry::destroy(entry); }
};
using Owned = std::unique_ptr<Entry, Free>;

struct ValuePiecesTest : testing::TestWithParam<Compression> {
  values::EncodingLimits limits{{}, {1, 2}};
  Rng rng{4};

  static Owned made(Type type) { return Owned(Entry::make_collection("key", type)); }
  std::string text() {
    const std::size_t size = rng.chance(0.02) ? rng.below(1000) : rng.below(30);
    return std::to_string(rng.next()) + std::string(size, 'x');
  }
  Owned set_of(int size) {
    Owned entry = made(Type::set);
    values::Set set(entry->body());
    while (set.size() < static_cast<std::size_t>(size)) set.add(text(), limits);
    return entry;
  }
  Owned integers() {
    Owned entry = made(Type::set);
    for (int i = 0; i < 100; ++i) values::Set(entry->body()).add(std::to_string(i * i), limits);
    return entry;
  }
  Owned hash_of(int size, double expiring) {
    Owned entry = made(Type::hash);
    for (int i = 0; i < size; ++i)
      values::Hash(entry->body())
          .set("f" + std::to_string(i), text(), limits,
               rng.chance(expiring) ? static_cast<UnixMs>(1 + rng.below(1'000'000)) : kNoExpiry);
    return entry;
  }
  Owned without_its_expiries(Owned entry) {
    for (int i = 0; i < 1000; ++i)
      values::Hash(entry->body()).set_expiry("f" + std::to_string(i), kNoExpiry);
    return entry;
  }
  Owned sorted_set_of(int size) {
    Owned entry = made(Type::sorted_set);
    for (int i = 0; i < size; ++i)
      values::SortedSet(entry->body()).put(text(), static_cast<double>(rng.below(50)), limits);
    return entry;
  }
  Owned list_of(int size, int compress_depth = 0) {
    values::EncodingLimits other = limits;
    other.list_compress_depth = compress_depth;
    Owned entry = made(Type::list);
    for (int i = 0; i < size; ++i) {
      const std::string element = i % 500 == 7 ? std::string(20'000, 'p') : text();
      const Bytes words[] = {element};
      values::List list(entry->body(), other);
      list.expect(words);
      list.push(encodings::ListEnd::tail, words);
    }
    return entry;
  }
  Owned stream_of(std::uint64_t entries, int groups, std::uint64_t consumers) {
    Owned entry = made(Type::stream);
    values::StreamValue& stream = values::Stream::of(entry->body());
    for (std::uint64_t i = 1; i <= entries; ++i) {
      const std::string value = text();
      const Bytes words[] = {"name", value};
      stream.append({i, 0}, words, limits);
    }
    stream.trim({.by = values::StreamTrim::By::id, .below = {1 + entries / 3, 0}});
    for (int g = 0; g < groups; ++g) {
      // The first one has no name; the last one nothing that is pending.
      const std::string name(static_cast<std::size_t>(g), 'g');
      values::StreamGroup* group = stream.create_group(name, {entries, 0}, 0);
      for (std::uint64_t c = 0; c < consumers; ++c)
        group->create_consumer("c" + std::to_string(c), 1000);
      if (g == groups - 1 || consumers == 0) continue;
      for (std::uint64_t i = 1; i <= entries; ++i)
        if (rng.chance(0.4))
          group->assign({i, 0}, *group->find_consumer("c" + std::to_string(rng.below(consumers))));
    }
    return entry;
  }

  std::vector<Owned> everything() {
    std::vector<Owned> all;
    for (const char* value : {"", "12345", "a text of more than twenty bytes bytes bytes"})
      all.emplace_back(Entry::make("key", store::StringValue::of(value)));
    all.emplace_back(Entry::resized(Entry::make("key", {}), 100'000));
    all.push_back(integers());
    for (const int size : {1, 5, 2000}) {
      all.push_back(set_of(size));
      all.push_back(hash_of(size, 0));
      all.push_back(hash_of(size, 0.5));
      all.push_back(without_its_expiries(hash_of(size, 0.5)));
      all.push_back(sorted_set_of(size));
      all.push_back(list_of(size));
      all.push_back(list_of(size, 1));
      all.push_back(stream_of(static_cast<std::uint64_t>(size), 3, 2));
    }
    all.push_back(stream_of(0, 0, 0));
    all.push_back(stream_of(1000, 2, 0));
    all.push_back(stream_of(100, 5, 100));
    return all;
  }
};

std::string whole(const Entry& entry, Compression compression) {
  std::string out;
  append_value(out, entry, compression);
  return out;
}

// What `draw` gives is the work of each piece. The pieces joined.
template <class Draw>
std::string in_pieces(const Entry& entry, Compression compression, std::uint64_t& pieces,
                      const Draw& draw) {
  std::string all;
  ValueProgress progress;
  for (pieces = 1;; ++pieces) {
    progress.work = draw();
    std::string piece;  // a chunk of its own
    const bool is_through = append_value(piece, entry, compression, progress);
    all += piece;
    if (is_through || pieces > 1'000'000) return all;
  }
}

// What a payload holds, written without compression, whose output for one text may differ.
std::string plain(RdbType type, Bytes payload, const values::EncodingLimits& limits) {
  RdbReader reader(payload);
  const auto entry = load_value(reader, type, "key", {.limits = limits, .keep_expired = true});
  EXPECT_TRUE(entry && *entry != nullptr && reader.at_end());
  return entry && *entry != nullptr ? whole(*Owned(*entry), Compression::off) : "";
}

TEST_P(ValuePiecesTest, pieces_of_any_size_are_what_one_would_be) {
  for (const Owned& entry : everything()) {
    const auto content = [&](Bytes payload) {
      if (GetParam() == Compression::off || payload.size() < 20) return std::string(payload);
      return plain(rdb_type(*entry), payload, limits);
    };
    const std::string expected = content(whole(*entry, GetParam()));
    std::uint64_t pieces = 0;
    for (const std::size_t work : {1, 2, 33, 100, 1000, 20'000})
      ASSERT_EQ(content(in_pieces(*entry, GetParam(), pieces, [&] { return work; })), expected)
          << values::name_of(entry->encoding()) << " of " << expected.size() << ", work " << work;
    for (int round = 0; round < 10; ++round)
      ASSERT_EQ(content(in_pieces(*entry, GetParam(), pieces, [&] { return 1 + rng.below(3000); })),
                expected);
  }
}

TEST_P(ValuePiecesTest, a_piece_of_a_big_value_costs_about_its_work) {
  std::vector<Owned> big;
  big.push_back(set_of(20'000));
  big.push_back(hash_of(20'000, 0.1));
  big.push_back(sorted_set_of(20'000));
  big.push_back(list_of(20'000));
  big.push_back(stream_of(20'000, 0, 0));
  big.push_back(stream_of(100, 1, 20'000));
  Owned pending = stream_of(20'000, 2, 1);  // what is pending is most of it, when trimmed
  values::Stream::of(pending->body()).trim({.by = values::StreamTrim::By::length, .length = 1});
  big.push_back(std::move(pending));
  for (const Owned& entry : big) {
    const std::size_t bytes = whole(*entry, GetParam()).size();
    std::uint64_t pieces = 0;
    in_pieces(*entry, GetParam(), pieces, [] { return 4000; });
    EXPECT_GE(pieces, bytes / 20'000) << values::name_of(entry->encoding());
    EXPECT_LE(pieces, 20'000U) << values::name_of(entry->encoding());
    ValueProgress progress;
    for (bool is_through = false; !is_through;) {
      progress.work = 4000;
      std::string piece;
      is_through = append_value(piece, *entry, GetParam(), progress);
      EXPECT_LE(piece.size(), 4000U + 25'000U);  // and the largest node of a list
    }
  }
}

INSTANTIATE_TEST_SUITE_P(Compressions, ValuePiecesTest,
                         testing::Values(Compression::off, Compression::lzf));

}  // namespace
}  // namespace banyan::persist
