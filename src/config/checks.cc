#include "config/checks.h"

#include <algorithm>
#include <string>

#include "base/number.h"
#include "config/choices.h"

namespace banyan::config {
namespace {

bool is_base_name(Bytes name) { return name.find_first_of("/\\") == Bytes::npos; }

bool is_letter_or_digit(char c) {
  const char low = to_lower(c);
  return (low >= 'a' && low <= 'z') || (low >= '0' && low <= '9');
}

bool is_hex_group(Bytes group) {
  return !group.empty() && group.size() <= 4 &&
         group.find_first_not_of("0123456789abcdefABCDEF") == Bytes::npos;
}

bool is_ipv4(Bytes address) {
  int parts = 0;
  for (;;) {
    const std::size_t dot = address.find('.');
    const auto part = parse_unsigned(address.substr(0, dot));
    if (!part || *part > 255) return false;
    ++parts;
    if (dot == Bytes::npos) return parts == 4;
    address.remove_prefix(dot + 1);
  }
}

// How many groups of 16 bits `part` (no "::" inside) stands for; -1 when it is not well-formed.
int count_groups(Bytes part, bool may_end_in_ipv4) {
  if (part.empty()) return 0;
  int groups = 0;
  for (;;) {
    const std::size_t colon = part.find(':');
    const Bytes group = part.substr(0, colon);
    if (is_hex_group(group)) {
      ++groups;
    } else if (may_end_in_ipv4 && colon == Bytes::npos && is_ipv4(group)) {
      groups += 2;
    } else {
      return -1;
    }
    if (colon == Bytes::npos) return groups;
    part.remove_prefix(colon + 1);
  }
}

bool is_ipv6(Bytes address) {
  const std::size_t gap = address.find("::");
  if (gap == Bytes::npos) return count_groups(address, true) == 8;
  const int before = count_groups(address.substr(0, gap), false);
  const int after = count_groups(address.substr(gap + 2), true);
  return before >= 0 && after >= 0 && before + after <= 7;
}

}  // namespace

Result<> check_rdb_file(Bytes name) {
  if (!is_base_name(name)) return fail("dbfilename can't be a path, just a filename");
  return {};
}

Result<> check_aof_file(Bytes name) {
  if (name.empty()) return fail("appendfilename can't be empty");
  if (!is_base_name(name)) return fail("appendfilename can't be a path, just a filename");
  return {};
}

Result<> check_aof_directory(Bytes name) {
  if (name.empty()) return fail("appenddirname can't be empty");
  if (!is_base_name(name)) return fail("appenddirname can't be a path, just a dirname");
  return {};
}

Result<> check_cluster_file(Bytes name) {
  if (name.empty()) return fail("cluster-config-file can't be empty");
  return {};
}

Result<> check_ipv4(Bytes address) {
  if (!address.empty() && !is_ipv4(address)) return fail("Invalid IPv4 address");
  return {};
}

Result<> check_ipv6(Bytes address) {
  if (!address.empty() && !is_ipv6(address)) return fail("Invalid IPv6 address");
  return {};
}

Result<> check_hostname(Bytes name) {
  if (name.size() >= 256) return fail("Hostnames must be less than 256 characters");
  const bool is_fine = std::ranges::all_of(
      name, [](char c) { return is_letter_or_digit(c) || c == '-' || c == '.'; });
  if (!is_fine) return fail("Hostnames may only contain alphanumeric characters, hyphens or dots");
  return {};
}

Result<> check_node_name(Bytes name) {
  if (name.find_first_of("!#$%&()*+:;<>?@[]^{|}~ \t\r\n") != Bytes::npos ||
      name.find('\0') != Bytes::npos)
    return fail("Announced human node name contained invalid character");
  return {};
}

Result<> check_shutdown_options(int bits) {
  const ShutdownOptions options{static_cast<std::uint8_t>(bits)};
  if (options.has(ShutdownOption::save) && options.has(ShutdownOption::nosave))
    return fail("shutdown options SAVE and NOSAVE can't be used simultaneously");
  return {};
}

}  // namespace banyan::config
