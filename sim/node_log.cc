#include "sim/node_log.h"

#include <algorithm>

#include <fmt/format.h>

#include "base/crc.h"

namespace banyan::sim {

void NodeLog::add(Bytes line) {
  if (line.ends_with('\n')) line.remove_suffix(1);
  scheduler_.record(
      {.kind = EventKind::log_line, .node = node_, .length = line.size(), .crc = crc64(0, line)});
  scheduler_.note(node_, line);
  const auto us = scheduler_.now().time_since_epoch().count();
  lines_.push_back(fmt::format("{:6}.{:06} {}", us / 1'000'000, us % 1'000'000, line));
  if (lines_.size() > kLinesMax) lines_.pop_front();
}

std::string NodeLog::text() const {
  std::string out;
  for (const std::string& line : lines_) out += line + "\n";
  return out;
}

bool NodeLog::contains(Bytes part) const {
  return std::ranges::any_of(
      lines_, [part](const std::string& line) { return line.find(part) != std::string::npos; });
}

}  // namespace banyan::sim
