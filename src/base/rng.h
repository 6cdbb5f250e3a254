// Rng: a small, fast, seeded generator (xoshiro256**, Blackman and Vigna 2018, public domain
// algorithm; state filled by splitmix64). Same seed, same numbers, on every machine.
// Not for secrets: those come from Env::fill_random.
//
// Threads   None; each owner has its own.
#pragma once

#include <array>
#include <bit>
#include <cstdint>

namespace banyan {

class Rng {
 public:
  explicit Rng(std::uint64_t seed) {
    for (auto& word : state_) {
      seed += 0x9e3779b97f4a7c15ULL;
      std::uint64_t z = seed;
      z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9ULL;
      z = (z ^ (z >> 27)) * 0x94d049bb133111ebULL;
      word = z ^ (z >> 31);
    }
  }

  std::uint64_t next() {
    const std::uint64_t result = std::rotl(state_[1] * 5, 7) * 9;
    const std::uint64_t t = state_[1] << 17;
    state_[2] ^= state_[0];
    state_[3] ^= state_[1];
    state_[1] ^= state_[2];
    state_[0] ^= state_[3];
    state_[2] ^= t;
    state_[3] = std::rotl(state_[3], 45);
    return result;
  }

  // Uniform in [0, n); n > 0. (Multiply-shift; its bias is below 2^-32 for n < 2^32.)
  std::uint64_t below(std::uint64_t n) {
    return static_cast<std::uint64_t>((static_cast<__uint128_t>(next()) * n) >> 64);
  }
  std::int64_t between(std::int64_t low, std::int64_t high) {  // inclusive; low <= high
    return low + static_cast<std::int64_t>(below(static_cast<std::uint64_t>(high - low) + 1));
  }
  double unit() { return static_cast<double>(next() >> 11) * 0x1.0p-53; }  // [0, 1)
  bool chance(double probability) { return unit() < probability; }

  // For standard algorithms (std::shuffle).
  using result_type = std::uint64_t;
  static constexpr result_type min() { return 0; }
  static constexpr result_type max() { return ~0ULL; }
  result_type operator()() { return next(); }

 private:
  std::array<std::uint64_t, 4> state_{};
};

}  // namespace banyan
