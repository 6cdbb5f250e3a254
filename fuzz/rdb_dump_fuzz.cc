// Properties: any bytes are parsed or refused with one of RESTORE's two errors; what was parsed
// comes back the same from a payload made anew; and a payload made of any string gives that string.
#include <cstdint>
#include <string>

#include "base/check.h"
#include "persist/dump.h"
#include "persist/rdb_append.h"
#include "persist/rdb_reader.h"

namespace {

using namespace banyan;
using namespace banyan::persist;

void parse_and_make_anew(Bytes dump) {
  const auto parsed = parse_dump(dump, false);
  if (!parsed) {
    const std::string line = parsed.error().reply_line();
    CHECK(line == "ERR DUMP payload version or checksum are wrong" ||
          line == "ERR Bad data format");
    return;
  }
  std::string anew;
  begin_dump(anew, parsed->type);
  anew += parsed->payload;
  end_dump(anew);
  const auto again = parse_dump(anew);
  CHECK(again && again->type == parsed->type && again->payload == parsed->payload);
  if (parsed->type != RdbType::string) return;
  RdbReader reader(parsed->payload);
  std::string scratch;
  CHECK(!reader.string(scratch) || reader.at_end());
}

void round_trip(Bytes text, Compression compression) {
  std::string dump;
  begin_dump(dump, RdbType::string);
  append_string(dump, text, compression);
  end_dump(dump);
  const auto parsed = parse_dump(dump);
  CHECK(parsed && parsed->type == RdbType::string);
  RdbReader reader(parsed->payload);
  std::string scratch;
  const auto back = reader.string(scratch);
  CHECK(back && *back == text && reader.at_end());
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const Bytes bytes(reinterpret_cast<const char*>(data), size);
  parse_and_make_anew(bytes);
  parse_and_make_anew(std::string(bytes) + std::string("\x0a\0\0\0\0\0\0\0\0\0", 10));
  round_trip(bytes, Compression::off);
  round_trip(bytes, Compression::lzf);
  return 0;
}
