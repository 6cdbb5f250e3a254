// BITFIELD: numbers of 1 to 64 bits anywhere in a string.
#include <algorithm>
#include <vector>

#include "strings/bitmap_handlers.h"
#include "values/bits.h"

namespace banyan::strings {

using namespace commands;

namespace {

using store::Entry;
using Wide = __int128;  // holds the sum of any two numbers that a field or a word may be

struct FieldType {
  bool is_signed = false;
  unsigned bits = 0;

  Wide max() const { return (Wide{1} << (is_signed ? bits - 1 : bits)) - 1; }
  Wide min() const { return is_signed ? -max() - 1 : 0; }
  bool holds(Wide value) const { return value >= min() && value <= max(); }
  // The number that the lowest bits of `value` spell.
  std::int64_t wrapped(std::uint64_t value) const {
    const unsigned unused = 64 - bits;
    return is_signed ? static_cast<std::int64_t>(value << unused) >> unused
                     : static_cast<std::int64_t>(value << unused >> unused);
  }
};

enum class Overflow : std::uint8_t { wrap, saturate, refuse };

struct Operation {
  enum class Kind : std::uint8_t { get, set, add };
  Kind kind = Kind::get;
  FieldType type = {};
  Overflow overflow = Overflow::wrap;
  std::uint64_t offset = 0;
  std::int64_t operand = 0;

  bool writes() const { return kind != Kind::get; }
  std::size_t bytes_needed() const { return (offset + type.bits + 7) / 8; }
};

struct Kind {
  Bytes word;
  Operation::Kind kind;
  std::size_t operands;
};
constexpr Kind kKinds[] = {{"GET", Operation::Kind::get, 2},
                           {"SET", Operation::Kind::set, 3},
                           {"INCRBY", Operation::Kind::add, 3}};

Result<FieldType> parse_type(Bytes word) {
  const auto bits = parse_int(word.substr(std::min<std::size_t>(word.size(), 1)));
  const bool is_signed = word.starts_with('i');
  if ((!is_signed && !word.starts_with('u')) || !bits || *bits < 1 || *bits > (is_signed ? 64 : 63))
    return fail(
        "Invalid bitfield type. Use something like i16 u8. Note that u64 is not supported "
        "but i64 is.");
  return FieldType{.is_signed = is_signed, .bits = static_cast<unsigned>(*bits)};
}

Result<Overflow> parse_overflow(Bytes word) {
  if (equals_ignoring_case(word, "WRAP")) return Overflow::wrap;
  if (equals_ignoring_case(word, "SAT")) return Overflow::saturate;
  if (equals_ignoring_case(word, "FAIL")) return Overflow::refuse;
  return fail("Invalid OVERFLOW type specified");
}

Result<std::vector<Operation>> parse_operations(const Call& call) {
  std::vector<Operation> operations;
  Overflow overflow = Overflow::wrap;
  for (std::size_t i = 2; i < call.size();) {
    const std::size_t left = call.size() - i - 1;
    if (call.is(i, "OVERFLOW") && left >= 1) {
      TRY(overflow, parse_overflow(call.arg(i + 1)));
      i += 2;
      continue;
    }
    const Kind* kind = std::ranges::find_if(
        kKinds, [&](const Kind& k) { return call.is(i, k.word) && left >= k.operands; });
    if (kind == std::end(kKinds)) return fail(Errc::syntax);
    Operation operation{.kind = kind->kind, .overflow = overflow};
    TRY(operation.type, parse_type(call.arg(i + 1)));
    TRY(operation.offset, bit_offset(call, call.arg(i + 2), operation.type.bits));
    if (operation.writes()) {
      TRY(operation.operand, call.int_arg(i + 3));
    }
    operations.push_back(operation);
    i += 1 + kind->operands;
  }
  return operations;
}

std::int64_t read(Bytes text, const Operation& operation) {
  return operation.type.wrapped(values::field_at(text, operation.offset, operation.type.bits));
}

// What SET or INCRBY makes of the number `old`; null where it does not fit and must not be forced.
std::optional<std::int64_t> result_of(const Operation& operation, std::int64_t old) {
  const FieldType type = operation.type;
  Wide value = operation.operand;
  if (operation.kind == Operation::Kind::add) {
    value += old;
  } else if (!type.is_signed) {
    value = static_cast<std::uint64_t>(operation.operand);  // below zero is far above the maximum
  }
  if (type.holds(value)) return static_cast<std::int64_t>(value);
  switch (operation.overflow) {
    case Overflow::wrap:
      return type.wrapped(static_cast<std::uint64_t>(value));
    case Overflow::saturate:
      return static_cast<std::int64_t>(value > type.max() ? type.max() : type.min());
    case Overflow::refuse:
      break;
  }
  return std::nullopt;
}

// Carries out SET or INCRBY and replies. True when the number changed.
bool write(Call& call, char* text, std::size_t size, const Operation& operation) {
  const std::int64_t old = read({text, size}, operation);
  const std::optional<std::int64_t> fresh = result_of(operation, old);
  if (!fresh) {
    call.reply.null();
    return false;
  }
  values::set_field(text, size, operation.offset, operation.type.bits,
                    static_cast<std::uint64_t>(*fresh));
  call.reply.integer(operation.kind == Operation::Kind::set ? old : *fresh);
  return old != *fresh;
}

Result<> only_read(Call& call, const std::vector<Operation>& operations) {
  TRY(const Entry* entry, call.db.find_string(call.key()));
  IntegerText room;
  const Bytes text = entry != nullptr ? entry->text(room) : Bytes();
  call.reply.array(operations.size());
  for (const Operation& operation : operations) call.reply.integer(read(text, operation));
  return {};
}

Result<> read_and_write(Call& call, const std::vector<Operation>& operations) {
  TRY(const Database::Place place, call.db.string_place(call.key()));
  const std::size_t before = place ? place.entry()->text_size() : 0;
  std::size_t size = before;
  for (const Operation& operation : operations)
    if (operation.writes()) size = std::max(size, operation.bytes_needed());
  char* text = call.db.resize_string(call.key(), place, size);
  const bool grew = size != before;
  std::uint64_t changes = 0;
  call.reply.array(operations.size());
  for (const Operation& operation : operations) {
    if (!operation.writes()) {
      call.reply.integer(read({text, size}, operation));
    } else if (write(call, text, size, operation)) {
      ++changes;
    }
  }
  // A string that only grew, by an operation that then was refused, must grow on replicas too.
  if (changes == 0 && !grew) return {};
  call.db.changed(call.key(), EventKind::string, "setbit");
  if (changes > 1) call.effects().changed(changes - 1);
  return {};
}

}  // namespace

Result<> bitfield(Call& call) {
  TRY(const std::vector<Operation> operations, parse_operations(call));
  if (std::ranges::any_of(operations, &Operation::writes)) return read_and_write(call, operations);
  return only_read(call, operations);
}

Result<> bitfield_ro(Call& call) {
  TRY(const std::vector<Operation> operations, parse_operations(call));
  if (std::ranges::any_of(operations, &Operation::writes))
    return fail("BITFIELD_RO only supports the GET subcommand");
  return only_read(call, operations);
}

}  // namespace banyan::strings
