// What COMMAND INFO and COMMAND DOCS say of one command.
//
// Threads   As for Call: each writes one value to the reply.
#pragma once

#include "commands/spec.h"
#include "resp/reply_writer.h"

namespace banyan::commands {

void reply_info(resp::ReplyWriter& reply, const CommandSpec& spec);
void reply_docs(resp::ReplyWriter& reply, const CommandSpec& spec);

}  // namespace banyan::commands
