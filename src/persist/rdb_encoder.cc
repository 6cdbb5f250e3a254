#include "persist/rdb_encoder.h"

#include <array>

#include <fmt/format.h>

#include "base/check.h"
#include "base/crc.h"
#include "base/number.h"

namespace banyan::persist {

constexpr Bytes kRedisVersionWeMatch = "7.2.5";

RdbEncoder::RdbEncoder(std::string& out, Options options)
    : out_(out), options_(options), summed_(out.size()) {
  CHECK(options.version >= kRdbVersionWrittenMin && options.version <= kRdbVersionMax);
}

void RdbEncoder::begin(const RdbInfo& info) {
  fmt::format_to(std::back_inserter(out_), "{}{:04}", kRdbMagic, options_.version);
  aux("redis-ver", kRedisVersionWeMatch);
  aux_int("redis-bits", 64);
  aux_int("ctime", info.created_unix_seconds);
  aux_int("used-mem", static_cast<std::int64_t>(info.used_memory_bytes));
  if (info.replication) {
    aux_int("repl-stream-db", info.replication->stream_db);
    aux("repl-id", info.replication->id);
    aux_int("repl-offset", info.replication->offset);
  }
  aux_int("aof-base", info.is_aof_base ? 1 : 0);
}

void RdbEncoder::aux(Bytes key, Bytes value) {
  append_opcode(RdbOpcode::aux);
  encode_string(key);
  encode_string(value);
}

void RdbEncoder::aux_int(Bytes key, std::int64_t value) {
  append_opcode(RdbOpcode::aux);
  encode_string(key);
  encode_int(value);
}

void RdbEncoder::function(Bytes code) {
  append_opcode(RdbOpcode::function2);
  encode_string(code);
}

void RdbEncoder::end() {
  append_opcode(RdbOpcode::eof);
  sum_up();
  std::array<char, sizeof crc_> bytes{};
  store_to(bytes.data(), crc_);
  out_.append(bytes.data(), bytes.size());
  summed_ = out_.size();
}

void RdbEncoder::take(std::string& chunk) {
  sum_up();
  chunk.clear();
  out_.swap(chunk);
  summed_ = 0;
}

void RdbEncoder::pass(Bytes chunk) {
  CHECK(out_.empty());
  if (options_.checksum) crc_ = crc64(crc_, chunk);
}

void RdbEncoder::sum_up() {
  CHECK(out_.size() >= summed_);
  if (options_.checksum) crc_ = crc64(crc_, Bytes(out_).substr(summed_));
  summed_ = out_.size();
}

}  // namespace banyan::persist
