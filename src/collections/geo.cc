// The commands of the geo family, as data.
#include "collections/families.h"
#include "collections/geo_handlers.h"

namespace banyan::collections {

using namespace commands;

namespace {

constexpr KeyFlag kReads = KeyFlag::ro | KeyFlag::access;
constexpr KeySpec stored(std::int16_t index, std::string_view keyword) {
  return {.flags = KeyFlag::ow | KeyFlag::update,
          .begin = KeySpec::Begin::keyword,
          .index = index,
          .keyword = keyword};
}

constexpr CommandSpec kTable[] = {
    {.name = "geoadd",
     .summary = "Adds places, as members of a sorted set, or moves them.",
     .complexity = "O(log(N)) for each place.",
     .since = "3.2.0",
     .group = Group::geo,
     .arity = at_least(5),
     .flags = Flag::write | Flag::deny_oom,
     .keys = {key_at(1, KeyFlag::rw | KeyFlag::update)},
     .syntax = "key [condition: NX | XX] [CH] <data: longitude:double latitude:double member> ...",
     .run = geoadd},
    {.name = "geodist",
     .summary = "Tells how far two places are apart.",
     .complexity = "O(1)",
     .since = "3.2.0",
     .group = Group::geo,
     .arity = at_least(4),
     .flags = Flag::readonly,
     .keys = {key_at(1, kReads)},
     .syntax = "key member1 member2 [unit: M | KM | FT | MI]",
     .run = geodist},
    {.name = "geohash",
     .summary = "Tells places as geohash texts.",
     .complexity = "O(1) for each place.",
     .since = "3.2.0",
     .group = Group::geo,
     .arity = at_least(2),
     .flags = Flag::readonly,
     .keys = {key_at(1, kReads)},
     .syntax = "key [member ...]",
     .run = geohash},
    {.name = "geopos",
     .summary = "Tells the longitude and latitude of places.",
     .complexity = "O(1) for each place.",
     .since = "3.2.0",
     .group = Group::geo,
     .arity = at_least(2),
     .flags = Flag::readonly,
     .keys = {key_at(1, kReads)},
     .syntax = "key [member ...]",
     .run = geopos},
    {.name = "georadius",
     .summary = "Finds the places within a distance of a point, and may store them.",
     .complexity = "O(N + log(M)) for N places in the area's box and M in the index.",
     .since = "3.2.0",
     .group = Group::geo,
     .arity = at_least(6),
     .flags = Flag::write | Flag::deny_oom,
     .keys = {key_at(1, kReads), stored(6, "STORE"), stored(6, "STOREDIST")},
     .syntax = "key longitude:double latitude:double radius:double <M | KM | FT | MI> [WITHCOORD] "
               "[WITHDIST] [WITHHASH] [COUNT count [ANY]] [order: ASC | DESC] [store: STORE "
               "storekey:key | STOREDIST storedistkey:key]",
     .deprecated_since = "6.2.0",
     .replaced_by = "`GEOSEARCH` and `GEOSEARCHSTORE` with the `BYRADIUS` argument",
     .run = georadius},
    {.name = "georadius_ro",
     .summary = "Finds the places within a distance of a point.",
     .complexity = "O(N + log(M)) for N places in the area's box and M in the index.",
     .since = "3.2.10",
     .group = Group::geo,
     .arity = at_least(6),
     .flags = Flag::readonly,
     .keys = {key_at(1, kReads)},
     .syntax = "key longitude:double latitude:double radius:double <M | KM | FT | MI> [WITHCOORD] "
               "[WITHDIST] [WITHHASH] [COUNT count [ANY]] [order: ASC | DESC]",
     .deprecated_since = "6.2.0",
     .replaced_by = "`GEOSEARCH` with the `BYRADIUS` argument",
     .run = georadius_ro},
    {.name = "georadiusbymember",
     .summary = "Finds the places within a distance of a member, and may store them.",
     .complexity = "O(N + log(M)) for N places in the area's box and M in the index.",
     .since = "3.2.0",
     .group = Group::geo,
     .arity = at_least(5),
     .flags = Flag::write | Flag::deny_oom,
     .keys = {key_at(1, kReads), stored(5, "STORE"), stored(5, "STOREDIST")},
     .syntax = "key member radius:double <M | KM | FT | MI> [WITHCOORD] [WITHDIST] [WITHHASH] "
               "[COUNT count [ANY]] [order: ASC | DESC] [store: STORE storekey:key | STOREDIST "
               "storedistkey:key]",
     .deprecated_since = "6.2.0",
     .replaced_by =
         "`GEOSEARCH` and `GEOSEARCHSTORE` with the `BYRADIUS` and `FROMMEMBER` arguments",
     .run = georadiusbymember},
    {.name = "georadiusbymember_ro",
     .summary = "Finds the places within a distance of a member.",
     .complexity = "O(N + log(M)) for N places in the area's box and M in the index.",
     .since = "3.2.10",
     .group = Group::geo,
     .arity = at_least(5),
     .flags = Flag::readonly,
     .keys = {key_at(1, kReads)},
     .syntax = "key member radius:double <M | KM | FT | MI> [WITHCOORD] [WITHDIST] [WITHHASH] "
               "[COUNT count [ANY]] [order: ASC | DESC]",
     .deprecated_since = "6.2.0",
     .replaced_by = "`GEOSEARCH` with the `BYRADIUS` and `FROMMEMBER` arguments",
     .run = georadiusbymember_ro},
    {.name = "geosearch",
     .summary = "Finds the places inside a circle or a box.",
     .complexity = "O(N + log(M)) for N places in the area's box and M in the index.",
     .since = "6.2.0",
     .group = Group::geo,
     .arity = at_least(7),
     .flags = Flag::readonly,
     .keys = {key_at(1, kReads)},
     .syntax =
         "key <from: FROMMEMBER member | FROMLONLAT longitude:double latitude:double> <by: "
         "BYRADIUS radius:double <M | KM | FT | MI> | BYBOX width:double height:double <M | KM | "
         "FT | MI>> [order: ASC | DESC] [COUNT count [ANY]] [WITHCOORD] [WITHDIST] [WITHHASH]",
     .run = geosearch},
    {.name = "geosearchstore",
     .summary = "Stores the places inside a circle or a box.",
     .complexity = "O(N + log(M)) for N places in the area's box and M in the index.",
     .since = "6.2.0",
     .group = Group::geo,
     .arity = at_least(8),
     .flags = Flag::write | Flag::deny_oom,
     .keys = {key_at(1, KeyFlag::ow | KeyFlag::update), key_at(2, kReads)},
     .syntax =
         "destination:key source:key <from: FROMMEMBER member | FROMLONLAT longitude:double "
         "latitude:double> <by: BYRADIUS radius:double <M | KM | FT | MI> | BYBOX width:double "
         "height:double <M | KM | FT | MI>> [order: ASC | DESC] [COUNT count [ANY]] [STOREDIST]",
     .run = geosearchstore},
};
static_assert(valid(kTable));

}  // namespace

Family geo_commands() { return kTable; }

}  // namespace banyan::collections
