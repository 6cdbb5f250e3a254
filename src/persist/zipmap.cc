// Layout of a zipmap: the number of pairs (1 byte; 254: unknown), pairs, 0xff. A pair is a length
// and the field, a length, a number of unused bytes (1 byte), the value, and the unused bytes. A
// length is 1 byte below 254, or 254 and 4 bytes.
#include "persist/zipmap.h"

namespace banyan::persist {
namespace {

using encodings::Listpack;
using encodings::ListpackValue;

constexpr std::uint8_t kLongLength = 254;
constexpr std::uint8_t kEnd = 255;

std::optional<std::size_t> take_length(Bytes& rest) {
  if (rest.empty()) return std::nullopt;
  const auto first = static_cast<std::uint8_t>(rest[0]);
  rest.remove_prefix(1);
  if (first < kLongLength) return first;
  if (first == kEnd || rest.size() < 4) return std::nullopt;
  const std::size_t length = load<std::uint32_t>(rest.data());
  rest.remove_prefix(4);
  return length;
}

std::optional<Bytes> take(Bytes& rest, std::size_t size) {
  if (size > rest.size()) return std::nullopt;
  const Bytes taken = rest.substr(0, size);
  rest.remove_prefix(size);
  return taken;
}

// The pair at the front; false when it is none.
bool take_pair(Bytes& rest, ListpackValue (&pair)[2]) {
  const auto field_size = take_length(rest);
  if (!field_size) return false;
  const auto field = take(rest, *field_size);
  if (!field) return false;
  const auto value_size = take_length(rest);
  if (!value_size) return false;
  const auto unused = take(rest, 1);
  if (!unused) return false;
  const auto value = take(rest, *value_size);
  if (!value || !take(rest, static_cast<std::uint8_t>((*unused)[0]))) return false;
  pair[0] = ListpackValue::of(*field);
  pair[1] = ListpackValue::of(*value);
  return true;
}

}  // namespace

std::optional<Listpack> listpack_of_zipmap(Bytes bytes) {
  if (bytes.size() < 2) return std::nullopt;
  const auto claimed = static_cast<std::uint8_t>(bytes[0]);
  Bytes rest = bytes.substr(1);
  Listpack pack = Listpack::make();
  std::size_t count = 0;
  while (rest.size() > 1) {
    ListpackValue pair[2];
    if (!take_pair(rest, pair)) break;
    pack.insert(pack.end(), pair);
    ++count;
  }
  const bool ends_well = rest.size() == 1 && static_cast<std::uint8_t>(rest[0]) == kEnd;
  if (ends_well && (claimed >= kLongLength || claimed == count)) return pack;
  pack.destroy();
  return std::nullopt;
}

}  // namespace banyan::persist
