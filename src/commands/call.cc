#include "commands/call.h"

namespace banyan::commands {

Result<> Call::wait_for_keys(UnixMs deadline, TimeoutReply otherwise, const WaitOptions& options) {
  Context& context = db.context();
  if (context.may_wait) {
    context.wait = WaitRequest{deadline, options};
    context.aftermath = true;
  } else if (otherwise == TimeoutReply::null) {
    reply.null();
  } else {
    reply.null_array();
  }
  return {};
}

}  // namespace banyan::commands
