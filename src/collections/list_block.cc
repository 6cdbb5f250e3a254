// BLPOP, BRPOP, BLMOVE, BRPOPLPUSH, BLMPOP: as the commands without B, but for lists that are not
// there yet. What is logged is what happened, never the waiting.
#include "collections/list_handlers.h"

namespace banyan::collections {

using namespace commands;
using encodings::ListEnd;

namespace {

Result<> pop_or_wait(Call& call, ListEnd end) {
  TRY(const UnixMs deadline, call.timeout_arg(call.size() - 1));
  for (const store::Key& key : call.keys) {
    TRY(const OpenList list, open_list(call, key));
    if (!list) continue;
    call.reply.array(2);
    call.reply.bulk(key.text);
    pop_one_to_reply(call, list, end);
    call.effects().instead({end == ListEnd::head ? "LPOP" : "RPOP", key.text});
    return {};
  }
  return call.wait_for_keys(deadline, TimeoutReply::null_array);
}

// Only the source is waited for: that the target holds something else is an error only once there
// is an element to move.
Result<bool> move_or_wait(Call& call, ListEnd from, ListEnd to, UnixMs deadline) {
  TRY(const bool moved, move_element(call, from, to));
  if (!moved) TRY_DO(call.wait_for_keys(deadline, TimeoutReply::null, {.keys = 1}));
  return moved;
}

}  // namespace

Result<> blpop(Call& call) { return pop_or_wait(call, ListEnd::head); }
Result<> brpop(Call& call) { return pop_or_wait(call, ListEnd::tail); }

Result<> blmove(Call& call) {
  TRY(const ListEnd from, end_arg(call, 3));
  TRY(const ListEnd to, end_arg(call, 4));
  TRY(const UnixMs deadline, call.timeout_arg(5));
  TRY(const bool moved, move_or_wait(call, from, to, deadline));
  if (moved) call.effects().instead({"LMOVE", call.arg(1), call.arg(2), call.arg(3), call.arg(4)});
  return {};
}

Result<> brpoplpush(Call& call) {
  TRY(const UnixMs deadline, call.timeout_arg(3));
  TRY(const bool moved, move_or_wait(call, ListEnd::tail, ListEnd::head, deadline));
  if (moved) call.effects().instead({"RPOPLPUSH", call.arg(1), call.arg(2)});
  return {};
}

Result<> blmpop(Call& call) {
  TRY(const PopOptions options, pop_options(call, 2));
  TRY(const UnixMs deadline, call.timeout_arg(1));
  TRY(const bool popped, pop_from_first(call, options));
  if (popped) return {};
  return call.wait_for_keys(deadline, TimeoutReply::null_array);
}

}  // namespace banyan::collections
