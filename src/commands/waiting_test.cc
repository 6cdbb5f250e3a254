#include "commands/waiting.h"

#include <gtest/gtest.h>

namespace banyan::commands {
namespace {

constexpr UnixMs kNow = 1'700'000'000'000;

std::string error_of(const Result<UnixMs>& result) {
  return result ? "no error" : std::string(result.error().text());
}

TEST(Waiting, seconds_may_have_a_fraction_and_zero_means_for_ever) {
  EXPECT_EQ(parse_timeout_seconds("0", kNow), kWaitForever);
  EXPECT_EQ(parse_timeout_seconds("1", kNow), kNow + 1000);
  EXPECT_EQ(parse_timeout_seconds("0.1", kNow), kNow + 100);
  EXPECT_EQ(parse_timeout_seconds("0.0001", kNow), kNow + 1);
  EXPECT_EQ(parse_timeout_seconds("1e2", kNow), kNow + 100'000);
}

TEST(Waiting, refuses_timeouts_in_the_words_of_redis) {
  EXPECT_EQ(error_of(parse_timeout_seconds("x", kNow)), "timeout is not a float or out of range");
  EXPECT_EQ(error_of(parse_timeout_seconds("", kNow)), "timeout is not a float or out of range");
  EXPECT_EQ(error_of(parse_timeout_seconds("-1", kNow)), "timeout is negative");
  EXPECT_EQ(error_of(parse_timeout_seconds("-inf", kNow)), "timeout is negative");
  EXPECT_EQ(error_of(parse_timeout_seconds("1e400", kNow)), "timeout is out of range");
  EXPECT_EQ(error_of(parse_timeout_seconds("9223372036854775", kNow)), "timeout is out of range");
  EXPECT_EQ(error_of(parse_timeout_ms("1.5", kNow)), "timeout is not an integer or out of range");
  EXPECT_EQ(error_of(parse_timeout_ms("-1", kNow)), "timeout is negative");
  EXPECT_EQ(error_of(parse_timeout_ms("9223372036854775807", kNow)), "timeout is out of range");
}

TEST(Waiting, reads_milliseconds) {
  EXPECT_EQ(parse_timeout_ms("0", kNow), kWaitForever);
  EXPECT_EQ(parse_timeout_ms("25", kNow), kNow + 25);
}

}  // namespace
}  // namespace banyan::commands
