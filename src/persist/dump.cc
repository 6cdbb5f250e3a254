#include "persist/dump.h"

#include <array>
#include <utility>

#include "base/check.h"
#include "base/crc.h"
#include "persist/rdb_shape.h"

namespace banyan::persist {
namespace {

constexpr std::size_t kVersionBytes = 2;
constexpr std::size_t kChecksumBytes = 8;

template <class T>
void append_raw(std::string& out, T value) {
  std::array<char, sizeof value> bytes{};
  store_to(bytes.data(), value);
  out.append(bytes.data(), bytes.size());
}

}  // namespace

void begin_dump(std::string& out, RdbType type) {
  CHECK(out.empty());
  out.push_back(static_cast<char>(type));
}

void end_dump(std::string& out, int version) {
  append_raw(out, static_cast<std::uint16_t>(version));
  append_raw(out, crc64(0, out));
}

Error bad_data_format() { return Error(Errc::err, "Bad data format"); }

Result<DumpedValue> parse_dump(Bytes dump, bool verify_checksum) {
  const Error wrong_footer(Errc::err, "DUMP payload version or checksum are wrong");
  if (dump.size() < kVersionBytes + kChecksumBytes) return std::unexpected(wrong_footer);
  const std::size_t summed = dump.size() - kChecksumBytes;
  if (load<std::uint16_t>(dump.data() + summed - kVersionBytes) > kRdbVersionMax)
    return std::unexpected(wrong_footer);
  if (verify_checksum &&
      load<std::uint64_t>(dump.data() + summed) != crc64(0, dump.substr(0, summed)))
    return std::unexpected(wrong_footer);

  const Bytes value = dump.substr(0, summed - kVersionBytes);
  if (value.empty()) return std::unexpected(bad_data_format());
  const RdbType type{static_cast<std::uint8_t>(value[0])};
  const auto shape = payload_shape(type);
  if (!shape) return std::unexpected(bad_data_format());
  ShapeScanner scanner;
  scanner.start(1, *shape);
  const auto size = scanner.scan(value, 0);
  if (!size || *size != value.size()) return std::unexpected(bad_data_format());
  return DumpedValue{.type = type, .payload = value.substr(1)};
}

}  // namespace banyan::persist
