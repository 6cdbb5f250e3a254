#include "node/logger.h"

#include <algorithm>
#include <ctime>
#include <string>

namespace banyan::node {

namespace {

bool is_control(char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7f; }

// What a peer sent and we quote must neither begin a line of its own nor steer a terminal.
std::string one_line(Bytes text) {
  std::string line;
  for (const char c : text) {
    if (is_control(c)) {
      line += fmt::format("\\x{:02x}", static_cast<unsigned char>(c));
    } else {
      line += c;
    }
  }
  return line;
}

}  // namespace

void Logger::write(Level level, Bytes text) {
  if (!is_on(level)) return;
  if (std::ranges::any_of(text, is_control)) return write(level, one_line(text));
  const UnixMs now = env_.unix_ms();
  const auto seconds = static_cast<std::time_t>(now / 1000);
  std::tm local{};
  localtime_r(&seconds, &local);
  char date[64];
  std::strftime(date, sizeof date, "%d %b %Y %H:%M:%S", &local);
  char mark = '*';
  switch (level) {
    case Level::debug:
      mark = '.';
      break;
    case Level::verbose:
      mark = '-';
      break;
    case Level::notice:
      mark = '*';
      break;
    case Level::warning:
      mark = '#';
      break;
    case Level::nothing:
      return;
  }
  env_.write_log(fmt::format("{}:{} {}.{:03} {} {}\n", env_.process_id(),
                             role_.load(std::memory_order_relaxed), date, now % 1000, mark, text));
}

}  // namespace banyan::node
