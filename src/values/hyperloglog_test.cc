#include "values/hyperloglog.h"

#include <cmath>
#include <map>
#include <string>

#include <gtest/gtest.h>

#include "base/rng.h"

namespace banyan::values {
namespace {

constexpr std::size_t kSparseBytesMax = 3000;

std::string header(char encoding) { return std::string("HYLL") + encoding + std::string(11, '\0'); }

std::uint8_t register_of(const std::string& dense, unsigned index) {
  HllRegisters registers;
  EXPECT_TRUE(registers.merge(dense));
  return registers[index];
}

bool raise(std::string& text, HllElement element, std::size_t sparse_bytes_max = kSparseBytesMax) {
  const Result<bool> rose = raise_register(text, element, sparse_bytes_max);
  EXPECT_TRUE(rose);
  return rose.value_or(false);
}

TEST(HyperLogLog, hashes_as_redis_does) {
  // What PFADD of these words leaves in PFDEBUG DECODE there.
  std::string text = empty_hll();
  for (const char* word : {"a", "b", "foo", "0123456789abcdef", ""})
    raise(text, HllElement::of(word));
  EXPECT_EQ(*describe_runs(text),
            "Z:5938 v:2,1 z:10 v:1,1 Z:1398 v:5,1 Z:5362 v:2,1 Z:3068 v:1,1 Z:603");
}

TEST(HyperLogLog, is_told_by_its_header_and_length) {
  EXPECT_TRUE(is_hll(empty_hll()));
  EXPECT_TRUE(is_hll(header(0) + std::string(kHllDenseBytes - kHllHeaderBytes, '\0')));
  EXPECT_FALSE(is_hll(header(0)));
  EXPECT_FALSE(is_hll(header(2)));
  EXPECT_FALSE(is_hll(header(1).substr(0, 15)));
  EXPECT_FALSE(is_hll("HYLX" + header(1).substr(4)));
  EXPECT_FALSE(is_hll(""));
}

TEST(HyperLogLog, keeps_a_cardinality_until_told_otherwise) {
  std::string text = empty_hll();
  EXPECT_TRUE(has_cardinality(text));
  EXPECT_EQ(cached_cardinality(text), 0U);
  cache_cardinality(text.data(), 1234);
  EXPECT_EQ(cached_cardinality(text), 1234U);
  forget_cardinality(text.data());
  EXPECT_FALSE(has_cardinality(text));
}

TEST(HyperLogLog, has_equal_registers_in_both_encodings) {
  Rng rng{3};
  for (int round = 0; round < 30; ++round) {
    std::string sparse = empty_hll();
    std::string dense = empty_hll();
    ASSERT_TRUE(make_dense(dense));
    for (int i = 0; i < 600; ++i) {
      // Few registers, so that runs meet and are joined.
      const HllElement element{
          .index = static_cast<std::uint32_t>(rng.below(round < 20 ? 40 : 16384)),
          .value = static_cast<std::uint8_t>(1 + rng.below(4))};
      ASSERT_EQ(raise(sparse, element, 100'000), raise(dense, element));
    }
    ASSERT_FALSE(is_dense(sparse));
    ASSERT_EQ(*count_elements(sparse), *count_elements(dense));
    ASSERT_TRUE(make_dense(sparse));
    forget_cardinality(dense.data());
    ASSERT_EQ(sparse, dense);
  }
}

TEST(HyperLogLog, sets_each_dense_register_and_no_other) {
  std::string text = empty_hll();
  ASSERT_TRUE(make_dense(text));
  Rng rng{4};
  std::map<unsigned, std::uint8_t> model;
  for (int i = 0; i < 3000; ++i) {
    const HllElement element{
        .index = i < 5 ? kHllRegisters - 1 : static_cast<std::uint32_t>(rng.below(kHllRegisters)),
        .value = static_cast<std::uint8_t>(1 + rng.below(51))};
    EXPECT_EQ(raise_dense(text.data(), element), element.value > model[element.index]);
    model[element.index] = std::max(model[element.index], element.value);
  }
  HllRegisters registers;
  ASSERT_TRUE(registers.merge(text));
  for (unsigned i = 0; i < kHllRegisters; ++i)
    ASSERT_EQ(registers[i], model.contains(i) ? model[i] : 0) << i;
}

TEST(HyperLogLog, joins_runs_of_one_value) {
  std::string text = empty_hll();
  for (const std::uint32_t index : {100U, 101U, 103U, 102U})
    raise(text, {.index = index, .value = 3});
  EXPECT_EQ(*describe_runs(text), "Z:100 v:3,4 Z:16280");
  raise(text, {.index = 101, .value = 5});
  EXPECT_EQ(*describe_runs(text), "Z:100 v:3,1 v:5,1 v:3,2 Z:16280");
}

TEST(HyperLogLog, becomes_dense_for_a_high_value_or_when_it_is_long) {
  std::string text = empty_hll();
  EXPECT_TRUE(raise(text, {.index = 9, .value = 32}));
  EXPECT_FALSE(is_dense(text));
  EXPECT_TRUE(raise(text, {.index = 8, .value = 33}));
  ASSERT_TRUE(is_dense(text));
  EXPECT_EQ(register_of(text, 8), 33);
  EXPECT_EQ(register_of(text, 9), 32);

  text = empty_hll();
  EXPECT_TRUE(raise(text, {.index = 9, .value = 1}, 21));
  EXPECT_FALSE(is_dense(text));
  EXPECT_TRUE(raise(text, {.index = 99, .value = 1}, 21));
  EXPECT_TRUE(is_dense(text));
}

TEST(HyperLogLog, estimates_within_a_few_standard_errors) {
  std::string text = empty_hll();
  std::uint64_t checked = 1;
  for (std::uint64_t i = 1; i <= 1'000'000; ++i) {
    raise(text, HllElement::of({reinterpret_cast<const char*>(&i), sizeof i}));
    if (i != checked) continue;
    const auto off = std::abs(static_cast<double>(*count_elements(text)) - static_cast<double>(i));
    EXPECT_LE(off, std::ceil(static_cast<double>(i) * 4 * 1.04 / 128)) << i;
    checked *= 10;
  }
  HllRegisters registers;
  ASSERT_TRUE(registers.merge(text));
  EXPECT_EQ(registers.count_elements(), *count_elements(text));
}

TEST(HyperLogLog, refuses_runs_that_do_not_cover_the_registers_exactly) {
  const std::string full = empty_hll();
  const std::string texts[] = {
      header(1),                                          // none
      full.substr(0, full.size() - 1),                    // half a run
      full + '\0',                                        // one register too many
      full + '\x80',                                      // the same with a value
      header(1) + "\x7f\xfe",                             // one too few
      header(1) + "\x7f\xfe" + "\x81",                    // a value across the end
      header(1) + std::string(400, '\x7f') + "\xff\xff",  // many times too many
  };
  for (std::string text : texts) {
    EXPECT_FALSE(count_elements(text));
    HllRegisters registers;
    EXPECT_FALSE(registers.merge(text));
    EXPECT_FALSE(make_dense(text));
    const auto rose = raise_register(text, {.index = kHllRegisters - 1, .value = 1}, 3000);
    if (!rose) {
      EXPECT_EQ(rose.error().reply_line(), "INVALIDOBJ Corrupted HLL object detected");
    }
  }
}

}  // namespace
}  // namespace banyan::values
