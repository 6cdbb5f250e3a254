// The keyed hash of the keyspace: two rounds of 64×64→128 multiplication with a secret of 128 bits
// that every process draws anew, so that nobody outside can choose keys that collide.
// (Construction after Wang Yi's wyhash, public domain; ours is shorter and not compatible with it.)
#pragma once

#include <cstdint>

#include "base/bytes.h"

namespace banyan {

struct HashSecret {
  std::uint64_t a = 0;
  std::uint64_t b = 0;
};

inline std::uint64_t fold(std::uint64_t a, std::uint64_t b) {
  const auto product = static_cast<__uint128_t>(a) * b;
  return static_cast<std::uint64_t>(product) ^ static_cast<std::uint64_t>(product >> 64);
}

inline std::uint64_t hash_bytes(Bytes text, const HashSecret& secret) {
  const char* p = text.data();
  std::size_t left = text.size();
  std::uint64_t state = secret.a ^ left;
  while (left > 16) {
    state = fold(load<std::uint64_t>(p) ^ state, load<std::uint64_t>(p + 8) ^ secret.b);
    p += 16;
    left -= 16;
  }
  std::uint64_t low = 0;
  std::uint64_t high = 0;
  if (left >= 8) {
    low = load<std::uint64_t>(p);
    high = load<std::uint64_t>(p + left - 8);
  } else if (left >= 4) {
    low = load<std::uint32_t>(p);
    high = load<std::uint32_t>(p + left - 4);
  } else if (left > 0) {
    low = static_cast<std::uint64_t>(static_cast<unsigned char>(p[0])) << 16 |
          static_cast<std::uint64_t>(static_cast<unsigned char>(p[left / 2])) << 8 |
          static_cast<unsigned char>(p[left - 1]);
  }
  const std::uint64_t mixed = fold(low ^ state, high ^ secret.b);
  return fold(mixed ^ secret.a, mixed ^ 0x9e3779b97f4a7c15ULL);
}

}  // namespace banyan
