#include "replication/framing.h"

#include <gtest/gtest.h>

#include <vector>

#include "base/rng.h"

namespace banyan::replication {
namespace {

TEST(LineReaderTest, lines_do_not_depend_on_how_the_bytes_are_cut) {
  const std::string text = "+PONG\r\n\n\r\n+FULLRESYNC a 1\n-ERR\rx\r\n";
  const std::vector<std::string> expected = {"+PONG", "", "", "+FULLRESYNC a 1", "-ERR\rx"};
  for (std::size_t step = 1; step <= text.size(); ++step) {
    LineReader reader;
    std::vector<std::string> lines;
    for (std::size_t at = 0; at < text.size(); at += step) {
      Bytes input = Bytes(text).substr(at, step);
      while (!input.empty()) {
        if (reader.next(input) == LineReader::Outcome::line) lines.push_back(reader.line());
      }
    }
    EXPECT_EQ(lines, expected) << "pieces of " << step;
  }
}

TEST(LineReaderTest, leaves_what_follows_the_line) {
  LineReader reader;
  Bytes input = "$5\r\nREDIS";
  ASSERT_EQ(reader.next(input), LineReader::Outcome::line);
  EXPECT_EQ(input, "REDIS");
}

TEST(LineReaderTest, a_line_without_end_is_reported_at_the_limit) {
  LineReader reader;
  const std::string text(LineReader::kLineMax, 'x');
  Bytes input = text;
  ASSERT_EQ(reader.next(input), LineReader::Outcome::need_more);
  input = "y";
  EXPECT_EQ(reader.next(input), LineReader::Outcome::too_long);
  reader.reset();
  input = "ok\n";
  ASSERT_EQ(reader.next(input), LineReader::Outcome::line);
  EXPECT_EQ(reader.line(), "ok");
}

TEST(PayloadReaderTest, takes_exactly_the_announced_length) {
  PayloadReader reader(5);
  Bytes input = "abc";
  auto piece = reader.next(input);
  EXPECT_EQ(piece.fresh, "abc");
  EXPECT_FALSE(piece.done);
  input = "defgh";
  piece = reader.next(input);
  EXPECT_EQ(piece.fresh, "de");
  EXPECT_TRUE(piece.done);
  EXPECT_EQ(input, "fgh");
}

TEST(PayloadReaderTest, an_empty_payload_is_done_at_once) {
  PayloadReader reader(0);
  Bytes input;
  EXPECT_TRUE(reader.next(input).done);
}

std::array<char, kReplidSize> mark_of(Bytes text) {
  std::array<char, kReplidSize> mark{};
  std::copy(text.begin(), text.end(), mark.begin());
  return mark;
}

TEST(PayloadReaderTest, finds_the_mark_however_the_bytes_are_cut) {
  // Marks and payloads over two letters: full of false starts of the mark.
  for (std::uint64_t seed = 1; seed <= 2000; ++seed) {
    Rng rng(seed);
    std::string mark, payload;
    const bool is_periodic = rng.chance(0.5);
    for (std::size_t i = 0; i < kReplidSize; ++i)
      mark += is_periodic && i >= 3 ? mark[i - 3] : (rng.chance(0.5) ? 'a' : 'b');
    for (auto n = rng.below(4); n > 0; --n) {
      payload += mark.substr(0, rng.below(kReplidSize));
      for (auto k = rng.below(10); k > 0; --k) payload += rng.chance(0.5) ? 'a' : 'b';
    }
    const std::size_t end = (payload + mark).find(mark);
    const std::string text = payload + mark + "rest";
    PayloadReader reader(mark_of(mark));
    std::string got;
    bool done = false;
    std::size_t at = 0;
    while (!done) {
      ASSERT_LT(at, text.size());
      Bytes input = Bytes(text).substr(at, 1 + rng.below(60));
      const std::size_t before = input.size();
      const auto piece = reader.next(input);
      got += piece.held;
      got += piece.fresh;
      done = piece.done;
      at += before - input.size();
    }
    EXPECT_EQ(got, text.substr(0, end)) << "seed " << seed;
    EXPECT_EQ(at, end + kReplidSize) << "seed " << seed;
  }
}

}  // namespace
}  // namespace banyan::replication
