// One element of a listpack, as bytes: how to size, write, read and step over it.
//
// Vocabulary   An *entry* is a head (type and length), the data, and a *back length*: the size of
//              head and data, written so that it can be read from its end. A listpack is a header
//              of six bytes, entries, and the byte 0xff (see listpack.h).
// Invariants   What write() writes is byte for byte what Redis writes. The readers trust the
//              bytes: only entries that were written here or passed validate_listpack() may be
//              read.
// Threads      None; pure functions.
#pragma once

#include <cstddef>
#include <cstdint>

#include "base/bytes.h"
#include "base/integer_text.h"
#include "base/number.h"

namespace banyan::encodings {

// An element's value: text, or the integer that the text spells.
struct ListpackValue {
  Bytes text;  // what of() was given; empty when read from an entry that holds an integer
  std::int64_t integer = 0;
  bool is_integer = false;

  // What Redis stores for `text`: an integer when it spells one exactly.
  static ListpackValue of(Bytes text) {
    if (const auto integer = parse_int(text)) return {text, *integer, true};
    return {text, 0, false};
  }
  static ListpackValue of_integer(std::int64_t integer) { return {{}, integer, true}; }

  // Of a value read from an entry: whether it is what of() made of some text. A listpack from
  // outside may hold "7" as text. An integer without a text is not the empty text.
  bool equals(const ListpackValue& wanted) const {
    if (is_integer) return wanted.is_integer && integer == wanted.integer;
    return text == wanted.text && !(text.empty() && wanted.is_integer);
  }

  // The text of either kind; an integer is written into `room`.
  Bytes as_text(IntegerText& room) const {
    return is_integer ? Bytes{room, write_int(room, integer)} : text;
  }
};

namespace listpack_entry {

inline constexpr std::uint8_t kEnd = 0xff;
inline constexpr std::size_t kHeadBytesMax = 9;

inline std::uint8_t byte_at(const char* p) { return static_cast<std::uint8_t>(*p); }

// How many bytes the back length `body_bytes` takes. The limits of 2^14 - 1 and above are one
// lower than they could be; Redis's are.
inline std::size_t back_length_bytes(std::size_t body_bytes) {
  if (body_bytes <= 127) return 1;
  if (body_bytes < 16383) return 2;
  if (body_bytes < 2097151) return 3;
  return body_bytes < 268435455 ? 4 : 5;
}

inline std::size_t integer_body_bytes(std::int64_t v) {
  if (v >= 0 && v <= 127) return 1;
  if (v >= -4096 && v <= 4095) return 2;
  if (v == static_cast<std::int16_t>(v)) return 3;
  if (v >= -(1 << 23) && v < (1 << 23)) return 4;
  return v == static_cast<std::int32_t>(v) ? 5 : 9;
}

inline std::size_t text_head_bytes(std::size_t size) {
  if (size < 64) return 1;
  return size < 4096 ? 2 : 5;
}

// Head and data, without the back length.
inline std::size_t body_bytes(const ListpackValue& value) {
  if (value.is_integer) return integer_body_bytes(value.integer);
  return text_head_bytes(value.text.size()) + value.text.size();
}

// The whole entry.
inline std::size_t bytes(const ListpackValue& value) {
  const std::size_t body = body_bytes(value);
  return body + back_length_bytes(body);
}

// Writes the entry at `to`, returns the address behind it. Room for bytes(value) is needed, and
// a text is below 2^32 bytes.
char* write(char* to, const ListpackValue& value);

// Head and data of the entry at `p`, from its head.
inline std::size_t body_bytes_at(const char* p) {
  const std::uint8_t head = byte_at(p);
  if (head < 0x80) return 1;
  if (head < 0xc0) return 1U + (head & 0x3f);
  if (head < 0xe0) return 2;
  if (head < 0xf0) return 2U + ((head & 0x0fU) << 8 | byte_at(p + 1));
  if (head == 0xf0) return 5U + std::size_t{load<std::uint32_t>(p + 1)};
  return head == 0xf4 ? 9 : head - 0xf1U + 3U;
}

// The entry behind the one at `p`.
inline const char* next(const char* p) {
  const std::size_t body = body_bytes_at(p);
  return p + body + back_length_bytes(body);
}

// The entry in front of the one (or the end byte) at `p`; there must be one.
inline const char* previous(const char* p) {
  std::size_t body = byte_at(--p) & 0x7fU;
  for (unsigned shift = 7; (byte_at(p) & 0x80) != 0; shift += 7)
    body |= std::size_t{byte_at(--p) & 0x7fU} << shift;
  return p - body;
}

// Reads the value at `p`, returns the entry behind it. A text points into the listpack.
// Inlined by force: it is the whole of most loops, and large because of what is rare.
[[gnu::always_inline]] inline const char* read(const char* p, ListpackValue& value) {
  const std::uint8_t head = byte_at(p);
  if (head >= 0x80 && head < 0xc0) [[likely]] {
    const std::size_t size = head & 0x3fU;
    value = {{p + 1, size}, 0, false};
    return p + size + 2;  // always a back length of one byte
  }
  const auto text = [&](std::size_t head_bytes, std::size_t size) {
    value = {{p + head_bytes, size}, 0, false};
    return p + head_bytes + size + back_length_bytes(head_bytes + size);
  };
  const auto integer = [&](std::int64_t v, std::size_t body) {
    value = {{}, v, true};
    return p + body + 1;
  };
  if (head < 0x80) return integer(head, 1);
  if (head < 0xe0) {
    const std::int64_t bits = (head & 0x1f) << 8 | byte_at(p + 1);
    return integer(bits >= 4096 ? bits - 8192 : bits, 2);
  }
  if (head < 0xf0) return text(2, (head & 0x0fU) << 8 | byte_at(p + 1));
  if (head == 0xf0) return text(5, load<std::uint32_t>(p + 1));
  if (head == 0xf1) return integer(load<std::int16_t>(p + 1), 3);
  if (head == 0xf2)  // three bytes: the sign is that of the third
    return integer(load<std::uint16_t>(p + 1) | load<std::int8_t>(p + 3) * 65536, 4);
  if (head == 0xf3) return integer(load<std::int32_t>(p + 1), 5);
  return integer(load<std::int64_t>(p + 1), 9);
}

// For bytes from outside: the entry behind the one at `p`, or null when it does not lie wholly in
// front of `end` (the address of the end byte), has an unknown head or a wrong back length.
const char* checked_next(const char* p, const char* end);

}  // namespace listpack_entry
}  // namespace banyan::encodings
