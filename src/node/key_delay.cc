#include "node/key_delay.h"

#include <algorithm>

namespace banyan::node {

namespace {
// So much of having come late is made up for. After more the process was not running at all.
constexpr Duration kLateMax = 20ms;
}  // namespace

Duration KeyDelay::owed() const {
  const auto keys = static_cast<std::int64_t>(keys_);
  const std::int64_t setting = setting_.count();
  if (setting < 0) return Duration(keys / -setting);
  return setting_ * keys;
}

void KeyDelay::add(std::uint64_t keys) {
  since_ = std::max(since_, loop_.precise_now() - kLateMax);
  keys_ += keys;
}

void KeyDelay::forget() {
  keys_ = 0;
  since_ = {};
  cancel_timer();
}

Duration KeyDelay::left() {
  if (keys_ == 0) return {};
  const Instant end = since_ + owed();
  const Duration left = end - loop_.precise_now();
  if (left > Duration{0}) return left;
  since_ = end;
  keys_ = setting_ < Duration{0} ? keys_ % static_cast<std::uint64_t>(-setting_.count()) : 0;
  return {};
}

bool KeyDelay::must_wait() {
  if (left() == Duration{0}) {
    cancel_timer();
    return false;
  }
  const Instant end = since_ + owed();
  if (timer_ != TimerId::none && timer_at_ == end) return true;
  cancel_timer();
  timer_at_ = end;
  timer_ = loop_.call_at(end, [this] {
    timer_ = TimerId::none;
    then_();
  });
  return true;
}

void KeyDelay::cancel_timer() {
  if (timer_ != TimerId::none) loop_.cancel(std::exchange(timer_, TimerId::none));
}

}  // namespace banyan::node
