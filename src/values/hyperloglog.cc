#include "values/hyperloglog.h"

#include <algorithm>
#include <bit>
#include <cmath>
#include <limits>

#include "values/hyperloglog_runs.h"

namespace banyan::values {
namespace {

constexpr unsigned kIndexBits = 14;
constexpr unsigned kHashBits = 64 - kIndexBits;
constexpr std::size_t kEncodingAt = 4;
constexpr std::size_t kCardinalityAt = 8;
constexpr char kDense = 0;
constexpr char kSparse = 1;
constexpr std::uint64_t kOutOfDate = 1ULL << 63;

using Histogram = HllHistogram;

// MurmurHash64A (A. Appleby, public domain) with the seed that Redis gives it.
std::uint64_t murmur(Bytes text) {
  constexpr std::uint64_t kSeed = 0xadc83b19;
  constexpr std::uint64_t kMultiplier = 0xc6a4a7935bd1e995;
  std::uint64_t hash = kSeed ^ (text.size() * kMultiplier);
  for (; text.size() >= 8; text.remove_prefix(8)) {
    std::uint64_t word = load<std::uint64_t>(text.data()) * kMultiplier;
    word = (word ^ word >> 47) * kMultiplier;
    hash = (hash ^ word) * kMultiplier;
  }
  if (!text.empty()) {
    std::uint64_t rest = 0;
    std::memcpy(&rest, text.data(), text.size());
    hash = (hash ^ rest) * kMultiplier;
  }
  hash = (hash ^ hash >> 47) * kMultiplier;
  return hash ^ hash >> 47;
}

// Eight registers of six bits, spread to one byte each.
std::uint64_t spread(std::uint64_t packed) {
  packed = (packed & 0xffffffULL) | (packed & 0xffffff000000ULL) << 8;
  packed = (packed & 0x00000fff00000fffULL) | (packed & 0x00fff00000fff000ULL) << 4;
  return (packed & 0x003f003f003f003fULL) | (packed & 0x0fc00fc00fc00fc0ULL) << 2;
}

std::uint64_t pack(std::uint64_t bytes) {
  bytes = (bytes & 0x003f003f003f003fULL) | (bytes & 0x3f003f003f003f00ULL) >> 2;
  bytes = (bytes & 0x00000fff00000fffULL) | (bytes & 0x0fff00000fff0000ULL) >> 4;
  return (bytes & 0xffffffULL) | (bytes & 0x00ffffff00000000ULL) >> 8;
}

// Calls visit(i, the registers 8 i ... 8 i + 7 as bytes) for all of a dense text.
template <class Visit>
void for_each_eight(Bytes text, const Visit& visit) {
  const char* from = text.data() + kHllHeaderBytes;
  constexpr unsigned kLast = kHllRegisters / 8 - 1;
  for (unsigned i = 0; i < kLast; ++i, from += 6) visit(i, spread(load<std::uint64_t>(from)));
  visit(kLast, spread(load<std::uint64_t>(from - 2) >> 16));  // there are no eight bytes any more
}

// Several tables, so that one count need not wait until the one before it is stored.
class Counter {
 public:
  void count_eight(std::uint64_t bytes) {
    for (unsigned i = 0; i < 8; ++i) ++tables_[i % 4][bytes >> (8 * i) & 63];
  }
  Histogram sum() const {
    Histogram sum{};
    for (std::size_t i = 0; i < sum.size(); ++i)
      for (const Histogram& table : tables_) sum[i] += table[i];
    return sum;
  }

 private:
  std::array<Histogram, 4> tables_{};
};

// The estimator of O. Ertl, "New cardinality estimation algorithms for HyperLogLog sketches"
// (2017), algorithm 6; sigma and tau are his.
double sigma(double x) {
  if (x == 1) return std::numeric_limits<double>::infinity();
  double power = 1;
  double sum = x;
  for (double before = -1; before != sum; power += power) {
    x *= x;
    before = sum;
    sum += x * power;
  }
  return sum;
}

double tau(double x) {
  if (x == 0 || x == 1) return 0;
  double power = 1;
  double sum = 1 - x;
  for (double before = -1; before != sum;) {
    x = std::sqrt(x);
    before = sum;
    power *= 0.5;
    sum -= std::pow(1 - x, 2) * power;
  }
  return sum / 3;
}

std::uint64_t estimate(const Histogram& histogram) {
  constexpr double kAlpha = 0.721347520444481703680;  // 1 / (2 ln 2)
  constexpr double kCount = kHllRegisters;
  double z = kCount * tau((kCount - histogram[kHashBits + 1]) / kCount);
  for (unsigned value = kHashBits; value >= 1; --value) z = (z + histogram[value]) * 0.5;
  z += kCount * sigma(histogram[0] / kCount);
  return static_cast<std::uint64_t>(std::llroundl(kAlpha * kCount * kCount / z));
}

Result<Histogram> histogram_of(Bytes text) {
  if (is_dense(text)) {
    Counter counter;
    for_each_eight(text, [&](unsigned, std::uint64_t bytes) { counter.count_eight(bytes); });
    return counter.sum();
  }
  Histogram histogram{};
  const auto count = [&](std::uint32_t, const HllRun& run) { histogram[run.value] += run.length; };
  TRY_DO(for_each_hll_run(text.substr(kHllHeaderBytes), kHllRegisters, count));
  return histogram;
}

}  // namespace

HllElement HllElement::of(Bytes text) {
  const std::uint64_t hash = murmur(text);
  const std::uint64_t pattern = hash >> kIndexBits | 1ULL << kHashBits;
  return {.index = static_cast<std::uint32_t>(hash % kHllRegisters),
          .value = static_cast<std::uint8_t>(std::countr_zero(pattern) + 1)};
}

bool is_hll(Bytes text) {
  if (text.size() < kHllHeaderBytes || !text.starts_with("HYLL")) return false;
  return text[kEncodingAt] == kSparse || (is_dense(text) && text.size() == kHllDenseBytes);
}

std::string empty_hll() {
  std::string text = "HYLL";
  text.resize(kHllHeaderBytes);
  text[kEncodingAt] = kSparse;
  char run[2];
  return text.append(run, write_hll_run(run, 0, kHllRegisters));
}

bool is_dense(Bytes text) { return text[kEncodingAt] == kDense; }

bool has_cardinality(Bytes text) { return cached_cardinality(text) < kOutOfDate; }

std::uint64_t cached_cardinality(Bytes text) {
  return load<std::uint64_t>(text.data() + kCardinalityAt);
}

void cache_cardinality(char* text, std::uint64_t value) { store_to(text + kCardinalityAt, value); }

void forget_cardinality(char* text) {
  cache_cardinality(text, load<std::uint64_t>(text + kCardinalityAt) | kOutOfDate);
}

Result<std::uint64_t> count_elements(Bytes text) {
  TRY(const Histogram histogram, histogram_of(text));
  return estimate(histogram);
}

bool raise_dense(char* text, HllElement element) {
  char* const registers = text + kHllHeaderBytes;
  const unsigned bit = element.index * 6;
  // The register lies in these two bytes; of the very last one, in the second of them.
  char* const at = registers + std::min<std::size_t>(bit / 8, kHllRegisters * 6 / 8 - 2);
  const auto shift = static_cast<unsigned>(bit - 8 * static_cast<unsigned>(at - registers));
  const unsigned pair = load<std::uint16_t>(at);
  if ((pair >> shift & 63) >= element.value) return false;
  store_to(at, static_cast<std::uint16_t>((pair & ~(63U << shift)) |
                                          static_cast<unsigned>(element.value) << shift));
  return true;
}

Result<> make_dense(std::string& text) {
  if (is_dense(text)) return {};
  HllRegisters registers;
  TRY_DO(registers.merge(text));
  text.resize(kHllDenseBytes);
  text.shrink_to_fit();
  text[kEncodingAt] = kDense;
  registers.write_dense(text.data());
  return {};
}

Result<> HllRegisters::merge(Bytes hll) {
  if (!is_dense(hll)) return merge_sparse(hll.substr(kHllHeaderBytes));
  merge_dense(hll);
  return {};
}

void HllRegisters::merge_dense(Bytes hll) {
  is_counted_ = false;
  alignas(64) std::array<std::uint8_t, kHllRegisters> other;
  for_each_eight(hll, [&](unsigned i, std::uint64_t bytes) { store_to(&other[8 * i], bytes); });
  for (std::size_t i = 0; i < kHllRegisters; ++i) values_[i] = std::max(values_[i], other[i]);
}

inline void HllRegisters::raise(std::uint32_t index, std::uint8_t value) {
  const std::uint8_t old = values_[index];
  if (old >= value) return;
  values_[index] = value;
  if (old != 0) --counts_[old];
  ++counts_[value];
}

Result<> HllRegisters::merge_sparse(Bytes runs) {
  return for_each_hll_run(runs, kHllRegisters, [this](std::uint32_t first, const HllRun& run) {
    if (run.value == 0) return;
    for (std::uint32_t i = first; i < first + run.length; ++i) raise(i, run.value);
  });
}

std::uint64_t HllRegisters::count_elements() const {
  if (is_counted_) {
    HllHistogram histogram = counts_;
    histogram[0] = kHllRegisters;
    for (std::size_t value = 1; value < histogram.size(); ++value) histogram[0] -= histogram[value];
    return estimate(histogram);
  }
  Counter counter;
  for (std::size_t i = 0; i < kHllRegisters; i += 8)
    counter.count_eight(load<std::uint64_t>(&values_[i]));
  return estimate(counter.sum());
}

void HllRegisters::write_dense(char* text) const {
  char* to = text + kHllHeaderBytes;
  for (std::size_t i = 0; i < kHllRegisters; i += 8, to += 6) {
    const std::uint64_t packed = pack(load<std::uint64_t>(&values_[i]));
    std::memcpy(to, &packed, 6);
  }
}

}  // namespace banyan::values
