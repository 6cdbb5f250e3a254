// Properties of any bytes taken for a HyperLogLog: nothing is read or written beyond them; what can
// be counted has the same registers in both encodings, and keeps them so whatever is added; what
// cannot is refused by every way of reading it all.
#include <cstdint>
#include <string>

#include "base/check.h"
#include "values/hyperloglog.h"

namespace {

using namespace banyan;
using namespace banyan::values;

constexpr std::size_t kSparseBytesMax = 3000;

HllElement element_from(const std::string& bytes, std::size_t at) {
  const auto byte = [&](std::size_t i) {
    return static_cast<unsigned char>(bytes[i % bytes.size()]);
  };
  const std::uint32_t index = (byte(at) | static_cast<std::uint32_t>(byte(at + 1)) << 8);
  return {.index = index % kHllRegisters,
          .value = static_cast<std::uint8_t>(1 + byte(at + 2) % 51)};
}

void add_to_both(std::string sparse, std::string dense) {
  const std::string source = sparse;
  for (std::size_t i = 0; i < 20; ++i) {
    const HllElement element = element_from(source, i * 3);
    const auto rose = raise_register(sparse, element, kSparseBytesMax);
    const auto dense_rose = raise_register(dense, element, kSparseBytesMax);
    CHECK(rose && dense_rose && *rose == *dense_rose);
    CHECK(is_hll(sparse) && is_hll(dense));
    CHECK(*count_elements(sparse) == *count_elements(dense));
  }
  CHECK(make_dense(sparse));
  forget_cardinality(sparse.data());
  forget_cardinality(dense.data());
  CHECK(sparse == dense);
}

void add_blindly(std::string text) {
  for (std::size_t i = 0; i < 20; ++i) {
    const auto rose = raise_register(text, element_from(text, i), kSparseBytesMax);
    CHECK(is_hll(text));
    if (!rose) return;
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string text(reinterpret_cast<const char*>(data), size);
  if (!is_hll(text)) return 0;
  (void)cached_cardinality(text);
  const auto count = count_elements(text);
  HllRegisters registers;
  CHECK(registers.merge(text).has_value() == count.has_value());
  std::string dense = text;
  CHECK(make_dense(dense).has_value() == count.has_value());
  if (!is_dense(text)) CHECK(describe_runs(text).has_value() || !count);
  if (!count) {
    add_blindly(text);
    return 0;
  }
  CHECK(registers.count_elements() == *count && *count_elements(dense) == *count);
  add_to_both(text, dense);
  return 0;
}
