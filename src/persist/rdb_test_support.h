// For the tests of this folder: bytes written by hand, and a sink that writes down what it is
// given.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include <fmt/format.h>

#include "base/bytes.h"
#include "base/crc.h"
#include "persist/rdb_loader.h"
#include "persist/rdb_reader.h"

namespace banyan::persist {

// A literal with zeros inside: b("\x00x").
template <std::size_t N>
std::string b(const char (&literal)[N]) {
  return std::string(literal, N - 1);
}

template <class T>
std::string little_endian(T value) {
  std::string bytes(sizeof value, '\0');
  store_to(bytes.data(), value);
  return bytes;
}

// `items` with the end item and the right checksum behind it.
inline std::string with_end(std::string items) {
  items += '\xff';
  return items + little_endian(crc64(0, items));
}

struct RecordingSink final : RdbSink {
  std::vector<std::string> lines;
  std::string scratch;

  Result<> on_aux(Bytes key, Bytes value) override {
    return add(fmt::format("aux {}={}", key, value));
  }
  Result<> on_select(std::uint64_t db) override { return add(fmt::format("select {}", db)); }
  Result<> on_resize(std::uint64_t keys, std::uint64_t keys_with_expiry) override {
    return add(fmt::format("resize {} {}", keys, keys_with_expiry));
  }
  Result<> on_key(const RdbKey& key) override {
    std::string line = fmt::format("{} {}", type_name(key.type), key.key);
    if (key.type == RdbType::string) {
      RdbReader reader(key.payload, key.payload_offset);
      TRY(const Bytes text, reader.string(scratch));
      line += fmt::format("={}", text);
    } else {
      line += fmt::format(" #{}", key.payload.size());
    }
    if (key.meta.expires_at) line += fmt::format(" expires={}", *key.meta.expires_at);
    if (key.meta.idle_seconds) line += fmt::format(" idle={}", *key.meta.idle_seconds);
    if (key.meta.frequency) line += fmt::format(" freq={}", *key.meta.frequency);
    return add(line);
  }
  Result<> on_function(Bytes code) override { return add(fmt::format("function {}", code)); }
  Result<> on_end() override { return add("end"); }

 private:
  Result<> add(std::string line) {
    lines.push_back(std::move(line));
    return {};
  }
};

struct Loaded {
  std::vector<std::string> lines;
  std::string error;  // empty when all went well
  Errc code = Errc::err;
  std::size_t taken = 0;

  friend bool operator==(const Loaded&, const Loaded&) = default;
};

// Feeds `bytes` in pieces of `step` bytes, then finishes.
inline Loaded load_in_steps(Bytes bytes, std::size_t step, RdbLoader::Limits limits = {}) {
  RecordingSink sink;
  RdbLoader loader(sink, limits);
  Loaded out;
  const auto note = [&](const Error& error) {
    out.error = error.text();
    out.code = error.code();
    out.taken = loader.offset();
    out.lines = sink.lines;
  };
  for (std::size_t at = 0; at < bytes.size() && !loader.done(); at += step) {
    const auto progress = loader.feed(bytes.substr(at, step));
    if (!progress) {
      note(progress.error());
      return out;
    }
    out.taken += progress->taken;
  }
  if (const auto finished = loader.finish(); !finished) note(finished.error());
  out.lines = sink.lines;
  return out;
}
inline Loaded load_whole(Bytes bytes) { return load_in_steps(bytes, bytes.size() + 1); }

}  // namespace banyan::persist
