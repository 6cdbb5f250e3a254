// The handlers of the list family; list.cc has their table. And what they share.
//
// Threads   See Call.
#pragma once

#include "commands/call.h"
#include "values/list.h"

namespace banyan::collections {

using commands::Call;

// list_push.cc
Result<> lpop(Call& call);
Result<> lpush(Call& call);
Result<> lpushx(Call& call);
Result<> rpop(Call& call);
Result<> rpush(Call& call);
Result<> rpushx(Call& call);

// list_read.cc
Result<> lindex(Call& call);
Result<> llen(Call& call);
Result<> lpos(Call& call);
Result<> lrange(Call& call);

// list_edit.cc
Result<> linsert(Call& call);
Result<> lrem(Call& call);
Result<> lset(Call& call);
Result<> ltrim(Call& call);

// list_move.cc
Result<> lmove(Call& call);
Result<> lmpop(Call& call);
Result<> rpoplpush(Call& call);

// list_block.cc
Result<> blmove(Call& call);
Result<> blmpop(Call& call);
Result<> blpop(Call& call);
Result<> brpop(Call& call);
Result<> brpoplpush(Call& call);

// --- Shared.

inline values::List list_of(const Call& call, store::Entry* entry) {
  return {entry->body(), call.db.context().limits};
}
// LEFT or RIGHT; a syntax error otherwise.
Result<encodings::ListEnd> end_arg(const Call& call, std::size_t i);

// A list that is there, and may be changed.
struct OpenList {
  const store::Key* key = nullptr;
  commands::Database::Place place;
  store::Entry* entry = nullptr;
  explicit operator bool() const { return entry != nullptr; }
};
// Empty when the key is missing; wrong_type when it is no list.
Result<OpenList> open_list(Call& call, const store::Key& key);

// Takes `count` elements, at most as many as there are, from an end: writes them to the reply as an
// array, raises the events, erases the key when nothing is left. Tells how many there were.
std::size_t pop_to_reply(Call& call, const OpenList& list, encodings::ListEnd end,
                         std::size_t count);
// The same for one element, written without an array.
void pop_one_to_reply(Call& call, const OpenList& list, encodings::ListEnd end);
// `count` elements were taken from `end`; `is_empty`: all. Raises the events, erases the key.
void note_pop(Call& call, const OpenList& list, encodings::ListEnd end, std::size_t count,
              bool is_empty);
// The list lost `count` elements by `event`, all of them when `is_empty`.
void note_loss(Call& call, const OpenList& list, Bytes event, std::size_t count, bool is_empty);

// The arguments of LMPOP from numkeys on: numkeys key [key ...] LEFT|RIGHT [COUNT count].
struct PopOptions {
  encodings::ListEnd end = encodings::ListEnd::head;
  std::size_t count = 1;
};
Result<PopOptions> pop_options(const Call& call, std::size_t numkeys_at);
// Pops from the first of the call's keys that is there, and replies with its name and the elements;
// logged as LPOP or RPOP. False when none is there: then there is no reply yet.
Result<bool> pop_from_first(Call& call, const PopOptions& options);

// Takes an element from one end of a list to one end of another, or the same: the keys of the call.
// False when there is no source.
Result<bool> move_element(Call& call, encodings::ListEnd from, encodings::ListEnd to);

}  // namespace banyan::collections
