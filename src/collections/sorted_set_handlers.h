// The handlers of the sorted set family; sorted_set.cc has their table.
//
// Threads   See Call.
#pragma once

#include "commands/call.h"

namespace banyan::collections {

using commands::Call;

// sorted_set_add.cc
Result<> zadd(Call& call);
Result<> zincrby(Call& call);

// sorted_set_read.cc
Result<> zcard(Call& call);
Result<> zcount(Call& call);
Result<> zlexcount(Call& call);
Result<> zmscore(Call& call);
Result<> zrank(Call& call);
Result<> zrevrank(Call& call);
Result<> zscan(Call& call);
Result<> zscore(Call& call);

// sorted_set_random.cc
Result<> zrandmember(Call& call);

// sorted_set_range.cc
Result<> zrange(Call& call);
Result<> zrangebylex(Call& call);
Result<> zrangebyscore(Call& call);
Result<> zrangestore(Call& call);
Result<> zrevrange(Call& call);
Result<> zrevrangebylex(Call& call);
Result<> zrevrangebyscore(Call& call);

// sorted_set_remove.cc
Result<> zrem(Call& call);
Result<> zremrangebylex(Call& call);
Result<> zremrangebyrank(Call& call);
Result<> zremrangebyscore(Call& call);

// sorted_set_pop.cc
Result<> bzmpop(Call& call);
Result<> bzpopmax(Call& call);
Result<> bzpopmin(Call& call);
Result<> zmpop(Call& call);
Result<> zpopmax(Call& call);
Result<> zpopmin(Call& call);

// sorted_set_combine.cc
Result<> zdiff(Call& call);
Result<> zdiffstore(Call& call);
Result<> zinter(Call& call);
Result<> zintercard(Call& call);
Result<> zinterstore(Call& call);
Result<> zunion(Call& call);
Result<> zunionstore(Call& call);

}  // namespace banyan::collections
