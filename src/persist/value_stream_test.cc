#include "persist/value_stream.h"

#include <gtest/gtest.h>

#include "base/rng.h"

namespace banyan::persist {
namespace {

using values::StreamConsumer;
using values::StreamGroup;
using values::StreamId;
using values::StreamPending;
using values::StreamValue;

StreamValue stream_with_groups() {
  StreamValue stream;
  for (std::uint64_t i = 1; i <= 250; ++i) {
    const std::string value = "value" + std::to_string(i);
    const Bytes words[] = {"name", value, i % 7 == 0 ? "odd" : "even", "1234"};
    stream.append({i, i % 3}, words, {});
  }
  const StreamId gone[] = {{5, 2}, {17, 2}};
  EXPECT_EQ(stream.erase(gone), 2U);
  for (const char* name : {"alpha", "beta"}) {
    StreamGroup* group = stream.create_group(name, {40, 1}, 38);
    StreamConsumer* ann = group->create_consumer("ann", 1000);
    StreamConsumer* bob = group->create_consumer("bob", 2000);
    group->create_consumer("idle", 3000);
    ann->active = 900;
    for (std::uint64_t i = 1; i < 200; i += 2) {
      StreamPending& pending = group->assign({i, i % 3}, i % 5 == 0 ? *bob : *ann);
      pending.delivered = static_cast<UnixMs>(i * 1000);
      pending.deliveries = i;
    }
  }
  return stream;
}

std::string written(const StreamValue& stream, Compression compression = Compression::lzf) {
  std::string out;
  ValueProgress progress;
  EXPECT_TRUE(append_stream(out, stream, compression, progress));
  return out;
}

Result<StreamValue> loaded(Bytes bytes, RdbType type = kStreamTypeWritten) {
  RdbReader reader(bytes);
  auto stream = load_stream(reader, type);
  if (stream && !reader.at_end()) return fail(Errc::corrupt, "bytes are left");
  return stream;
}

TEST(ValueStreamTest, comes_back_as_it_was_written) {
  const StreamValue stream = stream_with_groups();
  for (const Compression compression : {Compression::off, Compression::lzf}) {
    const auto back = loaded(written(stream, compression));
    ASSERT_TRUE(back) << back.error().text();
    EXPECT_EQ(written(*back, Compression::off), written(stream, Compression::off));
    EXPECT_EQ(back->size(), 248U);
    EXPECT_EQ(back->first_id(), (StreamId{1, 1}));
    EXPECT_EQ(back->max_deleted_id(), (StreamId{17, 2}));
    EXPECT_EQ(back->find_group("beta")->pending().find({5, 2})->consumer->name, "bob");
    EXPECT_EQ(back->find_group("beta")->find_consumer("ann")->active, 1000)
        << "this type does not tell: it was seen at that time";
  }
}

TEST(ValueStreamTest, bytes_that_are_cut_anywhere_are_refused) {
  const std::string bytes = written(stream_with_groups(), Compression::off);
  for (std::size_t size = 0; size < bytes.size(); size += 5)
    ASSERT_FALSE(loaded(Bytes(bytes).substr(0, size)));
}

TEST(ValueStreamTest, changed_bytes_load_or_are_refused_and_what_loads_can_be_written) {
  const std::string bytes = written(stream_with_groups(), Compression::off);
  Rng rng(9);
  for (int round = 0; round < 3000; ++round) {
    std::string changed = bytes;
    for (std::uint64_t i = 0; i <= rng.below(3); ++i)
      changed[rng.below(changed.size())] = static_cast<char>(rng.next());
    for (const RdbType type :
         {RdbType::stream_listpacks, RdbType::stream_listpacks_2, RdbType::stream_listpacks_3}) {
      const auto stream = loaded(changed, type);
      if (!stream) continue;
      const auto again = loaded(written(*stream));
      ASSERT_TRUE(again) << again.error().text();
      EXPECT_EQ(again->size(), stream->size());
    }
  }
}

struct Refused {
  const char* why;
  std::string bytes;
};

// A stream of one entry, "1-0" with a field and a value, to which the groups are appended.
std::string with_groups(std::initializer_list<Bytes> groups) {
  StreamValue stream;
  const Bytes words[] = {"f", "v"};
  stream.append({1, 0}, words, {});
  std::string out = written(stream);
  out.pop_back();  // no groups
  out.push_back(static_cast<char>(groups.size()));
  for (const Bytes group : groups) out += group;
  return out;
}
std::string raw_id(char ms) { return std::string(7, '\0') + ms + std::string(8, '\0'); }
const std::string kTime(8, '\1');

TEST(ValueStreamTest, refuses_groups_that_cannot_be) {
  const std::string head = std::string("\1g\1\0\1", 5);  // name, last ID, entries read
  const std::string no_pending = std::string("\0", 1);
  const std::string no_consumers = std::string("\0", 1);
  const std::string one = "\1" + raw_id(1) + kTime + "\1";
  const std::string ann = "\1\1a" + kTime;
  ASSERT_TRUE(loaded(with_groups({head + no_pending + no_consumers})));
  ASSERT_TRUE(loaded(with_groups({head + one + ann + "\1" + raw_id(1)})));
  const Refused refused[] = {
      {"a group comes twice",
       with_groups({head + no_pending + no_consumers, head + no_pending + no_consumers})},
      {"an entry is pending for nobody", with_groups({head + one + no_consumers})},
      {"a consumer has what is not pending, or another's",
       with_groups({head + one + ann + "\1" + raw_id(2)})},
      {"a consumer has what is not pending, or another's",
       with_groups(
           {head + one + "\2\1a" + kTime + "\1" + raw_id(1) + "\1b" + kTime + "\1" + raw_id(1)})},
      {"a consumer comes twice", with_groups({head + no_pending + "\2\1a" + kTime + no_pending +
                                              "\1a" + kTime + no_pending})},
      {"pending entries do not ascend",
       with_groups({head + "\2" + raw_id(1) + kTime + "\1" + raw_id(1) + kTime + "\1"})},
  };
  for (const Refused& each : refused) {
    const auto stream = loaded(each.bytes);
    ASSERT_FALSE(stream) << each.why;
    EXPECT_NE(stream.error().text().find(each.why), std::string_view::npos)
        << stream.error().text();
  }
}

}  // namespace
}  // namespace banyan::persist
