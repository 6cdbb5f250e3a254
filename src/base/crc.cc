#include "base/crc.h"

#include <array>

namespace banyan {
namespace {

// Tables for eight bytes at a time ("slicing by 8"): tables[k][b] is the effect of byte b followed
// by k zero bytes.
consteval std::array<std::array<std::uint64_t, 256>, 8> make_crc64_tables() {
  constexpr std::uint64_t kPolynomialReflected = 0x95ac9329ac4bc9b5ULL;
  std::array<std::array<std::uint64_t, 256>, 8> tables{};
  for (unsigned b = 0; b < 256; ++b) {
    std::uint64_t crc = b;
    for (int bit = 0; bit < 8; ++bit)
      crc = (crc & 1) != 0 ? (crc >> 1) ^ kPolynomialReflected : crc >> 1;
    tables[0][b] = crc;
  }
  for (unsigned k = 1; k < 8; ++k)
    for (unsigned b = 0; b < 256; ++b)
      tables[k][b] = tables[0][tables[k - 1][b] & 0xff] ^ (tables[k - 1][b] >> 8);
  return tables;
}
constexpr auto kCrc64 = make_crc64_tables();

consteval std::array<std::uint16_t, 256> make_crc16_table() {
  std::array<std::uint16_t, 256> table{};
  for (unsigned b = 0; b < 256; ++b) {
    unsigned crc = b << 8;
    for (int bit = 0; bit < 8; ++bit) crc = (crc & 0x8000) != 0 ? (crc << 1) ^ 0x1021 : crc << 1;
    table[b] = static_cast<std::uint16_t>(crc);
  }
  return table;
}
constexpr auto kCrc16 = make_crc16_table();

}  // namespace

std::uint64_t crc64(std::uint64_t crc, Bytes data) {
  const char* p = data.data();
  std::size_t left = data.size();
  for (; left >= 8; left -= 8, p += 8) {
    crc ^= load<std::uint64_t>(p);
    crc = kCrc64[7][crc & 0xff] ^ kCrc64[6][(crc >> 8) & 0xff] ^ kCrc64[5][(crc >> 16) & 0xff] ^
          kCrc64[4][(crc >> 24) & 0xff] ^ kCrc64[3][(crc >> 32) & 0xff] ^
          kCrc64[2][(crc >> 40) & 0xff] ^ kCrc64[1][(crc >> 48) & 0xff] ^ kCrc64[0][crc >> 56];
  }
  for (; left > 0; --left, ++p)
    crc = kCrc64[0][(crc ^ static_cast<unsigned char>(*p)) & 0xff] ^ (crc >> 8);
  return crc;
}

std::uint16_t crc16(Bytes data) {
  unsigned crc = 0;
  for (char c : data)
    crc = (crc << 8) ^ kCrc16[((crc >> 8) ^ static_cast<unsigned char>(c)) & 0xff];
  return static_cast<std::uint16_t>(crc);
}

}  // namespace banyan
