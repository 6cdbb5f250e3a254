#include "persist/rdb_parser.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "base/check.h"

namespace banyan::persist {
namespace {

// Values of types have numbers below the opcodes'; 26 to 243 are neither yet.
bool is_opcode(std::uint8_t byte) { return byte >= std::to_underlying(RdbOpcode::slot_info); }

std::string_view opcode_shape(RdbOpcode opcode, int version) {
  switch (opcode) {
    case RdbOpcode::slot_info:
      return "lll";
    case RdbOpcode::function2:
      return "s";
    case RdbOpcode::function_pre_ga:
      return "";
    case RdbOpcode::module_aux:
      return "lm";
    case RdbOpcode::idle:
      return "l";
    case RdbOpcode::freq:
      return "1";
    case RdbOpcode::aux:
      return "ss";
    case RdbOpcode::resize_db:
      return "ll";
    case RdbOpcode::expire_ms:
      return "8";
    case RdbOpcode::expire_seconds:
      return "4";
    case RdbOpcode::select_db:
      return "l";
    case RdbOpcode::eof:
      return version < kRdbVersionWithChecksum ? "" : "8";
  }
  CHECK(false);
}

}  // namespace

std::unexpected<Error> RdbParser::corrupt(Bytes what) const {
  return fail(Errc::corrupt, fmt::format("{} (at byte {})", what, offset_));
}

Result<RdbItem> RdbParser::next(Bytes& input) {
  CHECK(!at_end_);
  if (version_ == 0) return header(input);
  while (true) {
    if (!scanning_) {
      needed_ = 1;
      if (input.empty()) return fail(Errc::need_more);
      TRY_DO(start_item(static_cast<std::uint8_t>(input[0])));
    }
    TRY(const std::size_t size, scanner_.scan(input, offset_));
    scanning_ = false;
    TRY(std::optional<RdbItem> item, decode(input.substr(0, size)));
    input.remove_prefix(size);
    offset_ += size;
    if (item) return *std::move(item);
  }
}

Result<RdbItem> RdbParser::header(Bytes& input) {
  const Bytes magic = input.substr(0, kRdbMagic.size());
  if (magic != kRdbMagic.substr(0, magic.size()))
    return corrupt("Wrong signature trying to load DB from file");
  needed_ = kRdbHeaderBytes;
  if (input.size() < kRdbHeaderBytes) return fail(Errc::need_more);
  int version = 0;
  for (const char c : input.substr(kRdbMagic.size(), kRdbHeaderBytes - kRdbMagic.size())) {
    if (c < '0' || c > '9') return corrupt("Wrong signature trying to load DB from file");
    version = version * 10 + (c - '0');
  }
  if (version < kRdbVersionMin || version > kRdbVersionMax)
    return corrupt(fmt::format("Can't handle RDB format version {}", version));
  input.remove_prefix(kRdbHeaderBytes);
  offset_ += kRdbHeaderBytes;
  version_ = version;
  return RdbHeader{version};
}

Result<> RdbParser::start_item(std::uint8_t first) {
  if (!is_opcode(first)) {
    auto shape = payload_shape(RdbType{first});
    if (!shape) return corrupt(shape.error().text());
    scanner_.start(1, "s", *shape);
  } else if (RdbOpcode{first} == RdbOpcode::function_pre_ga) {
    return corrupt("functions of a pre-release are not supported");
  } else {
    scanner_.start(1, opcode_shape(RdbOpcode{first}, version_));
  }
  scanning_ = true;
  return {};
}

Result<std::optional<RdbItem>> RdbParser::decode(Bytes item) {
  RdbReader reader(item, offset_);
  TRY(const std::uint8_t first, reader.byte());
  if (!is_opcode(first)) return decode_key(reader, RdbType{first});
  switch (RdbOpcode{first}) {
    case RdbOpcode::slot_info: {
      TRY(const std::uint64_t slot, reader.length());
      TRY(const std::uint64_t keys, reader.length());
      TRY(const std::uint64_t with_expiry, reader.length());
      return RdbSlotInfo{slot, keys, with_expiry};
    }
    case RdbOpcode::function2: {
      TRY(const Bytes code, reader.string(value_scratch_));
      return RdbFunction{code};
    }
    case RdbOpcode::module_aux: {
      TRY(const std::uint64_t id, reader.length());
      return RdbModuleAux{id};
    }
    case RdbOpcode::aux: {
      TRY(const Bytes key, reader.string(key_scratch_));
      TRY(const Bytes value, reader.string(value_scratch_));
      return RdbAux{key, value};
    }
    case RdbOpcode::resize_db: {
      TRY(const std::uint64_t keys, reader.length());
      TRY(const std::uint64_t with_expiry, reader.length());
      return RdbResizeDb{keys, with_expiry};
    }
    case RdbOpcode::select_db: {
      TRY(const std::uint64_t db, reader.length());
      return RdbSelectDb{db};
    }
    case RdbOpcode::eof: {
      at_end_ = true;
      if (reader.at_end()) return RdbEof{};
      TRY(const Bytes checksum, reader.raw(sizeof(std::uint64_t)));
      return RdbEof{load<std::uint64_t>(checksum.data())};
    }
    case RdbOpcode::idle:
    case RdbOpcode::freq:
    case RdbOpcode::expire_ms:
    case RdbOpcode::expire_seconds:
      TRY_DO(decode_meta(reader, RdbOpcode{first}));
      break;
    case RdbOpcode::function_pre_ga:
      CHECK(false);  // start_item() refused it
  }
  return std::nullopt;
}

Result<> RdbParser::decode_meta(RdbReader& reader, RdbOpcode opcode) {
  if (opcode == RdbOpcode::idle) {
    TRY(meta_.idle_seconds, reader.length());
  } else if (opcode == RdbOpcode::freq) {
    TRY(meta_.frequency, reader.byte());
  } else if (opcode == RdbOpcode::expire_ms) {
    TRY(meta_.expires_at, reader.milliseconds());
  } else {
    TRY(const Bytes seconds, reader.raw(sizeof(std::int32_t)));
    meta_.expires_at = UnixMs{load<std::int32_t>(seconds.data())} * 1000;
  }
  return {};
}

Result<RdbItem> RdbParser::decode_key(RdbReader& reader, RdbType type) {
  TRY(const Bytes key, reader.string(key_scratch_));
  RdbKey item{.key = key,
              .type = type,
              .meta = std::exchange(meta_, {}),
              .payload = reader.rest(),
              .payload_offset = offset_ + reader.position()};
  // That is how "no expiry" was once written.
  if (item.meta.expires_at == UnixMs{-1}) item.meta.expires_at.reset();
  return item;
}

}  // namespace banyan::persist
