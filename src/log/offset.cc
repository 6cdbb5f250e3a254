#include "log/offset.h"

#include <algorithm>

namespace banyan::log {

std::optional<ReplicationId> ReplicationId::parse(Bytes text) {
  constexpr Bytes kHex = "0123456789abcdefABCDEF";
  if (text.size() != kDigits || text.find_first_not_of(kHex) != Bytes::npos) return std::nullopt;
  ReplicationId id;
  std::copy(text.begin(), text.end(), id.text_.begin());
  return id;
}

}  // namespace banyan::log
