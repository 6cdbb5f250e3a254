// The handlers of the hash family; hash.cc has their table.
//
// Threads   See Call.
#pragma once

#include "collections/hash_access.h"

namespace banyan::collections {

using commands::Call;

// hash_read.cc
Result<> hexists(Call& call);
Result<> hget(Call& call);
Result<> hgetall(Call& call);
Result<> hkeys(Call& call);
Result<> hlen(Call& call);
Result<> hmget(Call& call);
Result<> hscan(Call& call);
Result<> hstrlen(Call& call);
Result<> hvals(Call& call);

// hash_write.cc
Result<> hdel(Call& call);
Result<> hincrby(Call& call);
Result<> hincrbyfloat(Call& call);
Result<> hmset(Call& call);
Result<> hset(Call& call);
Result<> hsetnx(Call& call);

// hash_random.cc
Result<> hrandfield(Call& call);

// hash_expire.cc
Result<> hexpire(Call& call);
Result<> hexpireat(Call& call);
Result<> hexpiretime(Call& call);
Result<> hpersist(Call& call);
Result<> hpexpire(Call& call);
Result<> hpexpireat(Call& call);
Result<> hpexpiretime(Call& call);
Result<> hpttl(Call& call);
Result<> httl(Call& call);

// hash_with_expiry.cc
Result<> hgetdel(Call& call);
Result<> hgetex(Call& call);
Result<> hsetex(Call& call);

}  // namespace banyan::collections
