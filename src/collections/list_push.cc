// LPUSH, RPUSH, LPUSHX, RPUSHX, LPOP, RPOP: the ends of a list.
#include "collections/list_handlers.h"

namespace banyan::collections {

using namespace commands;
using encodings::ListEnd;
using encodings::ListpackValue;
using store::Entry;
using values::List;
using values::Type;

Result<ListEnd> end_arg(const Call& call, std::size_t i) {
  if (call.is(i, "left")) return ListEnd::head;
  if (call.is(i, "right")) return ListEnd::tail;
  return fail(Errc::syntax);
}

Result<OpenList> open_list(Call& call, const store::Key& key) {
  TRY(const Database::Place place, call.db.place(key, Type::list));
  if (!place) return OpenList{};
  return OpenList{&key, place, call.db.writable(place)};
}

void note_loss(Call& call, const OpenList& list, Bytes event, std::size_t count, bool is_empty) {
  if (count != 0) call.effects().changed(count);
  call.db.notify(*list.key, EventKind::list, event);
  if (!is_empty) return;
  call.db.erase(list.place);
  call.db.notify(*list.key, EventKind::generic, "del");
}

void note_pop(Call& call, const OpenList& list, ListEnd end, std::size_t count, bool is_empty) {
  note_loss(call, list, end == ListEnd::head ? "lpop" : "rpop", count, is_empty);
}

std::size_t pop_to_reply(Call& call, const OpenList& open, ListEnd end, std::size_t count) {
  List list = list_of(call, open.entry);
  const std::size_t size = list.size();
  count = std::min(count, size);
  const bool tail = end == ListEnd::tail;
  call.reply.array(count);
  list.visit(tail ? size - 1 : 0, count, tail, [&](const ListpackValue& value) {
    IntegerText room;
    call.reply.bulk(value.as_text(room));
    return true;
  });
  if (count != size) list.erase(tail ? size - count : 0, count);
  note_pop(call, open, end, count, count == size);
  return count;
}

void pop_one_to_reply(Call& call, const OpenList& open, ListEnd end) {
  List list = list_of(call, open.entry);
  IntegerText room;
  call.reply.bulk(list.peek(end).as_text(room));
  const bool is_last = list.size() == 1;
  if (!is_last) list.pop(end);
  note_pop(call, open, end, 1, is_last);
}

namespace {

Result<> push_to(Call& call, Entry* entry, ListEnd end) {
  List list = list_of(call, entry);
  const auto texts = call.words.subspan(2);
  list.push(end, texts);
  call.effects().changed(texts.size());
  call.db.notify(call.key(), EventKind::list, end == ListEnd::head ? "lpush" : "rpush");
  call.reply.integer(static_cast<std::int64_t>(list.size()));
  return {};
}

Result<> push(Call& call, ListEnd end) {
  TRY(Entry * entry, call.db.open(call.key(), Type::list));
  return push_to(call, entry, end);
}

Result<> push_if_there(Call& call, ListEnd end) {
  TRY(const OpenList list, open_list(call, call.key()));
  if (list) return push_to(call, list.entry, end);
  call.reply.integer(0);
  return {};
}

Result<> pop(Call& call, ListEnd end) {
  if (call.size() > 3)
    return fail("wrong number of arguments for '" + std::string(call.spec.name) + "' command");
  const bool has_count = call.size() == 3;
  std::int64_t count = 1;
  if (has_count) {
    const auto given = parse_int(call.arg(2));
    if (!given || *given < 0) return fail("value is out of range, must be positive");
    count = *given;
  }
  TRY(const OpenList list, open_list(call, call.key()));
  if (!list) {
    has_count ? call.reply.null_array() : call.reply.null();
  } else if (!has_count) {
    pop_one_to_reply(call, list, end);
  } else if (count == 0) {
    call.reply.array(0);
  } else {
    pop_to_reply(call, list, end, static_cast<std::size_t>(count));
  }
  return {};
}

}  // namespace

Result<> lpush(Call& call) { return push(call, ListEnd::head); }
Result<> rpush(Call& call) { return push(call, ListEnd::tail); }
Result<> lpushx(Call& call) { return push_if_there(call, ListEnd::head); }
Result<> rpushx(Call& call) { return push_if_there(call, ListEnd::tail); }
Result<> lpop(Call& call) { return pop(call, ListEnd::head); }
Result<> rpop(Call& call) { return pop(call, ListEnd::tail); }

}  // namespace banyan::collections
