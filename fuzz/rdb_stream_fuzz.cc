// Properties: any bytes load as a stream or are refused; what has loaded can be walked both ways,
// agrees with its own counters, takes changes, and comes back the same when it is written, in
// pieces of any size.
#include <cstdint>
#include <string>

#include "base/check.h"
#include "persist/value_stream.h"

namespace {

using namespace banyan;
using namespace banyan::persist;
using namespace banyan::values;

std::uint64_t walk(const StreamValue& stream, bool reverse) {
  StreamReader reader(stream, kStreamIdMin, kStreamIdMax, reverse);
  StreamEntry::Room room;
  std::uint64_t count = 0;
  for (; reader.next(); ++count)
    for (std::uint64_t i = 0; i < reader.entry().pairs; ++i) reader.entry().next_pair(room);
  return count;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  constexpr RdbType kTypes[] = {RdbType::stream_listpacks, RdbType::stream_listpacks_2,
                                RdbType::stream_listpacks_3};
  RdbReader reader(Bytes(reinterpret_cast<const char*>(data) + 1, size - 1));
  auto stream = load_stream(reader, kTypes[data[0] % 3]);
  if (!stream) return 0;
  CHECK(walk(*stream, false) == stream->size());
  CHECK(walk(*stream, true) == stream->size());
  std::string written;
  ValueProgress progress;
  do {
    progress.work = 1 + size % 64 * 40;
  } while (!append_stream(written, *stream, Compression::off, progress));
  RdbReader again_reader(written);
  const auto again = load_stream(again_reader, kStreamTypeWritten);
  CHECK(again && again_reader.at_end() && again->size() == stream->size());

  const Bytes words[] = {"field", "value"};
  if (const auto id = StreamValue::next_id(stream->last_id(), 0)) stream->append(*id, words, {});
  const StreamId first[] = {stream->first_id()};
  const std::uint64_t before = stream->size();
  CHECK(stream->erase(first) == (before == 0 ? 0U : 1U));
  stream->trim({.by = StreamTrim::By::length, .length = before / 2});
  CHECK(walk(*stream, true) == stream->size());
  return 0;
}
