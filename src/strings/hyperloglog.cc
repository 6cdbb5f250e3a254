#include "strings/hyperloglog_handlers.h"

#include "strings/families.h"
#include "values/hyperloglog.h"

namespace banyan::strings {

using namespace commands;

namespace {

using store::Entry;
using values::HllElement;

constexpr Flag kGrow = Flag::write | Flag::deny_oom;

constexpr CommandSpec kTable[] = {
    {.name = "pfadd",
     .summary = "Adds elements to a HyperLogLog; a key that is missing is created.",
     .complexity = "O(1) for each element.",
     .since = "2.8.9",
     .group = Group::hyperloglog,
     .arity = at_least(2),
     .flags = kGrow | Flag::fast,
     .keys = {key_at(1, KeyFlag::rw | KeyFlag::insert)},
     .syntax = "key [element ...]",
     .run = pfadd},
    {.name = "pfcount",
     .summary = "Estimates how many different elements HyperLogLogs have seen together.",
     .complexity = "O(1) for one key, whose estimate is kept; O(N) for N keys.",
     .since = "2.8.9",
     .group = Group::hyperloglog,
     .arity = at_least(2),
     .flags = Flag::readonly | Flag::may_replicate | Flag::shares_keys,
     .keys = {keys_from(1, KeyFlag::rw | KeyFlag::access)},
     .syntax = "key [key ...]",
     .run = pfcount},
    {.name = "pfdebug",
     .summary = "Shows the inside of a HyperLogLog.",
     .complexity = "N/A",
     .since = "2.8.9",
     .group = Group::hyperloglog,
     .arity = exactly(3),
     .flags = kGrow | Flag::admin,
     .keys = {key_at(2, KeyFlag::rw | KeyFlag::access)},
     .syntax = "subcommand key",
     .run = pfdebug},
    {.name = "pfmerge",
     .summary = "Makes a HyperLogLog see what others have seen.",
     .complexity = "O(N), N being the number of HyperLogLogs.",
     .since = "2.8.9",
     .group = Group::hyperloglog,
     .arity = at_least(2),
     .flags = kGrow,
     .keys = {key_at(1, KeyFlag::rw | KeyFlag::access | KeyFlag::insert),
              keys_from(2, KeyFlag::ro | KeyFlag::access)},
     .syntax = "destkey [sourcekey ...]",
     .run = pfmerge},
    {.name = "pfselftest",
     .summary = "Tries whether HyperLogLogs work on this machine.",
     .complexity = "N/A",
     .since = "2.8.9",
     .group = Group::hyperloglog,
     .arity = exactly(1),
     .flags = Flag::admin,
     .run = pfselftest},
};
static_assert(valid(kTable));

std::size_t sparse_bytes_max(const Call& call) { return call.db.context().limits.hll_sparse_bytes; }

// How many of the elements changed something.
std::uint64_t add_to_dense(Call& call, const Database::Place& place) {
  char* text = call.db.resize_string(call.key(), place, values::kHllDenseBytes);
  std::uint64_t changes = 0;
  for (const Bytes element : call.words.subspan(2))
    if (values::raise_dense(text, HllElement::of(element))) ++changes;
  if (changes > 0) values::forget_cardinality(text);
  return changes;
}

// Counts the key's creation as a change.
Result<std::uint64_t> add_to_sparse(Call& call, const Database::Place& place, std::string text) {
  std::uint64_t changes = place ? 0 : 1;
  for (const Bytes element : call.words.subspan(2)) {
    TRY(const bool rose,
        values::raise_register(text, HllElement::of(element), sparse_bytes_max(call)));
    if (rose) ++changes;
  }
  // What was about to be changed is "raw", changed or not: OBJECT ENCODING tells.
  if (changes == 0 && place.entry()->encoding() != values::Encoding::embstr) return 0;
  if (changes > 0) values::forget_cardinality(text.data());
  put_hll(call, place, text);
  return changes;
}

Result<std::uint64_t> add_elements(Call& call) {
  TRY(const Database::Place place, call.db.string_place(call.key()));
  if (!place) return add_to_sparse(call, place, values::empty_hll());
  IntegerText room;
  TRY(const Bytes text, hll_text(*place.entry(), room));
  if (values::is_dense(text)) return add_to_dense(call, place);
  return add_to_sparse(call, place, std::string(text));
}

// Every key that exists; the registers as the highest of all. True when one of them is dense.
Result<bool> merge_all(Call& call, values::HllRegisters& registers) {
  bool is_dense = false;
  for (const store::Key& key : call.keys) {
    TRY(const Entry* entry, call.db.find_string(key));
    if (entry == nullptr) continue;
    IntegerText room;
    TRY(const Bytes text, hll_text(*entry, room));
    TRY_DO(registers.merge(text));
    is_dense = is_dense || values::is_dense(text);
  }
  return is_dense;
}

// The text that PFMERGE leaves: `text` with its registers raised to `registers`.
Result<> raise_all(std::string& text, const values::HllRegisters& registers, bool wants_dense,
                   std::size_t sparse_bytes_max) {
  if (wants_dense) {
    TRY_DO(values::make_dense(text));
    registers.write_dense(text.data());
  } else {
    values::HllRegisters before;
    TRY_DO(before.merge(text));
    for (std::uint32_t i = 0; i < values::kHllRegisters; ++i) {
      if (registers[i] == before[i]) continue;  // finding that out by runs would read them all
      TRY_DO(values::raise_register(text, {.index = i, .value = registers[i]}, sparse_bytes_max));
    }
  }
  values::forget_cardinality(text.data());
  return {};
}

Result<> count_together(Call& call) {
  values::HllRegisters registers;
  TRY_DO(merge_all(call, registers));
  call.reply.integer(static_cast<std::int64_t>(registers.count_elements()));
  return {};
}

}  // namespace

Family hyperloglog_commands() { return kTable; }

Result<Bytes> hll_text(const Entry& entry, IntegerText& room) {
  const Bytes text = entry.text(room);
  if (values::is_hll(text)) return text;
  return fail(Errc::custom, "WRONGTYPE Key is not a valid HyperLogLog string value.");
}

void put_hll(Call& call, const Database::Place& place, const std::string& text) {
  const store::Key& key = call.key();
  if (values::is_dense(text))  // of a final size: no room to grow
    return call.db.replace_string(key, place, {.text = text, .integer = std::nullopt});
  text.copy(call.db.resize_string(key, place, text.size()), text.size());
}

Result<> pfadd(Call& call) {
  TRY(const std::uint64_t changes, add_elements(call));
  if (changes > 0) {
    call.db.changed(call.key(), EventKind::string, "pfadd");
    call.effects().changed(changes - 1);
  }
  call.reply.integer(changes > 0 ? 1 : 0);
  return {};
}

Result<> pfcount(Call& call) {
  if (call.size() > 2) return count_together(call);
  TRY(const Entry* entry, call.db.find_string(call.key()));
  if (entry == nullptr) {
    call.reply.integer(0);
    return {};
  }
  IntegerText room;
  TRY(const Bytes text, hll_text(*entry, room));
  std::uint64_t count = values::cached_cardinality(text);
  if (!values::has_cardinality(text)) {
    TRY(count, values::count_elements(text));
    const Database::Place place = call.db.place(call.key());
    values::cache_cardinality(call.db.resize_string(call.key(), place, text.size()), count);
    call.effects().changed();  // the bytes did: replicas shall have the same
  }
  call.reply.integer(static_cast<std::int64_t>(count));
  return {};
}

Result<> pfmerge(Call& call) {
  values::HllRegisters registers;
  TRY(const bool is_dense, merge_all(call, registers));
  const Database::Place place = call.db.place(call.key());
  IntegerText room;
  std::string text = place ? std::string(place.entry()->text(room)) : values::empty_hll();
  TRY_DO(raise_all(text, registers, is_dense, sparse_bytes_max(call)));
  put_hll(call, place, text);
  call.db.changed(call.key(), EventKind::string, "pfadd");
  call.reply.ok();
  return {};
}

}  // namespace banyan::strings
