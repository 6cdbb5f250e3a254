#include <algorithm>
#include <memory>
#include <vector>

#include "strings/bitmap_handlers.h"
#include "values/bits.h"

namespace banyan::strings {

using namespace commands;

namespace {

using store::Entry;
using values::BitOperation;

Result<BitOperation> operation_of(Bytes word) {
  if (equals_ignoring_case(word, "AND")) return BitOperation::bit_and;
  if (equals_ignoring_case(word, "OR")) return BitOperation::bit_or;
  if (equals_ignoring_case(word, "XOR")) return BitOperation::bit_xor;
  if (equals_ignoring_case(word, "NOT")) return BitOperation::bit_not;
  return fail(Errc::syntax);
}

// What an operation makes is "raw" for OBJECT ENCODING, however short.
void store_result(Call& call, Bytes result) {
  const store::Key& key = call.key(0);
  call.db.set_string(key, {.text = result, .integer = std::nullopt});
  if (result.size() <= store::kInlineBytesMax)
    call.db.resize_string(key, call.db.place(key), result.size());
  call.db.changed(key, EventKind::string, "set");
}

}  // namespace

Result<std::uint64_t> bit_offset(const Call& call, Bytes word, unsigned width) {
  constexpr auto kText = "bit offset is not an integer or out of range";
  const bool in_fields = width != 0 && word.starts_with('#');
  const auto number = parse_int(word.substr(in_fields ? 1 : 0));
  std::int64_t offset = 0;
  if (!number || __builtin_mul_overflow(*number, in_fields ? width : 1U, &offset) || offset < 0)
    return fail(kText);
  const auto bit = static_cast<std::uint64_t>(offset);
  // What our primary did happened: its own limit counts, and it was kept.
  if (call.session.kind != SessionKind::primary && bit / 8 >= call.string_bytes_max)
    return fail(kText);
  return bit;
}

Result<> setbit(Call& call) {
  constexpr auto kNoBit = "bit is not an integer or out of range";
  TRY(const std::uint64_t offset, bit_offset(call, call.arg(2)));
  const auto wanted = parse_int(call.arg(3));
  if (!wanted || *wanted < 0 || *wanted > 1) return fail(kNoBit);
  TRY(const Database::Place place, call.db.string_place(call.key()));
  const std::size_t before = place ? place.entry()->text_size() : 0;
  const std::size_t size = std::max<std::size_t>(before, offset / 8 + 1);
  char* text = call.db.resize_string(call.key(), place, size);
  const bool was = values::bit_at({text, size}, offset);
  if (size != before || was != (*wanted == 1)) {
    values::set_bit(text, offset, *wanted == 1);
    call.db.changed(call.key(), EventKind::string, "setbit");
  }
  call.reply.integer(was ? 1 : 0);
  return {};
}

Result<> bitop(Call& call) {
  TRY(const BitOperation operation, operation_of(call.arg(1)));
  if (operation == BitOperation::bit_not && call.size() != 4)
    return fail("BITOP NOT must be called with a single source key.");
  const std::size_t count = call.keys.size() - 1;
  const auto rooms = std::make_unique<IntegerText[]>(count);
  std::vector<Bytes> texts;
  std::size_t size = 0;
  for (std::size_t i = 0; i < count; ++i) {
    TRY(const Entry* entry, call.db.find_string(call.key(i + 1)));
    texts.push_back(entry != nullptr ? entry->text(rooms[i]) : Bytes());
    size = std::max(size, texts.back().size());
  }
  if (size > 0) {
    const auto result = std::make_unique_for_overwrite<char[]>(size);
    values::combine_bits(operation, texts, result.get());
    store_result(call, {result.get(), size});
  } else if (call.db.erase(call.key(0))) {
    call.db.changed(call.key(0), EventKind::generic, "del");
  }
  call.reply.integer(static_cast<std::int64_t>(size));
  return {};
}

}  // namespace banyan::strings
