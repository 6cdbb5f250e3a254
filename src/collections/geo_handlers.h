// The handlers of the geo family; geo.cc has their table.
//
// Threads   See Call.
#pragma once

#include "collections/geo_cell.h"
#include "commands/call.h"

namespace banyan::collections {

using commands::Call;

// geo_place.cc
Result<> geoadd(Call& call);
Result<> geodist(Call& call);
Result<> geohash(Call& call);
Result<> geopos(Call& call);

// geo_search.cc
Result<> georadius(Call& call);
Result<> georadius_ro(Call& call);
Result<> georadiusbymember(Call& call);
Result<> georadiusbymember_ro(Call& call);
Result<> geosearch(Call& call);
Result<> geosearchstore(Call& call);

namespace geo {

// Two words: longitude and latitude.
Result<Point> point_arg(const Call& call, std::size_t i);
// How many metres the unit is.
Result<double> unit_arg(const Call& call, std::size_t i);
// With four decimals.
void reply_distance(resp::ReplyWriter& reply, double distance);
void reply_point(resp::ReplyWriter& reply, const Point& point);

}  // namespace geo
}  // namespace banyan::collections
