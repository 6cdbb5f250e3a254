#include "persist/rdb_reader.h"

#include <fmt/format.h>
#include <liblzf/lzf.h>

#include <cmath>
#include <limits>

#include "base/number.h"
#include "base/size.h"
#include "persist/rdb_format.h"

namespace banyan::persist {
namespace {

// Three bytes of LZF can stand for at most 264 (a back reference of the longest kind).
constexpr std::uint64_t kLzfExpansionMax = 88;
constexpr std::uint64_t kLzfBytesMax = std::numeric_limits<unsigned>::max();  // liblzf's lengths

}  // namespace

std::unexpected<Error> RdbReader::corrupt(Bytes what) const {
  return fail(Errc::corrupt, fmt::format("{} (at byte {})", what, offset_ + position_));
}

Result<Bytes> RdbReader::raw(std::size_t count) {
  if (count > bytes_.size() - position_) [[unlikely]] {
    const auto end = checked_add(position_, count);
    if (!end) return corrupt(fmt::format("a length of {} bytes", count));
    needed_ = *end;
    return fail(Errc::need_more);
  }
  const Bytes taken = bytes_.substr(position_, count);
  position_ += count;
  return taken;
}

template <class T>
Result<T> RdbReader::number() {
  TRY(const Bytes bytes, raw(sizeof(T)));
  return load<T>(bytes.data());
}

Result<std::uint8_t> RdbReader::byte() { return number<std::uint8_t>(); }
Result<UnixMs> RdbReader::milliseconds() { return number<UnixMs>(); }
Result<double> RdbReader::binary_double() { return number<double>(); }

Result<std::uint64_t> RdbReader::length() {
  TRY(const std::uint8_t first, byte());
  if ((first & kLengthFormMask) == kLengthFormEncoded)
    return corrupt("an encoded string where a length belongs");
  return length_after(first);
}

Result<std::uint64_t> RdbReader::length_after(std::uint8_t first) {
  const std::uint8_t low = first & static_cast<std::uint8_t>(~kLengthFormMask);
  if ((first & kLengthFormMask) == kLengthForm6Bits) return low;
  if ((first & kLengthFormMask) == kLengthForm14Bits) {
    TRY(const std::uint8_t second, byte());
    return (static_cast<std::uint64_t>(low) << 8) | second;
  }
  if (first == kLength32Bits) {
    TRY(const std::uint32_t big_endian, number<std::uint32_t>());
    return __builtin_bswap32(big_endian);
  }
  if (first == kLength64Bits) {
    TRY(const std::uint64_t big_endian, number<std::uint64_t>());
    return __builtin_bswap64(big_endian);
  }
  return corrupt(fmt::format("unknown length encoding {}", first));
}

Result<double> RdbReader::text_double() {
  constexpr std::uint8_t kNan = 253, kInfinity = 254, kMinusInfinity = 255;
  TRY(const std::uint8_t size, byte());
  if (size == kNan) return corrupt("a score that is not a number");
  if (size == kInfinity) return std::numeric_limits<double>::infinity();
  if (size == kMinusInfinity) return -std::numeric_limits<double>::infinity();
  TRY(const Bytes text, raw(size));
  const auto value = parse_double(text);
  if (!value) return corrupt("a score that is not a number");
  return *value;
}

Result<RdbReader::StringHead> RdbReader::string_head() {
  using Form = StringHead::Form;
  TRY(const std::uint8_t first, byte());
  if ((first & kLengthFormMask) != kLengthFormEncoded) {
    TRY(const std::uint64_t size, length_after(first));
    return StringHead{.form = Form::plain, .stored_bytes = size, .text_bytes = size};
  }
  const std::uint8_t encoding = first & static_cast<std::uint8_t>(~kLengthFormMask);
  if (encoding == kEncodedLzf) return lzf_head();
  TRY(const std::int64_t value, small_int(encoding));
  return StringHead{.form = Form::integer, .value = value};
}

Result<std::int64_t> RdbReader::small_int(std::uint8_t encoding) {
  if (encoding == kEncodedInt8) {
    TRY(const auto value, number<std::int8_t>());
    return value;
  }
  if (encoding == kEncodedInt16) {
    TRY(const auto value, number<std::int16_t>());
    return value;
  }
  if (encoding == kEncodedInt32) {
    TRY(const auto value, number<std::int32_t>());
    return value;
  }
  return corrupt(fmt::format("unknown string encoding {}", encoding));
}

Result<RdbReader::StringHead> RdbReader::lzf_head() {
  TRY(const std::uint64_t packed, length());
  TRY(const std::uint64_t text, length());
  if (packed == 0 || text == 0 || packed > kLzfBytesMax || text > kLzfBytesMax ||
      text > packed * kLzfExpansionMax)
    return corrupt(fmt::format("{} compressed bytes cannot be {} bytes of text", packed, text));
  return StringHead{.form = StringHead::Form::lzf, .stored_bytes = packed, .text_bytes = text};
}

Result<> RdbReader::skip_string() {
  TRY(const StringHead head, string_head());
  TRY_DO(raw(head.stored_bytes));
  return {};
}

Result<Bytes> RdbReader::string(std::string& scratch) {
  TRY(const StringHead head, string_head());
  if (head.form == StringHead::Form::integer) {
    scratch.resize(std::numeric_limits<std::int64_t>::digits10 + 2);
    scratch.resize(write_int(scratch.data(), head.value));
    return Bytes(scratch);
  }
  TRY(const Bytes stored, raw(head.stored_bytes));
  if (head.form == StringHead::Form::plain) return stored;
  return unpack(stored, head.text_bytes, scratch);
}

Result<Bytes> RdbReader::unpack(Bytes packed, std::uint64_t text_bytes,
                                std::string& scratch) const {
  std::size_t unpacked = 0;
  // libstdc++ 12 passes the grown capacity as the size, which may be more than was asked for.
  scratch.resize_and_overwrite(text_bytes, [&](char* to, std::size_t) {
    unpacked = lzf_decompress(packed.data(), static_cast<unsigned>(packed.size()), to,
                              static_cast<unsigned>(text_bytes));
    return unpacked;  // at most text_bytes, and never bytes that nobody wrote
  });
  if (unpacked != text_bytes) return corrupt("invalid LZF compressed string");
  return Bytes(scratch);
}

}  // namespace banyan::persist
