// The primitives of writing RDB: each appends one thing to a string of the caller's.
//
// They know no checksum and no order, so that several writers can encode keys side by side and one
// RdbEncoder sums their chunks up.
//
// Threads   None; pure functions.
// Failure   None. They allocate only when `out` must grow.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "base/bytes.h"
#include "base/time.h"
#include "persist/rdb_format.h"

namespace banyan::persist {

enum class Compression : std::uint8_t { off, lzf };

// What precedes a key. Idle time and frequency are written when the eviction policy asks for them.
struct RdbKeyMeta {
  std::optional<UnixMs> expires_at = std::nullopt;
  std::optional<std::uint64_t> idle_seconds = std::nullopt;
  std::optional<std::uint8_t> frequency = std::nullopt;
};

void append_length(std::string& out, std::uint64_t length);

// As an integer when `text` is the canonical form of one of at most 32 bits; with `lzf`, compressed
// when longer than 20 bytes and at least 4 bytes are saved; else as it is. The compressor takes
// 256 KB of stack, and its output may differ from run to run for the same text.
void append_string(std::string& out, Bytes text, Compression compression);

// A string of `text_bytes` that is compressed already.
void append_lzf(std::string& out, Bytes packed, std::size_t text_bytes);

// The string that the decimal text of `value` is.
void append_int_string(std::string& out, std::int64_t value);

void append_double(std::string& out, double value);  // 8 bytes, as zset_2 has them

// That the keys which follow are of database `db`, and how many those are: a hint for readers.
void append_select_db(std::string& out, std::uint64_t db);
void append_resize_db(std::string& out, std::uint64_t keys, std::uint64_t keys_with_expiry);

// Expiry, idle time and frequency as far as given, the type, the key. The payload follows.
void append_key(std::string& out, RdbType type, Bytes key, const RdbKeyMeta& meta,
                Compression compression);

}  // namespace banyan::persist
