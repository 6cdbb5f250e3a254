#include "node/pause.h"

namespace banyan::node {

using engine::PauseKind;

void Pause::begin(Instant now, Duration length, PauseKind kind) {
  const bool is_on = policy_.pause != PauseKind::none;
  if (!is_on && length <= Duration::zero()) return;
  // So far in the future that the sum would overflow: for ever.
  const Instant until = length > Instant::max() - now ? Instant::max() : now + length;
  until_ = is_on ? std::max(until_, until) : until;
  if (policy_.pause != PauseKind::all) policy_.pause = kind;
  policy_.refresh();
  workers_.front()->loop().post([this] { set_timer(); });
}

void Pause::end() {
  if (policy_.pause == PauseKind::none) return;
  policy_.pause = PauseKind::none;
  policy_.refresh();
  for (const auto& worker : workers_) worker->loop().post([w = worker.get()] { w->retry_held(); });
}

Duration Pause::left(Instant now) const {
  if (policy_.pause == PauseKind::none) return Duration::zero();
  return std::max(until_ - now, Duration::zero());
}

// Very long pauses are waited for in steps: no clock arithmetic of a loop can overflow.
void Pause::set_timer() {
  Worker& main = *workers_.front();
  const Worker::Inside inside(main);
  main.loop().cancel(timer_);
  timer_ = TimerId::none;
  if (policy_.pause == PauseKind::none) return;
  constexpr Duration kStep = std::chrono::hours(24);
  timer_ = main.loop().call_at(std::min(until_, main.loop().now() + kStep), [this] { on_timer(); });
}

void Pause::on_timer() {
  timer_ = TimerId::none;
  Worker& main = *workers_.front();
  main.alone([&] {
    if (main.loop().now() >= until_) return end();
    main.loop().post([this] { set_timer(); });
  });
}

}  // namespace banyan::node
