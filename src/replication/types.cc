#include "replication/types.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/number.h"

namespace banyan::replication {

bool is_replid(Bytes text) {
  return text.size() == kReplidSize && std::all_of(text.begin(), text.end(), [](char c) {
           return (c >= '0' && c <= '9') || (to_lower(c) >= 'a' && to_lower(c) <= 'z');
         });
}

std::optional<std::int64_t> parse_offset(Bytes text) {
  const auto offset = parse_int(text);
  if (!offset || *offset < 0 || *offset > kOffsetMax) return std::nullopt;
  return offset;
}

std::string printable(Bytes text) {
  std::string result(text.substr(0, 256));
  for (char& c : result)
    if (static_cast<unsigned char>(c) < 0x20 || c == 0x7f) c = '?';
  return result;
}

std::string format_address(Bytes host, int port) {
  return host.find(':') != Bytes::npos ? fmt::format("[{}]:{}", host, port)
                                       : fmt::format("{}:{}", host, port);
}

}  // namespace banyan::replication
