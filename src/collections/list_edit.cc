// LSET, LINSERT, LREM, LTRIM: changing a list in the middle.
#include <limits>

#include "base/size.h"
#include "collections/list_handlers.h"

namespace banyan::collections {

using namespace commands;
using encodings::ListEnd;
using encodings::ListpackValue;
using values::List;

Result<> lset(Call& call) {
  TRY(const OpenList open, open_list(call, call.key()));
  if (!open) return fail(Errc::no_such_key);  // before the index is looked at
  TRY(const std::int64_t index, call.int_arg(2));
  List list = list_of(call, open.entry);
  list.expect(call.words.subspan(3, 1));
  const auto size = static_cast<std::int64_t>(list.size());
  if (index >= size || index < -size) return fail("index out of range");
  list.replace(static_cast<std::size_t>(index < 0 ? index + size : index),
               ListpackValue::of(call.arg(3)));
  call.db.changed(call.key(), EventKind::list, "lset");
  call.reply.ok();
  return {};
}

Result<> linsert(Call& call) {
  const bool behind = call.is(2, "after");
  if (!behind && !call.is(2, "before")) return fail(Errc::syntax);
  TRY(const OpenList open, open_list(call, call.key()));
  if (!open) {
    call.reply.integer(0);
    return {};
  }
  List list = list_of(call, open.entry);
  list.expect(call.words.subspan(4, 1));
  const ListpackValue pivot = ListpackValue::of(call.arg(3));
  const std::size_t size = list.size();
  std::size_t index = 0;
  list.visit(0, size, false, [&](const ListpackValue& value) {
    if (value.equals(pivot)) return false;
    ++index;
    return true;
  });
  if (index == size) {
    call.reply.integer(-1);
    return {};
  }
  list.insert(index, behind, ListpackValue::of(call.arg(4)));
  call.db.changed(call.key(), EventKind::list, "linsert");
  call.reply.integer(static_cast<std::int64_t>(size + 1));
  return {};
}

Result<> lrem(Call& call) {
  TRY(const std::int64_t count, call.int_arg(2));
  TRY(const OpenList open, open_list(call, call.key()));
  std::size_t removed = 0;
  if (open) {
    List list = list_of(call, open.entry);
    // Negated as unsigned: the least of all integers has no positive counterpart.
    const auto given = static_cast<std::size_t>(count);
    const std::size_t limit = count < 0 ? 0 - given : given;
    const std::size_t count_max = limit == 0 ? std::numeric_limits<std::size_t>::max() : limit;
    removed = list.remove(count < 0 ? ListEnd::tail : ListEnd::head, count_max,
                          ListpackValue::of(call.arg(3)));
    if (removed != 0) note_loss(call, open, "lrem", removed, list.size() == 0);
  }
  call.reply.integer(static_cast<std::int64_t>(removed));
  return {};
}

Result<> ltrim(Call& call) {
  TRY(const std::int64_t start, call.int_arg(2));
  TRY(const std::int64_t stop, call.int_arg(3));
  TRY(const OpenList open, open_list(call, call.key()));
  if (open) {
    List list = list_of(call, open.entry);
    const std::size_t size = list.size();
    const Range kept = clamp_range(start, stop, size);
    if (kept.count != 0) {
      const std::size_t end = kept.first + kept.count;
      list.erase(end, size - end);
      list.erase(0, kept.first);
      list.shrink();
    }
    note_loss(call, open, "ltrim", size - kept.count, kept.count == 0);
  }
  call.reply.ok();
  return {};
}

}  // namespace banyan::collections
