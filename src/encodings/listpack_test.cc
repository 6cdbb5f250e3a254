#include "encodings/listpack.h"

#include <deque>
#include <limits>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "base/rng.h"
#include "encodings/allocation_class.h"

namespace banyan::encodings {
namespace {

constexpr auto kNone = ListpackView::kNone;

struct ListpackTest : testing::Test {
  Listpack pack = Listpack::make();
  ~ListpackTest() override { pack.destroy(); }

  void append(Bytes text) { pack.append(ListpackValue::of(text)); }
  std::vector<std::string> texts() const {
    std::vector<std::string> all;
    IntegerText room;
    for (auto at = pack.first(); at != kNone; at = pack.next(at))
      all.emplace_back(pack.text(at, room));
    return all;
  }
};

using Texts = std::vector<std::string>;

TEST_F(ListpackTest, is_empty_at_first) {
  EXPECT_TRUE(pack.empty());
  EXPECT_EQ(pack.size(), 0U);
  EXPECT_EQ(pack.first(), kNone);
  EXPECT_EQ(pack.last(), kNone);
  EXPECT_EQ(pack.at(0), kNone);
  EXPECT_EQ(pack.at(-1), kNone);
  EXPECT_EQ(pack.bytes(), Bytes("\x07\0\0\0\0\0\xff", 7));
}

TEST_F(ListpackTest, writes_the_bytes_of_the_format) {
  append("hi");
  append("5");
  append("-1");
  append("300000");
  const Bytes expected(
      "\x15\0\0\0\x04\0"
      "\x82hi\x03"
      "\x05\x01"
      "\xdf\xff\x02"
      "\xf2\xe0\x93\x04\x04"
      "\xff",
      21);
  EXPECT_EQ(pack.bytes(), expected);
}

TEST_F(ListpackTest, keeps_every_size_of_integer) {
  const std::int64_t edges[] = {0,
                                127,
                                128,
                                -1,
                                4095,
                                4096,
                                -4096,
                                -4097,
                                32767,
                                32768,
                                -32768,
                                -32769,
                                8388607,
                                8388608,
                                -8388608,
                                -8388609,
                                2147483647,
                                2147483648,
                                -2147483648LL,
                                -2147483649LL,
                                std::numeric_limits<std::int64_t>::max(),
                                std::numeric_limits<std::int64_t>::min()};
  for (const auto edge : edges) append(std::to_string(edge));
  auto at = pack.first();
  for (const auto edge : edges) {
    const ListpackValue value = pack.get(at);
    EXPECT_TRUE(value.is_integer) << edge;
    EXPECT_EQ(value.integer, edge);
    at = pack.next(at);
  }
  EXPECT_EQ(at, kNone);
  EXPECT_TRUE(validate_listpack(pack.bytes(), true));
}

TEST_F(ListpackTest, takes_as_an_integer_only_what_it_gives_back_the_same) {
  const Texts like_integers = {"",   "-",  "-0", "00",  "+1",
                               " 1", "1 ", "01", "1.0", "9223372036854775808"};
  for (const auto& text : like_integers) append(text);
  EXPECT_EQ(texts(), like_integers);
  for (auto at = pack.first(); at != kNone; at = pack.next(at))
    EXPECT_FALSE(pack.get(at).is_integer);
}

TEST_F(ListpackTest, keeps_texts_of_every_head_and_back_length) {
  Texts expected;
  for (const std::size_t size :
       {0, 1, 63, 64, 125, 126, 127, 4095, 4096, 16377, 16378, 16379, 2097145, 2097146, 2097147}) {
    expected.push_back(std::string(size, 'a'));
    append(expected.back());
  }
  EXPECT_EQ(texts(), expected);
  EXPECT_TRUE(validate_listpack(pack.bytes(), true));
  std::size_t left = expected.size();
  for (auto at = pack.last(); at != kNone; at = pack.previous(at))
    EXPECT_EQ(pack.get(at).text.size(), expected[--left].size());
  EXPECT_EQ(left, 0U);
}

TEST_F(ListpackTest, finds_by_value_and_skips_what_is_between) {
  for (const char* text : {"a", "b", "b", "1", "7", "x"}) append(text);
  const auto b = ListpackValue::of("b");
  EXPECT_EQ(pack.find(pack.first(), b), pack.at(1));
  EXPECT_EQ(pack.find(pack.first(), b, 1), pack.at(2));
  EXPECT_EQ(pack.find(pack.first(), ListpackValue::of("7")), pack.at(4));
  EXPECT_EQ(pack.find(pack.first(), ListpackValue::of("07")), kNone);
  EXPECT_EQ(pack.find(pack.first(), ListpackValue::of("x"), 1), kNone);
  EXPECT_EQ(pack.find(kNone, b), kNone);
}

TEST_F(ListpackTest, finds_a_number_that_somebody_else_stored_as_text) {
  const Bytes foreign("\x0a\0\0\0\x01\0\x81\x37\x02\xff", 10);
  ASSERT_TRUE(validate_listpack(foreign, true));
  const ListpackView view(foreign.data());
  EXPECT_NE(view.find(view.first(), ListpackValue::of("7")), kNone);
}

TEST_F(ListpackTest, counts_elements_beyond_what_the_header_can_say) {
  for (int i = 0; i < 70000; ++i) pack.append(ListpackValue::of_integer(i % 100));
  EXPECT_EQ(pack.size(), 70000U);
  EXPECT_EQ(pack.get(pack.at(69999)).integer, 99);
  EXPECT_EQ(pack.get(pack.at(-70000)).integer, 0);
  EXPECT_EQ(pack.at(70000), kNone);
  EXPECT_EQ(pack.at(-70001), kNone);
  pack.erase(pack.first(), 10000);
  EXPECT_EQ(pack.size(), 60000U);
  EXPECT_TRUE(validate_listpack(pack.bytes(), true));
}

TEST_F(ListpackTest, says_when_more_does_not_fit) {
  EXPECT_TRUE(pack.fits(100));
  EXPECT_TRUE(pack.fits(ListpackView::kGrowthBytesMax - 7));
  EXPECT_FALSE(pack.fits(ListpackView::kGrowthBytesMax - 6));
  EXPECT_FALSE(pack.fits(std::numeric_limits<std::size_t>::max()));
}

TEST(ValidateListpack, refuses_what_is_not_one) {
  const std::string good("\x0b\0\0\0\x02\0\x05\x01\x81\x61\x02\xff", 12);
  std::string right = good;
  right[0] = 12;
  EXPECT_TRUE(validate_listpack(right, true));
  EXPECT_FALSE(validate_listpack(good, false)) << "size differs";
  EXPECT_FALSE(validate_listpack("", false));
  EXPECT_FALSE(validate_listpack(Bytes("\x06\0\0\0\0\0", 6), false));
  const auto with = [&](std::size_t at, int byte) {
    std::string bytes = right;
    bytes[at] = static_cast<char>(byte);
    return validate_listpack(bytes, true);
  };
  EXPECT_FALSE(with(4, 1)) << "count too low";
  EXPECT_FALSE(with(4, 3)) << "count too high";
  EXPECT_FALSE(with(7, 2)) << "wrong back length";
  EXPECT_FALSE(with(8, 0x82)) << "text runs into the end";
  EXPECT_FALSE(with(8, 0xf0)) << "head cut off";
  EXPECT_FALSE(with(8, 0xf5)) << "unknown head";
  EXPECT_FALSE(with(8, 0xff)) << "end byte in the middle";
  EXPECT_FALSE(with(11, 0)) << "no end byte";
}

// The model: a deque of texts; every change is made to both.
struct ListpackModelTest : ListpackTest {
  Rng rng{7};
  std::deque<std::string> model;

  std::string random_text() {
    switch (rng.below(4)) {
      case 0:
        return std::to_string(static_cast<std::int64_t>(rng.next()) >> rng.below(64));
      case 1:
        return std::string(rng.below(200), static_cast<char>('a' + rng.below(3)));
      case 2:
        return std::string(rng.below(20) == 0 ? rng.below(20000) : rng.below(64), 'L');
      default:
        return std::to_string(rng.below(20));
    }
  }
  auto model_at(std::size_t index) { return model.begin() + static_cast<std::ptrdiff_t>(index); }
  Listpack::Position at(std::size_t index) {
    const auto at = pack.at(static_cast<std::int64_t>(index));
    return at == kNone ? pack.end() : at;
  }

  void change() {
    const std::string text = random_text();
    const ListpackValue value = ListpackValue::of(text);
    const std::size_t index = rng.below(model.size() + 1);
    const bool exists = index < model.size();
    switch (rng.below(8)) {
      case 0:
      case 1:
        pack.append(value);
        model.push_back(text);
        return;
      case 2:
        pack.prepend(value);
        model.push_front(text);
        return;
      case 3:
        EXPECT_TRUE(pack.equals(pack.insert(at(index), value), value));
        model.insert(model_at(index), text);
        return;
      case 4: {
        const ListpackValue pair[] = {value, ListpackValue::of("second")};
        pack.insert(at(index), pair);
        model.insert(model_at(index), {text, "second"});
        return;
      }
      case 5:
        if (!exists) return;
        pack.replace(at(index), value);
        *model_at(index) = text;
        return;
      case 6:
        if (!exists) return;
        pack.erase(at(index));
        model.erase(model_at(index));
        return;
      default:
        const std::size_t count = std::min(rng.below(5), model.size() - index);
        pack.erase(at(index), count);
        model.erase(model_at(index), model_at(index + count));
    }
  }
  void compare() {
    ASSERT_EQ(texts(), Texts(model.begin(), model.end()));
    ASSERT_EQ(pack.size(), model.size());
    ASSERT_TRUE(validate_listpack(pack.bytes(), true));
    std::size_t left = model.size();
    for (auto at = pack.last(); at != kNone; at = pack.previous(at)) {
      IntegerText room;
      ASSERT_EQ(pack.text(at, room), model[--left]);
      ASSERT_EQ(pack.at(static_cast<std::int64_t>(left)), at);
      ASSERT_EQ(pack.at(static_cast<std::int64_t>(left) - static_cast<std::int64_t>(model.size())),
                at);
    }
    ASSERT_EQ(left, 0U);
  }
};

TEST_F(ListpackModelTest, agrees_with_a_deque_of_texts_after_any_changes) {
  for (int round = 0; round < 30; ++round) {
    for (int i = 0; i < 60; ++i) change();
    compare();
    if (HasFatalFailure()) return;
  }
}

TEST_F(ListpackModelTest, joins_two_and_copies_the_whole) {
  append("3");
  append("4");
  Listpack front = Listpack::make();
  front.append(ListpackValue::of("1"));
  front.append(ListpackValue::of("two"));
  pack.insert_all(pack.begin(), front);
  pack.insert_all(pack.end(), front);
  EXPECT_EQ(texts(), (Texts{"1", "two", "3", "4", "1", "two"}));
  front.destroy();
  Listpack copy = Listpack::copy_of(pack.bytes());
  EXPECT_EQ(copy.bytes(), pack.bytes());
  copy.destroy();
}

TEST(AllocationClass, has_four_steps_per_doubling) {
  EXPECT_EQ(allocation_class(7), 8U);
  EXPECT_EQ(allocation_class(9), 16U);
  EXPECT_EQ(allocation_class(113), 128U);
  EXPECT_EQ(allocation_class(128), 128U);
  EXPECT_EQ(allocation_class(129), 160U);
  EXPECT_EQ(allocation_class(256), 256U);
  EXPECT_EQ(allocation_class(257), 320U);
  EXPECT_EQ(allocation_class(7169), 8192U);
  EXPECT_EQ(allocation_class(8192), 8192U);
  for (std::size_t bytes = 1; bytes < 100000; ++bytes) {
    ASSERT_GE(allocation_class(bytes), bytes);
    ASSERT_EQ(allocation_class(allocation_class(bytes)), allocation_class(bytes));
  }
}

TEST(Listpack, an_empty_text_is_not_found_for_an_integer) {
  Listpack pack = Listpack::make();
  pack.append(ListpackValue::of(""));
  EXPECT_EQ(pack.find(pack.first(), ListpackValue::of_integer(0)), ListpackView::kNone);
  EXPECT_NE(pack.find(pack.first(), ListpackValue::of("")), ListpackView::kNone);
  pack.destroy();
}

}  // namespace
}  // namespace banyan::encodings
