#include "base/crc.h"

#include <array>

#if defined(__x86_64__)
#include <immintrin.h>
#endif

namespace banyan {
namespace {

constexpr std::uint64_t kPolynomialReflected = 0x95ac9329ac4bc9b5ULL;

// Tables for eight bytes at a time ("slicing by 8"): tables[k][b] is the effect of byte b followed
// by k zero bytes.
consteval std::array<std::array<std::uint64_t, 256>, 8> make_crc64_tables() {
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

std::uint64_t crc64_by_tables(std::uint64_t crc, Bytes data) {
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

#if defined(__x86_64__)
constexpr std::size_t kLanes = 4;
constexpr std::size_t kLaneBytes = 16;

// x^n modulo the polynomial, reflected.
consteval long long power_of_x(int n) {
  std::uint64_t value = 1ULL << 63;
  for (; n > 0; --n) value = (value & 1) != 0 ? (value >> 1) ^ kPolynomialReflected : value >> 1;
  return static_cast<long long>(value);
}

// Sixteen bytes that have the same checksum as `lane` followed by as many zeros as `distance` says:
// its first half stands 64 bits further from the end. The product of two reflected numbers comes
// out one bit short, hence the odd exponents there.
__attribute__((target("pclmul"))) __m128i move(__m128i lane, __m128i distance) {
  return _mm_xor_si128(_mm_clmulepi64_si128(lane, distance, 0x00),
                       _mm_clmulepi64_si128(lane, distance, 0x11));
}

// "Folding" with carry-less products: keeps 64 bytes that have the checksum of all the bytes so
// far, and leaves the last of them and the odd bytes at the end to the tables.
__attribute__((target("pclmul"))) std::uint64_t crc64_by_products(std::uint64_t crc, Bytes data) {
  const auto load_lane = [&](std::size_t lane) {
    return _mm_loadu_si128(reinterpret_cast<const __m128i*>(data.data() + lane * kLaneBytes));
  };
  const __m128i by_512_bits = _mm_set_epi64x(power_of_x(511), power_of_x(575));
  const __m128i by_128_bits = _mm_set_epi64x(power_of_x(127), power_of_x(191));
  __m128i lanes[kLanes];
  for (std::size_t i = 0; i < kLanes; ++i) lanes[i] = load_lane(i);
  lanes[0] = _mm_xor_si128(lanes[0], _mm_set_epi64x(0, static_cast<long long>(crc)));
  data.remove_prefix(kLanes * kLaneBytes);
  for (; data.size() >= kLanes * kLaneBytes; data.remove_prefix(kLanes * kLaneBytes))
    for (std::size_t i = 0; i < kLanes; ++i)
      lanes[i] = _mm_xor_si128(move(lanes[i], by_512_bits), load_lane(i));
  for (std::size_t i = 1; i < kLanes; ++i)
    lanes[i] = _mm_xor_si128(move(lanes[i - 1], by_128_bits), lanes[i]);
  const Bytes last(reinterpret_cast<const char*>(&lanes[kLanes - 1]), kLaneBytes);
  return crc64_by_tables(crc64_by_tables(0, last), data);
}
#endif

}  // namespace

std::uint64_t crc64(std::uint64_t crc, Bytes data) {
#if defined(__x86_64__)
  if (data.size() >= 4 * kLanes * kLaneBytes && __builtin_cpu_supports("pclmul"))
    return crc64_by_products(crc, data);
#endif
  return crc64_by_tables(crc, data);
}

std::uint16_t crc16(Bytes data) {
  unsigned crc = 0;
  for (char c : data)
    crc = (crc << 8) ^ kCrc16[((crc >> 8) ^ static_cast<unsigned char>(c)) & 0xff];
  return static_cast<std::uint16_t>(crc);
}

}  // namespace banyan
