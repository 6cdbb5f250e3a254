// banyan-sim <world> [--seed N | --seeds A..B] [--trace]: runs a world for one seed or a range.
// Exit code 0 = all held, 1 = a seed failed (the first one is shown), 2 = wrong arguments.
#include <csignal>
#include <cstdio>
#include <optional>

#include <fmt/format.h>

#include "base/number.h"
#include "sim/registry.h"

namespace banyan::sim {
namespace {

struct Arguments {
  const WorldSpec* world = nullptr;
  std::uint64_t first = 1, last = 100;
  bool trace = false;
};

Result<> parse_seeds(std::string_view text, Arguments& out) {
  const auto dots = text.find("..");
  const auto first = parse_unsigned(text.substr(0, dots));
  const auto last = dots == std::string_view::npos ? first : parse_unsigned(text.substr(dots + 2));
  if (!first || !last || *first > *last) return fail("bad seeds: " + std::string(text));
  out.first = *first;
  out.last = *last;
  return {};
}

Result<Arguments> parse(std::span<char*> words) {
  if (words.empty()) return fail("which world?");
  Arguments out;
  out.world = find_world(words[0]);
  if (!out.world) return fail(fmt::format("no world is called '{}'", words[0]));
  for (std::size_t i = 1; i < words.size(); ++i) {
    const std::string_view word = words[i];
    const bool takes_value = word == "--seed" || word == "--seeds";
    if (takes_value && i + 1 < words.size()) {
      TRY_DO(parse_seeds(words[++i], out));
    } else if (word == "--trace") {
      out.trace = true;
    } else {
      return fail(fmt::format("what is '{}'?", word));
    }
  }
  return out;
}

// Of the run under way: a CHECK ends the program, and only the handler of its signal can name it.
const char* running_world = "";
std::uint64_t running_seed = 0;

void name_the_seed(int) {
  fmt::print("seed {} failed. Again: dev sim {} --seed {} --trace\n", running_seed, running_world,
             running_seed);
  std::fflush(stdout);
}

int run(const Arguments& arguments) {
  const WorldSpec& world = *arguments.world;
  running_world = world.name;
  std::signal(SIGABRT, name_the_seed);
  for (std::uint64_t seed = arguments.first;; ++seed) {
    running_seed = seed;
    if (const auto result = world.run(seed, arguments.trace); !result) {
      fmt::print("{}\n", result.error().describe());
      name_the_seed(0);
      return 1;
    }
    if (seed == arguments.last) break;
  }
  fmt::print("{}: seeds {}..{} hold\n", world.name, arguments.first, arguments.last);
  return 0;
}

void print_usage() {
  fmt::print(stderr, "banyan-sim <world> [--seed N | --seeds A..B] [--trace]\n");
  for (const WorldSpec& world : all_worlds())
    fmt::print(stderr, "  {:12} {}\n", world.name, world.summary);
}

}  // namespace
}  // namespace banyan::sim

int main(int argc, char** argv) {
  using namespace banyan::sim;
  const auto arguments = parse(std::span(argv + 1, static_cast<std::size_t>(argc - 1)));
  if (!arguments) {
    fmt::print(stderr, "{}\n", arguments.error().describe());
    print_usage();
    return 2;
  }
  return run(*arguments);
}
