#include <algorithm>
#include <bit>

#include "strings/bitmap_handlers.h"
#include "values/bits.h"

namespace banyan::strings {

using namespace commands;

namespace {

using store::Entry;

// Bits [first, end) of a text.
struct BitRange {
  std::uint64_t first = 0;
  std::uint64_t end = 0;
  bool empty() const { return first >= end; }
};

// What `start` and `end`, in bytes or bits, choose of a text of `size` bytes. As for GETRANGE, an
// end that lies before the first one means the first one.
BitRange bits_between(std::int64_t start, std::int64_t end, bool in_bits, std::size_t size) {
  const auto count = static_cast<std::int64_t>(in_bits ? size * 8 : size);
  const auto from_front = [count](std::int64_t index) {
    return std::max<std::int64_t>(index < 0 ? index + count : index, 0);
  };
  start = from_front(start);
  end = std::min(from_front(end), count - 1);
  if (start > end) return {};
  const std::uint64_t unit = in_bits ? 1 : 8;
  return {static_cast<std::uint64_t>(start) * unit, static_cast<std::uint64_t>(end + 1) * unit};
}

// BYTE or BIT, at word `i`.
Result<bool> is_in_bits(const Call& call, std::size_t i) {
  if (call.is(i, "BIT")) return true;
  if (call.is(i, "BYTE")) return false;
  return fail(Errc::syntax);
}

std::uint64_t count_range(Bytes text, BitRange range) {
  const std::size_t first = range.first / 8;
  const std::size_t last = (range.end - 1) / 8;
  std::uint64_t count = values::count_ones(text.substr(first, last - first + 1));
  const auto byte_at = [text](std::size_t at) { return static_cast<unsigned char>(text[at]) + 0U; };
  // Counted, but outside: the high bits of the first byte, the low ones of the last.
  count -= static_cast<unsigned>(std::popcount(byte_at(first) >> 1 >> (7 - range.first % 8)));
  const unsigned outside = byte_at(last) & (0xffU >> ((range.end - 1) % 8 + 1));
  return count - static_cast<unsigned>(std::popcount(outside));
}

void reply_unsigned(Call& call, std::uint64_t value) {
  call.reply.integer(static_cast<std::int64_t>(value));
}

}  // namespace

Result<> getbit(Call& call) {
  TRY(const std::uint64_t offset, bit_offset(call, call.arg(2)));
  TRY(const Entry* entry, call.db.find_string(call.key()));
  IntegerText room;
  call.reply.integer(entry != nullptr && values::bit_at(entry->text(room), offset) ? 1 : 0);
  return {};
}

Result<> bitcount(Call& call) {
  TRY(const Entry* entry, call.db.find_string(call.key()));
  IntegerText room;
  const Bytes text = entry != nullptr ? entry->text(room) : Bytes();
  if (entry == nullptr || call.size() == 2) {
    reply_unsigned(call, values::count_ones(text));
    return {};
  }
  if (call.size() != 4 && call.size() != 5) return fail(Errc::syntax);
  TRY(const std::int64_t start, call.int_arg(2));
  TRY(const std::int64_t end, call.int_arg(3));
  BitRange range;
  if (start >= 0 || end >= 0 || start <= end) {  // else nothing, whatever the unit
    bool in_bits = false;
    if (call.size() == 5) {
      TRY(in_bits, is_in_bits(call, 4));
    }
    range = bits_between(start, end, in_bits, text.size());
  }
  reply_unsigned(call, range.empty() ? 0 : count_range(text, range));
  return {};
}

Result<> bitpos(Call& call) {
  TRY(const std::int64_t wanted, call.int_arg(2));
  if (wanted != 0 && wanted != 1) return fail("The bit argument must be 1 or 0.");
  TRY(const Entry* entry, call.db.find_string(call.key()));
  if (entry == nullptr) {
    call.reply.integer(wanted == 0 ? 0 : -1);
    return {};
  }
  IntegerText room;
  const Bytes text = entry->text(room);
  if (call.size() > 6) return fail(Errc::syntax);
  std::int64_t start = 0;
  std::int64_t end = -1;
  bool in_bits = false;
  if (call.size() > 3) {
    TRY(start, call.int_arg(3));
  }
  if (call.size() > 5) {
    TRY(in_bits, is_in_bits(call, 5));
  }
  if (call.size() > 4) {
    TRY(end, call.int_arg(4));
  }
  const BitRange range = bits_between(start, end, in_bits, text.size());
  const auto found = values::find_bit(text, wanted == 1, range.first, range.end);
  if (found) {
    reply_unsigned(call, *found);
  } else if (wanted == 0 && !range.empty() && call.size() <= 4) {
    reply_unsigned(call, range.end);  // without an end, zeroes go on behind the string
  } else {
    call.reply.integer(-1);
  }
  return {};
}

}  // namespace banyan::strings
