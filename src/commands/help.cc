#include "commands/help.h"

#include <fmt/format.h>

namespace banyan::commands {

void reply_help(Call& call, std::span<const std::string_view> lines) {
  call.reply.array(lines.size() + 3);
  call.reply.simple(fmt::format("{} <subcommand> [<arg> [value] [opt] ...]. Subcommands are:",
                                upper(call.arg(0))));
  for (const std::string_view line : lines) call.reply.simple(line);
  call.reply.simple("HELP");
  call.reply.simple("    Print this help.");
}

}  // namespace banyan::commands
