// banyan-server: reads its settings, then runs one node on this machine.
#include <fmt/format.h>
#include <cstdio>
#include <optional>
#include <string>
#include <vector>

#include "config/command_line.h"
#include "net/kernel_env.h"
#include "server/server.h"

namespace {

banyan::Result<std::string> read_stdin() {
  std::string text;
  char chunk[4096];
  while (const std::size_t count = std::fread(chunk, 1, sizeof chunk, stdin))
    text.append(chunk, count);
  return text;
}

constexpr const char* kUsage =
    "Usage: banyan-server [/path/to/redis.conf] [--<setting> <value> ...] [-]\n"
    "       banyan-server -v | --version\n"
    "       banyan-server -h | --help\n"
    "\n"
    "The settings are those of redis.conf; - stands for settings on standard input.\n"
    "Example: banyan-server /etc/redis.conf --port 6380 --loglevel verbose\n";

// What an invocation that serves nobody prints; its exit status, or nullopt to serve.
std::optional<int> answer_only(banyan::config::CommandLine::Mode mode) {
  using Mode = banyan::config::CommandLine::Mode;
  switch (mode) {
    case Mode::serve:
      return std::nullopt;
    case Mode::version:
      fmt::print("Banyan server v={} redis={} bits={}\n", banyan::server::kBanyanVersion,
                 banyan::server::kRedisVersion, sizeof(void*) * 8);
      return 0;
    case Mode::help:
      fmt::print("{}", kUsage);
      return 0;
    case Mode::check_system:
      fmt::print(stderr, "--check-system: this server knows no such checks.\n");
      return 1;
  }
  return 1;
}

}  // namespace

int main(int argc, char** argv) {
  using namespace banyan;
  const std::vector<std::string> arguments(argv, argv + argc);
  const config::CommandLine command_line = config::parse_command_line(arguments);
  if (const auto status = answer_only(command_line.mode)) return *status;
  net::KernelEnv env;
  Result<config::Loaded> loaded = config::load(env.files(), command_line, read_stdin);
  if (!loaded) {
    std::fprintf(stderr, "%s\n", loaded.error().describe().c_str());
    return 1;
  }
  server::Server server(env, *std::move(loaded));
  if (const Result<> started = server.start(); !started) {
    server.logger().warning("{}", started.error().text());
    return 1;
  }
  return env.run();
}
