// EffectBlock: gathers what one command, or all commands of a transaction, did to the data, for one
// entry of the log.
//
// Threads   None; one per dispatcher.
#pragma once

#include <string>

#include "commands/effects.h"
#include "log/log.h"

namespace banyan::engine {

class EffectBlock {
 public:
  bool empty() const { return count_ == 0; }
  // What a command with these words did in `database`.
  void add(unsigned database, const commands::Effects& effects, std::span<const Bytes> words);
  // Puts all into the log and begins anew. Several effects are a block of MULTI and EXEC. Returns
  // the offset behind it.
  log::Offset append_to(log::Log& log, UnixMs now);

 private:
  std::string body_;
  unsigned count_ = 0;
  unsigned first_database_ = 0, last_database_ = 0;
};

}  // namespace banyan::engine
