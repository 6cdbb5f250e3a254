#include "persist/rdb_eof_mark.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "base/rng.h"

namespace banyan::persist {
namespace {

const std::string kMark = "aabaabaaab0123456789aabaabaaab0123456789";

struct Found {
  std::string payload;
  std::size_t taken = 0;
  bool is_end = false;

  friend bool operator==(const Found&, const Found&) = default;
};

Found feed_in_steps(Bytes mark_bytes, Bytes stream, std::size_t step) {
  EofMark mark(mark_bytes);
  Found found;
  for (std::size_t at = 0; at < stream.size() && !found.is_end; at += step) {
    const EofMark::Output out = mark.feed(stream.substr(at, step));
    found.payload += out.held;
    found.payload += out.fresh;
    found.taken += out.taken;
    found.is_end = out.is_end;
  }
  return found;
}

TEST(EofMarkTest, the_payload_ends_before_the_mark_however_it_is_cut) {
  // Starts of the mark inside the payload, also just before it.
  const std::string payloads[] = {"",
                                  "x",
                                  "a",
                                  "aab",
                                  kMark.substr(0, 39),
                                  kMark.substr(0, 30),
                                  "payload " + kMark.substr(0, 10) + kMark.substr(0, 39) + "!",
                                  std::string(200, 'a'),
                                  kMark.substr(1) + kMark.substr(0, 10)};
  for (const std::string& payload : payloads) {
    const std::string stream = payload + kMark + "*1\r\n$4\r\nPING\r\n";
    for (std::size_t step = 1; step <= stream.size(); ++step) {
      const Found found = feed_in_steps(kMark, stream, step);
      ASSERT_EQ(found.payload, payload) << step;
      ASSERT_EQ(found.taken, payload.size() + kMark.size()) << step;
      ASSERT_TRUE(found.is_end);
    }
  }
}

TEST(EofMarkTest, random_streams_over_a_tiny_alphabet) {
  Rng rng(3);
  const std::string mark(40, 'a');
  for (int round = 0; round < 2000; ++round) {
    std::string stream;
    const auto size = rng.below(300);
    while (stream.size() < size) stream += rng.chance(0.97) ? 'a' : 'b';
    const std::size_t at = stream.find(mark);
    const Found found = feed_in_steps(mark, stream, 1 + rng.below(60));
    ASSERT_EQ(found.is_end, at != std::string::npos);
    if (found.is_end) {
      ASSERT_EQ(found.payload, stream.substr(0, at));
    }
  }
}

TEST(EofMarkTest, without_a_mark_only_a_possible_start_is_held_back) {
  EofMark mark(kMark);
  const EofMark::Output none = mark.feed("some bytes");
  EXPECT_EQ(none.fresh, "some bytes");
  const EofMark::Output some = mark.feed("more aab");
  EXPECT_EQ(some.fresh, "more ");
  const EofMark::Output rest = mark.feed("c");
  EXPECT_EQ(rest.held, "aab");
  EXPECT_EQ(rest.fresh, "c");
  EXPECT_EQ(mark.feed("").fresh, "");
}

TEST(EofMarkTest, what_is_passed_on_is_the_callers_bytes_uncopied) {
  EofMark mark(kMark);
  const std::string piece(1000, 'x');
  EXPECT_EQ(mark.feed(piece).fresh.data(), piece.data());
}

}  // namespace
}  // namespace banyan::persist
