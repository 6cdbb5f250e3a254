// The handlers of the string family; string.cc has their table.
//
// Threads   See Call.
#pragma once

#include "commands/call.h"

namespace banyan::strings {

using commands::Call;

// string_read.cc
Result<> get(Call& call);
Result<> getrange(Call& call);
Result<> mget(Call& call);
Result<> strlen_of(Call& call);

// string_set.cc
Result<> delifeq(Call& call);
Result<> getdel(Call& call);
Result<> getex(Call& call);
Result<> getset(Call& call);
Result<> mset(Call& call);
Result<> msetnx(Call& call);
Result<> psetex(Call& call);
Result<> set(Call& call);
Result<> setex(Call& call);
Result<> setnx(Call& call);

// string_edit.cc
Result<> append(Call& call);
Result<> setrange(Call& call);

// string_counter.cc
Result<> decr(Call& call);
Result<> decrby(Call& call);
Result<> incr(Call& call);
Result<> incrby(Call& call);
Result<> incrbyfloat(Call& call);

// lcs.cc
Result<> lcs(Call& call);

}  // namespace banyan::strings
