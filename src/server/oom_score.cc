#include "server/oom_score.h"

#include <algorithm>

namespace banyan::server {

Result<> OomScore::refused(const char* what, const Error& error) {
  logger_.warning("Unable to {} oom_score_adj: {}", what, error.text());
  return fail("Failed to set current oom_score_adj. Check server logs.");
}

Result<> OomScore::apply(const config::Process& settings, bool is_replica) {
  using config::OomScoreAdjust;
  int score = 0;
  if (settings.oom_score_adjust == OomScoreAdjust::off) {
    if (!own_) return {};
    score = *own_;
  } else {
    if (!own_) {
      const Result<int> own = env_.oom_score();
      if (!own) return refused("read", own.error());
      own_ = *own;
    }
    score = settings.oom_score_values[is_replica ? 1 : 0];
    if (settings.oom_score_adjust == OomScoreAdjust::relative) score += *own_;
    score = std::clamp(score, -1000, 1000);
  }
  if (const Result<> set = env_.set_oom_score(score); !set) return refused("write", set.error());
  if (settings.oom_score_adjust == OomScoreAdjust::off) own_.reset();
  return {};
}

}  // namespace banyan::server
