// The cores' log lines, written to the node's log.
#pragma once

#include "node/logger.h"
#include "replication/types.h"

namespace banyan::node {

inline void write_log(Logger& logger, const replication::Log& line) {
  Logger::Level level = Logger::Level::notice;
  switch (line.level) {
    case replication::Level::debug:
      level = Logger::Level::debug;
      break;
    case replication::Level::verbose:
      level = Logger::Level::verbose;
      break;
    case replication::Level::notice:
      level = Logger::Level::notice;
      break;
    case replication::Level::warning:
      level = Logger::Level::warning;
      break;
  }
  logger.write(level, line.text);
}

}  // namespace banyan::node
