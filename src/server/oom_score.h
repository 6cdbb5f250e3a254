// OomScore: how readily the kernel ends this node when memory runs out, as oom-score-adj and its
// values say.
//
// Vocabulary   The process's *own* score is the one that it had before we first changed it.
// Threads      The main loop's.
// Failure      What the kernel refuses is logged, and an error with the text of CONFIG SET's reply.
#pragma once

#include <optional>

#include "base/env.h"
#include "config/settings.h"
#include "node/logger.h"

namespace banyan::server {

class OomScore {
 public:
  OomScore(Env& env, node::Logger& logger) : env_(env), logger_(logger) {}

  // Sets what holds for the role; the own score again when it is switched off.
  Result<> apply(const config::Process& settings, bool is_replica);

 private:
  Result<> refused(const char* what, const Error& error);

  Env& env_;
  node::Logger& logger_;
  std::optional<int> own_;  // while another one is in force
};

}  // namespace banyan::server
