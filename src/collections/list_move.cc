// LMOVE, RPOPLPUSH, LMPOP: from one list to another, or from the first that has something.
#include "collections/list_handlers.h"

namespace banyan::collections {

using namespace commands;
using encodings::ListEnd;
using store::Entry;
using values::List;
using values::Type;

Result<bool> move_element(Call& call, ListEnd from, ListEnd to) {
  const store::Key& source = call.key(0);
  const store::Key& target = call.key(1);
  // Both are looked at before either changes; making the target may move the source's place.
  TRY(const Database::Place place, call.db.place(source, Type::list));
  if (!place) return false;
  TRY_DO(call.db.place(target, Type::list));
  TRY(Entry * taker, call.db.open(target, Type::list));
  TRY(const OpenList giver, open_list(call, source));

  List source_list = list_of(call, giver.entry);
  IntegerText room;
  const std::string text(source_list.peek(from).as_text(room));
  source_list.pop(from);
  const Bytes texts[] = {text};
  List target_list = list_of(call, taker);
  target_list.push(to, texts);
  call.db.notify(target, EventKind::list, to == ListEnd::head ? "lpush" : "rpush");
  note_pop(call, giver, from, 1, list_of(call, giver.entry).size() == 0);
  call.reply.bulk(text);
  return true;
}

Result<> lmove(Call& call) {
  TRY(const ListEnd from, end_arg(call, 3));
  TRY(const ListEnd to, end_arg(call, 4));
  TRY(const bool moved, move_element(call, from, to));
  if (!moved) call.reply.null();
  return {};
}

Result<> rpoplpush(Call& call) {
  TRY(const bool moved, move_element(call, ListEnd::tail, ListEnd::head));
  if (!moved) call.reply.null();
  return {};
}

Result<PopOptions> pop_options(const Call& call, std::size_t numkeys_at) {
  const auto keys = parse_int(call.arg(numkeys_at));
  if (!keys || *keys < 1) return fail("numkeys should be greater than 0");
  const std::size_t words_left = call.size() - numkeys_at - 1;
  if (static_cast<std::uint64_t>(*keys) >= words_left) return fail(Errc::syntax);
  std::size_t at = numkeys_at + 1 + static_cast<std::size_t>(*keys);
  PopOptions options;
  TRY(options.end, end_arg(call, at));
  if (++at == call.size()) return options;
  if (!call.is(at, "count") || at + 1 == call.size()) return fail(Errc::syntax);
  const auto count = parse_int(call.arg(at + 1));
  if (!count || *count < 1) return fail("count should be greater than 0");
  options.count = static_cast<std::size_t>(*count);
  if (at + 2 != call.size()) return fail(Errc::syntax);
  return options;
}

Result<bool> pop_from_first(Call& call, const PopOptions& options) {
  for (const store::Key& key : call.keys) {
    TRY(const OpenList list, open_list(call, key));
    if (!list) continue;
    call.reply.array(2);
    call.reply.bulk(key.text);
    const std::size_t popped = pop_to_reply(call, list, options.end, options.count);
    call.effects().instead(
        {options.end == ListEnd::head ? "LPOP" : "RPOP", key.text, std::to_string(popped)});
    return true;
  }
  return false;
}

Result<> lmpop(Call& call) {
  TRY(const PopOptions options, pop_options(call, 1));
  TRY(const bool popped, pop_from_first(call, options));
  if (!popped) call.reply.null_array();
  return {};
}

}  // namespace banyan::collections
