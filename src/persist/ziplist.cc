// Layout of a ziplist: its size (4 bytes), the offset of the last entry (4), the number of entries
// (2; 65535: unknown), entries, 0xff. An entry is the size of the one before it (1 byte, or 254 and
// 4 bytes), a head that tells type and length, and the data. Lengths in heads are big-endian, all
// else is little-endian.
#include "persist/ziplist.h"

namespace banyan::persist {
namespace {

using encodings::Listpack;
using encodings::ListpackValue;

constexpr std::size_t kHeaderBytes = 10;
constexpr std::uint8_t kEnd = 0xff;
constexpr std::uint16_t kUnknownCount = 65535;

// Takes entries off the front of bytes, with every length checked.
class Reader {
 public:
  explicit Reader(Bytes entries) : rest_(entries) {}

  bool at_end() const { return rest_.empty(); }
  std::size_t left() const { return rest_.size(); }

  // nullopt: it is cut off, or none that Redis writes.
  std::optional<ListpackValue> entry(std::size_t size_before) {
    const auto claimed = number<std::uint8_t>();
    if (!claimed || *claimed == kEnd) return std::nullopt;
    std::optional<std::uint64_t> before = *claimed;
    if (*claimed == 254) before = number<std::uint32_t>();
    if (!before || *before != size_before) return std::nullopt;
    const auto head = number<std::uint8_t>();
    if (!head) return std::nullopt;
    return *head < 0xc0 ? text(*head) : integer(*head);
  }

 private:
  template <class T>
  std::optional<T> number() {
    if (rest_.size() < sizeof(T)) return std::nullopt;
    const T value = load<T>(rest_.data());
    rest_.remove_prefix(sizeof(T));
    return value;
  }
  template <class T>
  std::optional<ListpackValue> integer_of() {
    const auto value = number<T>();
    if (!value) return std::nullopt;
    return ListpackValue::of_integer(*value);
  }

  std::optional<ListpackValue> text(std::uint8_t head) {
    std::size_t size = head & 0x3fU;
    if (head >= 0x80) {
      const auto bytes = number<std::uint32_t>();
      if (head != 0x80 || !bytes) return std::nullopt;
      size = __builtin_bswap32(*bytes);
    } else if (head >= 0x40) {
      const auto low = number<std::uint8_t>();
      if (!low) return std::nullopt;
      size = size << 8 | *low;
    }
    if (size > rest_.size()) return std::nullopt;
    const Bytes text = rest_.substr(0, size);
    rest_.remove_prefix(size);
    return ListpackValue::of(text);
  }

  std::optional<ListpackValue> integer(std::uint8_t head) {
    switch (head) {
      case 0xc0:
        return integer_of<std::int16_t>();
      case 0xd0:
        return integer_of<std::int32_t>();
      case 0xe0:
        return integer_of<std::int64_t>();
      case 0xf0: {
        const auto low = number<std::uint16_t>();
        const auto high = number<std::int8_t>();
        if (!low || !high) return std::nullopt;
        return ListpackValue::of_integer(*low | *high * 65536);
      }
      case 0xfe:
        return integer_of<std::int8_t>();
      default:
        if (head < 0xf1 || head > 0xfd) return std::nullopt;
        return ListpackValue::of_integer(head - 0xf1);
    }
  }

  Bytes rest_;
};

// Appends the entries; false when one is wrong, or the count or the last entry's offset is.
bool append_entries(Listpack& pack, Bytes bytes) {
  const Bytes entries = bytes.substr(kHeaderBytes, bytes.size() - kHeaderBytes - 1);
  Reader reader(entries);
  std::size_t count = 0;
  std::size_t size_before = 0;
  std::size_t last = kHeaderBytes;
  for (; !reader.at_end(); ++count) {
    const std::size_t left = reader.left();
    last = kHeaderBytes + entries.size() - left;
    const auto value = reader.entry(size_before);
    if (!value || !pack.fits(encodings::listpack_entry::bytes(*value))) return false;
    pack.append(*value);
    size_before = left - reader.left();
  }
  const auto claimed_count = load<std::uint16_t>(bytes.data() + 8);
  return load<std::uint32_t>(bytes.data() + 4) == last &&
         (claimed_count == kUnknownCount || claimed_count == count);
}

}  // namespace

std::optional<Listpack> listpack_of_ziplist(Bytes bytes) {
  if (bytes.size() < kHeaderBytes + 1) return std::nullopt;
  if (load<std::uint32_t>(bytes.data()) != bytes.size()) return std::nullopt;
  if (static_cast<std::uint8_t>(bytes.back()) != kEnd) return std::nullopt;
  Listpack pack = Listpack::make();
  if (append_entries(pack, bytes)) return pack;
  pack.destroy();
  return std::nullopt;
}

}  // namespace banyan::persist
