// The RDB format in names: what a byte at the start of an item, a type byte and a length byte mean.
//
// Vocabulary   A file is "REDIS" and a version of four digits, then *items*, then an end item with
// a
//              checksum. An item starts with one byte: an opcode (244 and up), or the type of a
//              value, which is followed by the key and the value's *payload*.
//              A *length* is 1, 2, 5 or 9 bytes; a *string* is a length and its bytes, or one of
//              the special encodings (small integers, LZF).
// Threads      None; constants and pure functions.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

namespace banyan::persist {

inline constexpr std::string_view kRdbMagic = "REDIS";
inline constexpr std::size_t kRdbHeaderBytes = 9;
inline constexpr int kRdbVersionMin = 1;
inline constexpr int kRdbVersionMax = 12;      // what we read
inline constexpr int kRdbVersionWritten = 10;  // what a Redis 7.0 can still read
inline constexpr int kRdbVersionWithChecksum = 5;

enum class RdbOpcode : std::uint8_t {
  slot_info = 244,
  function2 = 245,
  function_pre_ga = 246,
  module_aux = 247,
  idle = 248,
  freq = 249,
  aux = 250,
  resize_db = 251,
  expire_ms = 252,
  expire_seconds = 253,
  select_db = 254,
  eof = 255,
};

enum class RdbType : std::uint8_t {
  string = 0,
  list = 1,
  set = 2,
  zset = 3,
  hash = 4,
  zset_2 = 5,
  module_pre_ga = 6,
  module_2 = 7,
  hash_zipmap = 9,
  list_ziplist = 10,
  set_intset = 11,
  zset_ziplist = 12,
  hash_ziplist = 13,
  list_quicklist = 14,
  stream_listpacks = 15,
  hash_listpack = 16,
  zset_listpack = 17,
  list_quicklist_2 = 18,
  stream_listpacks_2 = 19,
  set_listpack = 20,
  stream_listpacks_3 = 21,
  hash_metadata_pre_ga = 22,
  hash_listpack_ex_pre_ga = 23,
  hash_metadata = 24,
  hash_listpack_ex = 25,
};

// The first byte of a length: its top two bits choose the form.
inline constexpr std::uint8_t kLengthForm6Bits = 0x00;
inline constexpr std::uint8_t kLengthForm14Bits = 0x40;
inline constexpr std::uint8_t kLengthForm32Or64Bits = 0x80;
inline constexpr std::uint8_t kLengthFormEncoded = 0xc0;
inline constexpr std::uint8_t kLengthFormMask = 0xc0;
inline constexpr std::uint8_t kLength32Bits = 0x80;
inline constexpr std::uint8_t kLength64Bits = 0x81;

// What follows a first byte of the form "encoded", in its low six bits.
inline constexpr std::uint8_t kEncodedInt8 = 0;
inline constexpr std::uint8_t kEncodedInt16 = 1;
inline constexpr std::uint8_t kEncodedInt32 = 2;
inline constexpr std::uint8_t kEncodedLzf = 3;

// What a module wrote: pairs of one of these and an operand, then `end`.
inline constexpr std::uint64_t kModuleEnd = 0;
inline constexpr std::uint64_t kModuleSigned = 1;
inline constexpr std::uint64_t kModuleUnsigned = 2;
inline constexpr std::uint64_t kModuleFloat = 3;
inline constexpr std::uint64_t kModuleDouble = 4;
inline constexpr std::uint64_t kModuleString = 5;

}  // namespace banyan::persist
