// Property: any bytes load, or are refused as corrupt or too short; and how they were cut changes
// nothing, neither what the sink is given nor the error. Both hold with the checksum ignored, so
// that mutated files get past it.
#include <algorithm>
#include <cstdint>
#include <string>
#include <string_view>

#include "base/check.h"
#include "persist/rdb_loader.h"
#include "persist/rdb_reader.h"

namespace {

using namespace banyan;
using namespace banyan::persist;

// Everything it was given, as one text.
struct Transcript final : RdbSink {
  std::string text, scratch;

  Result<> add(char kind, Bytes bytes) {
    text += kind;
    text += std::to_string(bytes.size());
    text += ':';
    text += bytes;
    return {};
  }
  Result<> on_aux(Bytes key, Bytes value) override {
    TRY_DO(add('a', key));
    return add('v', value);
  }
  Result<> on_select(std::uint64_t db) override { return add('s', std::to_string(db)); }
  Result<> on_resize(std::uint64_t keys, std::uint64_t keys_with_expiry) override {
    TRY_DO(add('r', std::to_string(keys)));
    return add('e', std::to_string(keys_with_expiry));
  }
  Result<> on_key(const RdbKey& key) override {
    TRY_DO(add('k', key.key));
    TRY_DO(add('t', std::to_string(key.meta.expires_at.value_or(0))));
    TRY_DO(add('i', std::to_string(key.meta.idle_seconds.value_or(0))));
    TRY_DO(add('q', std::to_string(key.meta.frequency.value_or(0))));
    if (key.type != RdbType::string) return add('p', key.payload);
    RdbReader reader(key.payload, key.payload_offset);
    TRY(const Bytes value, reader.string(scratch));
    CHECK(reader.at_end());
    return add('p', value);
  }
  Result<> on_function(Bytes code) override { return add('f', code); }
  Result<> on_end() override { return add('.', {}); }
};

std::string load(Bytes bytes, std::size_t step, bool verify_checksum) {
  Transcript sink;
  RdbLoader loader(sink, {.verify_checksum = verify_checksum});
  for (std::size_t at = 0; at < bytes.size() && !loader.done(); at += step) {
    const auto progress = loader.feed(bytes.substr(at, step));
    if (!progress) {
      CHECK(progress.error().code() == Errc::corrupt);
      return sink.text + std::string(progress.error().text());
    }
  }
  if (const auto finished = loader.finish(); !finished) {
    CHECK(finished.error().code() == Errc::need_more);
    return sink.text + std::string(finished.error().text());
  }
  return sink.text + std::to_string(loader.offset());
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size < 2) return 0;
  const std::size_t step = data[0] + 1;
  const bool verify_checksum = (data[1] & 1) != 0;
  // Most inputs are spared finding out how a file starts.
  std::string bytes = (data[1] & 2) != 0 ? "" : (data[1] & 4) != 0 ? "REDIS0004" : "REDIS0012";
  bytes.append(reinterpret_cast<const char*>(data) + 2, size - 2);

  const std::string whole = load(bytes, bytes.size() + 1, verify_checksum);
  CHECK(load(bytes, step, verify_checksum) == whole);
  CHECK(load(bytes, 1, verify_checksum) == whole);
  return 0;
}
