#include "commands/effects.h"

#include "resp/request_writer.h"

namespace banyan::commands {

void Effects::add(std::span<const Bytes> words) {
  if (!wanted_) return;
  resp::append_command(encoded_, words);
  ++count_;
}

}  // namespace banyan::commands
