// RdbParser: takes an RDB stream apart, one item at a time, pulled by the caller.
//
// Vocabulary   Items come as RdbItem. A key's *payload* is its value as stored: exactly the bytes
// of
//              its type, to be taken apart with RdbReader (a string: one RdbReader::string()).
//              What the file puts before a key (expiry, idle time, frequency) is part of the key.
// Invariants   Boundaries are exact for every type, stored by us or not. The payload's inside is
//              not checked beyond its lengths: who decodes it does that.
// Threads      None.
// Failure      need_more: the bytes end inside an item. corrupt: what, and at which byte; the
//              parser is then of no further use.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <variant>

#include "base/bytes.h"
#include "base/result.h"
#include "persist/rdb_append.h"
#include "persist/rdb_format.h"
#include "persist/rdb_shape.h"

namespace banyan::persist {

struct RdbHeader {
  int version = 0;
};
struct RdbAux {
  Bytes key, value;
};
struct RdbSelectDb {
  std::uint64_t db = 0;
};
struct RdbResizeDb {
  std::uint64_t keys = 0, keys_with_expiry = 0;
};
struct RdbKey {
  Bytes key;
  RdbType type = RdbType::string;
  RdbKeyMeta meta;
  Bytes payload;
  std::uint64_t payload_offset = 0;  // in the file
};
struct RdbFunction {
  Bytes code;
};
struct RdbModuleAux {
  std::uint64_t module_id = 0;
};
struct RdbSlotInfo {
  std::uint64_t slot = 0, keys = 0, keys_with_expiry = 0;
};
struct RdbEof {
  std::uint64_t checksum = 0;  // 0: the writer made none
};
using RdbItem = std::variant<RdbHeader, RdbAux, RdbSelectDb, RdbResizeDb, RdbKey, RdbFunction,
                             RdbModuleAux, RdbSlotInfo, RdbEof>;

class RdbParser {
 public:
  // Removes the next item from the front of `input` and returns it; its views last until the next
  // call, or until the caller touches the bytes. After need_more, what is left of `input` must come
  // again, with more bytes behind it; a part of it may have been taken off. Not to be called after
  // RdbEof or an error.
  Result<RdbItem> next(Bytes& input);

  // After need_more: next() cannot succeed before its input has this size.
  std::size_t needed() const { return scanning_ ? scanner_.needed() : needed_; }
  std::uint64_t offset() const { return offset_; }  // bytes taken off so far
  int version() const { return version_; }          // 0 before the header
  bool at_end() const { return at_end_; }

 private:
  Result<RdbItem> header(Bytes& input);
  Result<> start_item(std::uint8_t first);
  // What the item is; nothing when it only says something of the key to come.
  Result<std::optional<RdbItem>> decode(Bytes item);
  Result<> decode_meta(RdbReader& reader, RdbOpcode opcode);
  Result<RdbItem> decode_key(RdbReader& reader, RdbType type);
  std::unexpected<Error> corrupt(Bytes what) const;

  int version_ = 0;
  bool at_end_ = false;
  bool scanning_ = false;  // between the first byte of an item and its end
  ShapeScanner scanner_;
  std::size_t needed_ = 0;
  std::uint64_t offset_ = 0;
  RdbKeyMeta meta_;  // of the key to come
  std::string key_scratch_, value_scratch_;
};

}  // namespace banyan::persist
