#include "node/logger.h"

#include <ctime>

namespace banyan::node {

void Logger::write(Level level, Bytes text) {
  if (!is_on(level)) return;
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
