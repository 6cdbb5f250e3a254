#include "resp/output.h"

#include <gtest/gtest.h>

#include <array>
#include <random>

namespace banyan::resp {
namespace {

std::string sent_in_pieces_of(std::size_t size, Output& output) {
  std::string sent;
  std::array<Bytes, 4> pieces;
  while (const std::size_t count = output.pieces(pieces)) {
    std::string batch;
    for (std::size_t i = 0; i < count; ++i) batch += pieces[i];
    batch.resize(std::min(batch.size(), size));
    sent += batch;
    output.consume(batch.size());
  }
  return sent;
}

std::string numbers(int count) {
  std::string text;
  for (int i = 0; i < count; ++i) text += std::to_string(i) + ",";
  return text;
}

TEST(OutputTest, holds_no_memory_until_something_is_written) {
  Output output;
  EXPECT_TRUE(output.empty());
  EXPECT_EQ(output.memory_bytes(), 0U);
  output.append("");
  output.consume(0);
  EXPECT_EQ(output.memory_bytes(), 0U);
  std::array<Bytes, 1> pieces;
  EXPECT_EQ(output.pieces(pieces), 0U);
}

TEST(OutputTest, gives_back_what_was_appended_however_it_is_sent) {
  for (const std::size_t step : {1UL, 7UL, 1000UL, 1UL << 20}) {
    Output output;
    std::string expected;
    for (int i = 0; i < 200; ++i) {
      const std::string text = numbers(i);
      output.append(text);
      expected += text;
    }
    EXPECT_EQ(output.size(), expected.size());
    EXPECT_EQ(output.text(), expected);
    EXPECT_EQ(sent_in_pieces_of(step, output), expected);
    EXPECT_TRUE(output.empty());
  }
}

TEST(OutputTest, keeps_a_small_chunk_and_gives_a_large_reply_back) {
  Output output;
  output.append("+OK\r\n");
  output.consume(5);
  const std::size_t small = output.memory_bytes();
  EXPECT_LE(small, 1024U);
  EXPECT_GT(small, 0U);
  output.append(std::string(1 << 20, 'x'));
  output.consume(1 << 20);
  EXPECT_LE(output.memory_bytes(), 1024U);
  output.append("x");
  output.release();
  EXPECT_EQ(output.memory_bytes(), 0U);
  EXPECT_TRUE(output.empty());
}

TEST(OutputTest, a_large_text_takes_little_more_than_its_size) {
  Output output;
  output.append(std::string(10 << 20, 'x'));
  EXPECT_LE(output.memory_bytes(), (10U << 20) + (64U << 10));
}

TEST(OutputTest, a_reader_that_never_catches_up_costs_what_it_lags_behind) {
  Output output;
  const std::string text(100'000, 'x');
  output.append(std::string(150'000, 'x'));
  for (int i = 0; i < 20'000; ++i) {
    output.append(text);
    output.consume(text.size());
    ASSERT_EQ(output.size(), 150'000U);
  }
  EXPECT_LE(output.memory_bytes(), 400'000U);
}

TEST(OutputTest, rolls_back_to_a_mark_across_chunks) {
  for (const std::size_t before : {0UL, 10UL, 1024UL, 5000UL}) {
    Output output;
    output.append(std::string(before, 'a'));
    const Output::Mark mark = output.mark();
    output.append(std::string(100'000, 'b'));
    output.rollback(mark);
    EXPECT_EQ(output.size(), before);
    output.append("c");
    EXPECT_EQ(output.text(), std::string(before, 'a') + "c");
  }
}

TEST(OutputTest, a_gap_takes_the_header_that_is_known_later) {
  for (const std::size_t body : {0UL, 10UL, 1000UL, 5000UL, 200'000UL}) {
    Output output;
    output.append("before ");
    const Output::Gap gap = output.begin_gap();
    output.append(std::string(body, 'x'));
    output.fill_gap(gap, "header ");
    output.append(" behind");
    EXPECT_EQ(output.text(), "before header " + std::string(body, 'x') + " behind");
    EXPECT_EQ(output.size(), output.text().size());
  }
}

TEST(OutputTest, gaps_nest_and_roll_back) {
  Output output;
  output.append("a");
  const Output::Mark mark = output.mark();
  const Output::Gap lost = output.begin_gap();
  output.append(numbers(1000));
  const Output::Gap lost_too = output.begin_gap();
  output.append(numbers(10));
  output.fill_gap(lost_too, "x");
  EXPECT_GT(lost_too.segment, lost.segment);
  output.rollback(mark);
  EXPECT_EQ(output.text(), "a");

  const Output::Gap outer = output.begin_gap();
  output.append("(");
  const Output::Gap inner = output.begin_gap();
  output.append(numbers(1000));
  output.fill_gap(inner, "inner:");
  output.append(")");
  output.fill_gap(outer, "outer:");
  EXPECT_EQ(output.text(), "aouter:(inner:" + numbers(1000) + ")");
  EXPECT_EQ(output.size(), output.text().size());
}

// A model test: the same random calls on an Output and on a plain string.
TEST(OutputTest, behaves_like_a_string) {
  std::mt19937 random(1);
  const auto below = [&random](std::size_t n) { return std::size_t{random()} % n; };
  for (int round = 0; round < 50; ++round) {
    Output output;
    std::string model;
    for (int i = 0; i < 300; ++i) {
      const std::string text(below(10) == 0 ? below(40'000) : below(300),
                             static_cast<char>('a' + below(26)));
      const Output::Mark mark = output.mark();
      const std::size_t size = model.size();
      switch (below(6)) {
        case 0:
        case 1:
          output.append(text);
          model += text;
          break;
        case 2: {
          const Output::Gap gap = output.begin_gap();
          output.append(text);
          output.fill_gap(gap, "*12\r\n");
          model += "*12\r\n" + text;
          break;
        }
        case 3:
          output.append(text);
          static_cast<void>(output.begin_gap());
          output.append(text);
          output.rollback(mark);
          break;
        case 4: {
          char* to = output.reserve(text.size());
          output.commit(std::copy(text.begin(), text.end(), to));
          model += text;
          break;
        }
        default: {
          const std::size_t sent = below(3) == 0 ? size : below(size + 1);
          output.consume(sent);
          model.erase(0, sent);
        }
      }
      ASSERT_EQ(output.size(), model.size());
    }
    ASSERT_EQ(output.text(), model);
    output.consume(model.size());
    EXPECT_LE(output.memory_bytes(), 20'000U);
  }
}

}  // namespace
}  // namespace banyan::resp
