#include "encodings/listpack_entry.h"

namespace banyan::encodings::listpack_entry {
namespace {

char* put(char* to, unsigned byte) {
  *to = static_cast<char>(byte);
  return to + 1;
}

char* write_integer(char* to, std::int64_t v, std::size_t body) {
  const auto bits = static_cast<std::uint64_t>(v);
  switch (body) {
    case 1:
      return put(to, static_cast<unsigned>(bits));
    case 2:
      to = put(to, 0xc0U | static_cast<unsigned>(bits >> 8 & 0x1f));
      return put(to, static_cast<unsigned>(bits & 0xff));
    case 9:
      to = put(to, 0xf4);
      break;
    default:
      to = put(to, 0xf1U + static_cast<unsigned>(body) - 3U);
      break;
  }
  std::memcpy(to, &bits, body - 1);
  return to + body - 1;
}

char* write_text(char* to, Bytes text) {
  const auto size = static_cast<unsigned>(text.size());
  if (size < 64) {
    to = put(to, 0x80U | size);
  } else if (size < 4096) {
    to = put(to, 0xe0U | size >> 8);
    to = put(to, size & 0xff);
  } else {
    to = put(to, 0xf0);
    store_to(to, size);
    to += sizeof size;
  }
  // memcpy() may not be given a null pointer, and an empty view may hold one.
  if (size != 0) std::memcpy(to, text.data(), size);
  return to + size;
}

char* write_back_length(char* to, std::size_t body) {
  const std::size_t count = back_length_bytes(body);
  for (std::size_t i = count; i-- > 0; body >>= 7)
    to[i] = static_cast<char>((body & 0x7f) | (i == 0 ? 0U : 0x80U));
  return to + count;
}

std::size_t head_bytes_of(std::uint8_t head) {
  if (head < 0xc0) return 1;
  if (head < 0xf0) return 2;
  return head == 0xf0 ? 5 : 1;
}

}  // namespace

char* write(char* to, const ListpackValue& value) {
  const std::size_t body = body_bytes(value);
  to = value.is_integer ? write_integer(to, value.integer, body) : write_text(to, value.text);
  return write_back_length(to, body);
}

const char* checked_next(const char* p, const char* end) {
  const std::uint8_t head = byte_at(p);
  const auto room = static_cast<std::size_t>(end - p);
  if (p >= end || head > 0xf4 || room < head_bytes_of(head)) return nullptr;
  const std::size_t body = body_bytes_at(p);
  const std::size_t back = back_length_bytes(body);
  if (room < body + back) return nullptr;  // at most 2^32 + 9: no overflow
  char expected[5];
  write_back_length(expected, body);
  if (std::memcmp(p + body, expected, back) != 0) return nullptr;
  return p + body + back;
}

}  // namespace banyan::encodings::listpack_entry
