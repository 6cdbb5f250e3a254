// RdbEncoder: writes an RDB stream, item by item, at the end of a string of the caller's.
//
// Vocabulary   A *chunk* is what has been appended since the last take(), or what somebody else
//              encoded with the functions of persist/rdb_append.h and pass() is told of.
// Order        begin(), then aux(), select_db(), resize_db(), keys, functions, then end().
//              A key is key() followed by its payload: value(), or encode_string(), encode_int(),
//              encode_length(), encode_double() as its type wants.
// Invariants   The checksum runs over all bytes, whatever was taken away in between; bytes leave
//              the string by take() only.
// Threads      None. One owner; helpers encode chunks.
// Failure      None. Allocates only when the string must grow: take() into a chunk with capacity
//              and there is no allocation at all.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "base/bytes.h"
#include "persist/rdb_append.h"
#include "persist/values.h"

namespace banyan::persist {

// What the head of a file says about its origin.
struct RdbInfo {
  std::int64_t created_unix_seconds = 0;
  std::uint64_t used_memory_bytes = 0;
  struct Replication {
    std::int64_t stream_db = 0;  // the database that the stream has selected at this offset
    std::string id = {};
    std::int64_t offset = 0;
  };
  std::optional<Replication> replication = std::nullopt;
  bool is_aof_base = false;
};

class RdbEncoder {
 public:
  struct Options {
    int version = kRdbVersionWritten;
    Compression compression = Compression::lzf;
    bool checksum = true;  // false writes zero, which readers take for "not checked"
  };

  // What `out` holds already stays in front, outside the checksum. `out` must outlive this.
  RdbEncoder(std::string& out, Options options);

  void begin(const RdbInfo& info);
  void aux(Bytes key, Bytes value);
  void function(Bytes code);  // the source of one function library
  void select_db(std::uint64_t db) { append_select_db(out_, db); }
  void resize_db(std::uint64_t keys, std::uint64_t keys_with_expiry) {
    append_resize_db(out_, keys, keys_with_expiry);
  }
  void end();

  void key(RdbType type, Bytes key, const RdbKeyMeta& meta) {
    append_key(out_, type, key, meta, options_.compression);
  }
  void value(const store::Entry& entry) { append_value(out_, entry, options_.compression); }
  void encode_length(std::uint64_t length) { append_length(out_, length); }
  void encode_string(Bytes text) { append_string(out_, text, options_.compression); }
  void encode_int(std::int64_t value) { append_int_string(out_, value); }
  void encode_double(double value) { append_double(out_, value); }
  // A chunk of others' that follows in the stream. Everything before it has been taken.
  void pass(Bytes chunk);

  std::size_t size() const { return out_.size(); }
  // Moves everything in the string into `chunk` and gives the string chunk's memory, emptied.
  void take(std::string& chunk);

 private:
  void append_opcode(RdbOpcode opcode) { out_.push_back(static_cast<char>(opcode)); }
  void aux_int(Bytes key, std::int64_t value);
  void sum_up();

  std::string& out_;
  Options options_;
  std::size_t summed_;  // bytes of out_ that the checksum has seen, or never will
  std::uint64_t crc_ = 0;
};

}  // namespace banyan::persist
