// banyan-server: reads its settings, then runs one node on this machine.
#include <cstdio>
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

}  // namespace

int main(int argc, char** argv) {
  using namespace banyan;
  const std::vector<std::string> arguments(argv, argv + argc);
  const config::CommandLine command_line = config::parse_command_line(arguments);
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
