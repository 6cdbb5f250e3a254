// The commands of the bitmap family, as data.
#include "strings/bitmap_handlers.h"
#include "strings/families.h"

namespace banyan::strings {

using namespace commands;

namespace {

constexpr Flag kGrow = Flag::write | Flag::deny_oom;
constexpr KeyFlag kReads = KeyFlag::ro | KeyFlag::access;
constexpr KeyFlag kReadsAndUpdates = KeyFlag::rw | KeyFlag::access | KeyFlag::update;

constexpr CommandSpec kTable[] = {
    {.name = "bitcount",
     .summary = "Counts the bits of a string that are one.",
     .complexity = "O(N), N being the length of the string or of the range.",
     .since = "2.6.0",
     .group = Group::bitmap,
     .arity = at_least(2),
     .flags = Flag::readonly,
     .keys = {key_at(1, kReads)},
     .syntax = "key [range: start:integer end:integer [unit: BYTE | BIT]]",
     .run = bitcount},
    {.name = "bitfield",
     .summary = "Reads, sets and adds to numbers of any width in a string.",
     .complexity = "O(1) for each operation.",
     .since = "3.2.0",
     .group = Group::bitmap,
     .arity = at_least(2),
     .flags = kGrow,
     .keys = {key_at(1, kReadsAndUpdates | KeyFlag::variable_flags)},
     .syntax = "key [operation: GET <get-block: encoding:string offset:integer> | "
               "<write: [overflow-block: OVERFLOW <overflow: WRAP | SAT | FAIL>] "
               "<write-operation: SET <set-block: encoding:string offset:integer value:integer> | "
               "INCRBY <incrby-block: encoding:string offset:integer increment:integer>>> ...]",
     .run = bitfield},
    {.name = "bitfield_ro",
     .summary = "Reads numbers of any width in a string.",
     .complexity = "O(1) for each operation.",
     .since = "6.0.0",
     .group = Group::bitmap,
     .arity = at_least(2),
     .flags = Flag::readonly | Flag::fast,
     .keys = {key_at(1, kReads)},
     .syntax = "key [GET <get-block: encoding:string offset:integer> ...]",
     .run = bitfield_ro},
    {.name = "bitop",
     .summary = "Combines strings bit by bit, and stores the result.",
     .complexity = "O(N), N being the length of all the strings.",
     .since = "2.6.0",
     .group = Group::bitmap,
     .arity = at_least(4),
     .flags = kGrow,
     .keys = {key_at(2, KeyFlag::ow | KeyFlag::update), keys_from(3, kReads)},
     .syntax = "<operation: AND | OR | XOR | NOT> destkey:key key [key ...]",
     .run = bitop},
    {.name = "bitpos",
     .summary = "Finds the first bit of a string that is one, or zero.",
     .complexity = "O(N), N being the length of what is searched.",
     .since = "2.8.7",
     .group = Group::bitmap,
     .arity = at_least(3),
     .flags = Flag::readonly,
     .keys = {key_at(1, kReads)},
     .syntax = "key bit:integer [range: start:integer [end-unit-block: end:integer [unit: BYTE | "
               "BIT]]]",
     .run = bitpos},
    {.name = "getbit",
     .summary = "Tells one bit of a string.",
     .complexity = "O(1)",
     .since = "2.2.0",
     .group = Group::bitmap,
     .arity = exactly(3),
     .flags = Flag::readonly | Flag::fast,
     .keys = {key_at(1, kReads)},
     .syntax = "key offset:integer",
     .run = getbit},
    {.name = "setbit",
     .summary = "Sets one bit of a string, which grows where it is too short.",
     .complexity = "O(1)",
     .since = "2.2.0",
     .group = Group::bitmap,
     .arity = exactly(4),
     .flags = kGrow,
     .keys = {key_at(1, kReadsAndUpdates)},
     .syntax = "key offset:integer value:integer",
     .run = setbit},
};
static_assert(valid(kTable));

}  // namespace

Family bitmap_commands() { return kTable; }

}  // namespace banyan::strings
