// Logger: the node's log, in Redis's format: "pid:role date time.ms level text".
//
// Invariants   A call writes one line of printable text, whatever bytes it is given.
// Threads      Any.
#pragma once

#include <atomic>

#include <fmt/format.h>

#include "base/env.h"
#include "config/choices.h"

namespace banyan::node {

class Logger {
 public:
  using Level = config::LogLevel;
  explicit Logger(Env& env) : env_(env) {}

  void set_level(Level level) { level_.store(level, std::memory_order_relaxed); }
  // 'M' primary, 'S' replica, 'X' sentinel.
  void set_role(char role) { role_.store(role, std::memory_order_relaxed); }

  void write(Level level, Bytes text);
  template <class... Args>
  void notice(fmt::format_string<Args...> format, Args&&... args) {
    write(Level::notice, fmt::format(format, std::forward<Args>(args)...));
  }
  template <class... Args>
  void warning(fmt::format_string<Args...> format, Args&&... args) {
    write(Level::warning, fmt::format(format, std::forward<Args>(args)...));
  }
  template <class... Args>
  void verbose(fmt::format_string<Args...> format, Args&&... args) {
    if (is_on(Level::verbose))
      write(Level::verbose, fmt::format(format, std::forward<Args>(args)...));
  }
  bool is_on(Level level) const { return level >= level_.load(std::memory_order_relaxed); }

 private:
  Env& env_;
  std::atomic<Level> level_ = Level::notice;
  std::atomic<char> role_ = 'M';
};

}  // namespace banyan::node
