#include "persist/rdb_append.h"

#include <liblzf/lzf.h>

#include <algorithm>
#include <limits>

#include "base/number.h"

namespace banyan::persist {
namespace {

constexpr std::size_t kLengthBytesMax = 9;
constexpr std::size_t kIntTextMax = 11;         // "-2147483648"
constexpr std::size_t kCompressedSizeMin = 20;  // shorter strings are not worth the attempt
constexpr std::size_t kCompressionGainMin = 4;
constexpr std::size_t kMetaBytesMax = (1 + 8) + (1 + kLengthBytesMax) + (1 + 1);

template <class T>
char* put(char* to, T value) {
  store_to(to, value);
  return to + sizeof value;
}

char* put_byte(char* to, unsigned value) {
  *to = static_cast<char>(value);
  return to + 1;
}

char* put_opcode(char* to, RdbOpcode opcode) {
  return put_byte(to, static_cast<std::uint8_t>(opcode));
}

char* put_bytes(char* to, Bytes bytes) { return std::copy_n(bytes.data(), bytes.size(), to); }

char* put_length(char* to, std::uint64_t length) {
  if (length < (1U << 6)) return put_byte(to, static_cast<unsigned>(length));
  if (length < (1U << 14)) {
    to = put_byte(to, kLengthForm14Bits | static_cast<unsigned>(length >> 8));
    return put_byte(to, static_cast<unsigned>(length & 0xff));
  }
  if (length <= std::numeric_limits<std::uint32_t>::max())
    return put(put_byte(to, kLength32Bits), __builtin_bswap32(static_cast<std::uint32_t>(length)));
  return put(put_byte(to, kLength64Bits), __builtin_bswap64(length));
}

// nullptr when `value` needs more than 32 bits.
char* put_small_int(char* to, std::int64_t value) {
  if (value == static_cast<std::int8_t>(value))
    return put(put_byte(to, kLengthFormEncoded | kEncodedInt8), static_cast<std::int8_t>(value));
  if (value == static_cast<std::int16_t>(value))
    return put(put_byte(to, kLengthFormEncoded | kEncodedInt16), static_cast<std::int16_t>(value));
  if (value == static_cast<std::int32_t>(value))
    return put(put_byte(to, kLengthFormEncoded | kEncodedInt32), static_cast<std::int32_t>(value));
  return nullptr;
}

// nullptr when `text` is not such an integer.
char* put_int_text(char* to, Bytes text) {
  if (text.empty() || text.size() > kIntTextMax) return nullptr;
  if (text[0] != '-' && (text[0] < '0' || text[0] > '9')) return nullptr;
  const auto value = parse_int(text);
  return value ? put_small_int(to, *value) : nullptr;
}

// nullptr when it does not pay. `to` has room for the text and three lengths. The text is
// compressed behind the longest possible head, then moved up against the real one: no second
// buffer.
char* put_compressed(char* to, Bytes text) {
  if (text.size() <= kCompressedSizeMin) return nullptr;
  if (text.size() > std::numeric_limits<unsigned>::max()) return nullptr;  // more than liblzf takes
  char* const packed = to + 1 + 2 * kLengthBytesMax;
  const auto size = static_cast<unsigned>(text.size());
  const unsigned packed_size =
      lzf_compress(text.data(), size, packed, size - unsigned{kCompressionGainMin});
  if (packed_size == 0) return nullptr;
  to = put_byte(to, kLengthFormEncoded | kEncodedLzf);
  to = put_length(put_length(to, packed_size), size);
  std::memmove(to, packed, packed_size);
  return to + packed_size;
}

// Room that put_string may use, the trial compression included.
std::size_t string_room(Bytes text) { return text.size() + 1 + 2 * kLengthBytesMax; }

char* put_string(char* to, Bytes text, Compression compression) {
  if (char* end = put_int_text(to, text)) return end;
  if (compression == Compression::lzf)
    if (char* end = put_compressed(to, text)) return end;
  return put_bytes(put_length(to, text.size()), text);
}

char* put_meta(char* to, const RdbKeyMeta& meta) {
  if (meta.expires_at) to = put(put_opcode(to, RdbOpcode::expire_ms), *meta.expires_at);
  if (meta.idle_seconds) to = put_length(put_opcode(to, RdbOpcode::idle), *meta.idle_seconds);
  if (meta.frequency) to = put_byte(put_opcode(to, RdbOpcode::freq), *meta.frequency);
  return to;
}

// Appends what `write(char*)` writes, at most `room` bytes; it returns its end. One capacity check
// for the lot, and no bytes are cleared first.
template <class Write>
void append_with(std::string& out, std::size_t room, Write write) {
  const std::size_t size = out.size();
  out.resize_and_overwrite(size + room, [&](char* bytes, std::size_t) {
    return static_cast<std::size_t>(write(bytes + size) - bytes);
  });
}

}  // namespace

void append_length(std::string& out, std::uint64_t length) {
  append_with(out, kLengthBytesMax, [&](char* to) { return put_length(to, length); });
}

void append_string(std::string& out, Bytes text, Compression compression) {
  append_with(out, string_room(text), [&](char* to) { return put_string(to, text, compression); });
}

void append_lzf(std::string& out, Bytes packed, std::size_t text_bytes) {
  append_with(out, string_room(packed), [&](char* to) {
    to = put_byte(to, kLengthFormEncoded | kEncodedLzf);
    return put_bytes(put_length(put_length(to, packed.size()), text_bytes), packed);
  });
}

void append_int_string(std::string& out, std::int64_t value) {
  append_with(out, 32, [&](char* to) {
    if (char* end = put_small_int(to, value)) return end;
    const std::size_t size = write_int(to + 1, value);  // at most 20: a length of one byte
    put_length(to, size);
    return to + 1 + size;
  });
}

void append_double(std::string& out, double value) {
  append_with(out, sizeof value, [&](char* to) { return put(to, value); });
}

void append_select_db(std::string& out, std::uint64_t db) {
  append_with(out, 1 + kLengthBytesMax,
              [&](char* to) { return put_length(put_opcode(to, RdbOpcode::select_db), db); });
}

void append_resize_db(std::string& out, std::uint64_t keys, std::uint64_t keys_with_expiry) {
  append_with(out, 1 + 2 * kLengthBytesMax, [&](char* to) {
    return put_length(put_length(put_opcode(to, RdbOpcode::resize_db), keys), keys_with_expiry);
  });
}

void append_key(std::string& out, RdbType type, Bytes key, const RdbKeyMeta& meta,
                Compression compression) {
  append_with(out, kMetaBytesMax + 1 + string_room(key), [&](char* to) {
    to = put_byte(put_meta(to, meta), static_cast<std::uint8_t>(type));
    return put_string(to, key, compression);
  });
}

}  // namespace banyan::persist
