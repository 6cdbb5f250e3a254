#include "values/bits.h"

#include <algorithm>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "base/rng.h"

namespace banyan::values {
namespace {

struct Bits : testing::Test {
  Rng rng{5};
  std::string random_text(std::size_t size) {
    std::string text(size, '\0');
    const std::uint64_t kind = rng.below(4);  // noise, all zero, all one, sparse
    for (char& c : text) {
      if (kind == 0) c = static_cast<char>(rng.next());
      if (kind == 2) c = '\xff';
      if (kind == 3 && rng.below(20) == 0) c = static_cast<char>(1U << rng.below(8));
    }
    return text;
  }
  static std::string spelled(Bytes text) {
    std::string digits;
    for (const char c : text)
      for (int bit = 7; bit >= 0; --bit) digits += (c >> bit & 1) != 0 ? '1' : '0';
    return digits;
  }
};

TEST_F(Bits, are_counted_whatever_the_length) {
  for (int i = 0; i < 500; ++i) {
    const std::string text = random_text(rng.below(120));
    const std::string digits = spelled(text);
    ASSERT_EQ(count_ones(text), static_cast<std::size_t>(std::ranges::count(digits, '1')));
  }
}

TEST_F(Bits, are_found_in_any_part) {
  for (int i = 0; i < 20'000; ++i) {
    const std::string text = random_text(rng.below(40));
    const std::string digits = spelled(text);
    const std::uint64_t end = rng.below(digits.size() + 1);
    const std::uint64_t first = rng.below(end + 1);
    const bool wanted = rng.below(2) == 1;
    const std::size_t at = digits.substr(0, end).find(wanted ? '1' : '0', first);
    const auto found = find_bit(text, wanted, first, end);
    ASSERT_EQ(found.has_value(), at != std::string::npos) << digits << " " << first << " " << end;
    ASSERT_EQ(found.value_or(at), at) << digits << " " << first << " " << end;
  }
}

TEST_F(Bits, make_fields_at_any_offset_and_beyond_the_end) {
  for (int i = 0; i < 20'000; ++i) {
    std::string text = random_text(rng.below(24));
    const auto bits = static_cast<unsigned>(rng.between(1, 64));
    const std::uint64_t offset = rng.below(200);
    std::string digits = spelled(text) + std::string(300, '0');
    const auto value = std::stoull(digits.substr(offset, bits), nullptr, 2);
    ASSERT_EQ(field_at(text, offset, bits), value);
    if (offset + bits > text.size() * 8) continue;
    const std::uint64_t fresh = rng.next();
    set_field(text.data(), text.size(), offset, bits, fresh);
    for (unsigned bit = 0; bit < bits; ++bit)
      digits[offset + bit] = (fresh >> (bits - 1 - bit) & 1) != 0 ? '1' : '0';
    ASSERT_EQ(spelled(text), digits.substr(0, text.size() * 8));
  }
}

TEST_F(Bits, are_set_and_read_one_by_one) {
  std::string text(3, '\0');
  set_bit(text.data(), 0, true);
  set_bit(text.data(), 23, true);
  EXPECT_EQ(text, Bytes("\x80\0\x01", 3));
  set_bit(text.data(), 23, false);
  EXPECT_TRUE(bit_at(text, 0));
  EXPECT_FALSE(bit_at(text, 23));
  EXPECT_FALSE(bit_at(text, ~0ULL));
}

TEST_F(Bits, are_combined_byte_by_byte) {
  for (int i = 0; i < 2000; ++i) {
    std::vector<std::string> texts(1 + rng.below(4));
    std::size_t size = 0;
    for (std::string& text : texts) {
      text = random_text(rng.below(70));
      size = std::max(size, text.size());
    }
    const auto operation = static_cast<BitOperation>(rng.below(4));
    std::string expected(size, '\0');
    for (std::size_t at = 0; at < size; ++at) {
      unsigned value = at < texts[0].size() ? static_cast<unsigned char>(texts[0][at]) : 0;
      for (std::size_t k = 1; k < texts.size(); ++k) {
        const unsigned other = at < texts[k].size() ? static_cast<unsigned char>(texts[k][at]) : 0;
        if (operation == BitOperation::bit_and) value &= other;
        if (operation == BitOperation::bit_or) value |= other;
        if (operation == BitOperation::bit_xor) value ^= other;
      }
      expected[at] = static_cast<char>(operation == BitOperation::bit_not ? ~value : value);
    }
    if (operation == BitOperation::bit_not) {
      texts.resize(1);
      expected.resize(texts[0].size());
    }
    std::string result(expected.size(), 'x');
    const std::vector<Bytes> sources(texts.begin(), texts.end());
    combine_bits(operation, sources, result.data());
    ASSERT_EQ(result, expected);
  }
}

}  // namespace
}  // namespace banyan::values
