// The command line, as redis-server takes it, and the configuration of a node from all its sources.
//
//   banyan-server /etc/redis.conf --port 6380 --save '' "--maxmemory 1gb"
//
// The file is read first, then standard input (`-` as first or last argument), then the options:
// each `--name` begins a line of configuration text, what follows are its words.
//
// Threads   None.
// Failure   Nothing fails in parse_command_line: a wrong option is found when its line is read.
#pragma once

#include <functional>
#include <span>
#include <string>
#include <vector>

#include "base/env.h"
#include "config/settings.h"

namespace banyan::config {

struct CommandLine {
  enum class Mode : std::uint8_t { serve, version, help, check_system };
  Mode mode = Mode::serve;
  bool sentinel = false;  // --sentinel, or a program called ...-sentinel
  bool read_stdin = false;
  std::string program;      // as it was called
  std::string config_file;  // as given; empty = none
  std::string options;      // configuration text
};

// `arguments` starts with the program's name.
CommandLine parse_command_line(std::span<const std::string> arguments);

struct Loaded {
  Settings settings;
  std::string program;      // as it was called
  std::string config_file;  // absolute: the node will change its directory
  bool sentinel = false;
  std::vector<std::string> warnings;
};

using ReadStdin = std::move_only_function<Result<std::string>()>;

// All sources. The error's text is what to print before exiting.
Result<Loaded> load(Files& files, const CommandLine& command_line, ReadStdin read_stdin);

// `path` without "." and "..", from `directory` where it is relative.
std::string absolute_path(Bytes directory, Bytes path);

}  // namespace banyan::config
