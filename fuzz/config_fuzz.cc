// Property: any bytes as configuration file, included file, command line and CONFIG SET give an
// error or settings; and settings that CONFIG REWRITE stores are the settings that the next start
// reads.
//
// Input: the first byte chooses Sentinel mode and whether extremes are drawn; the rest is parts
// separated by 0x1f: the file, the file it may include as /b.conf, and arguments or a CONFIG SET.
#include <cstdint>
#include <string>
#include <vector>

#include "base/check.h"
#include "config/config.h"
#include "config/config_file.h"
#include "config/extremes.h"
#include "config/memory_files.h"

namespace banyan::config {
namespace {

std::string take_part(Bytes& rest, char separator) {
  const std::size_t end = rest.find(separator);
  const std::string part(rest.substr(0, end));
  rest.remove_prefix(end == Bytes::npos ? rest.size() : end + 1);
  return part;
}

// Lines of users and of Sentinel add up: those of an included file are read beside the rewritten
// ones.
void forget_raw_lines(Settings& settings) {
  settings.security.users.clear();
  settings.sentinel.clear();
}

void check_rewrite(MemoryFiles& files, const Config& config, bool sentinel, bool write_defaults) {
  if (const auto result = config.rewrite(files, write_defaults); !result) {
    CHECK(result.error().text().ends_with("contains a line break"));
    return;
  }
  std::vector<std::string> arguments = {"server", "/a.conf"};
  if (sentinel) arguments.emplace_back("--sentinel");
  const auto again = load(files, parse_command_line(arguments), nullptr);
  CHECK(again);
  Settings before = config.settings(), after = again->settings;
  const bool has_include = !files.contents["/b.conf"].empty();
  if (has_include) {
    forget_raw_lines(before);
    forget_raw_lines(after);
  }
  before.security.renamed_commands = after.security.renamed_commands;  // lines left alone
  CHECK(before == after);

  const std::string once = files.contents["/a.conf"];
  CHECK(Config(*again).rewrite(files));
  CHECK(has_include || files.contents["/a.conf"] == once);
}

void run(std::uint8_t choice, Bytes input) {
  const bool sentinel = (choice & 1) != 0;
  MemoryFiles files;
  files.contents["/a.conf"] = take_part(input, '\x1f');
  files.contents["/b.conf"] = take_part(input, '\x1f');
  std::vector<std::string> arguments = {"server", "/a.conf"};
  if (sentinel) arguments.emplace_back("--sentinel");
  std::vector<NameAndValue> pairs;
  while (!input.empty() && pairs.size() < 4) {
    const std::string name = take_part(input, '\n');
    if (name.starts_with('-')) {
      arguments.push_back(name);
    } else {
      pairs.emplace_back(name, take_part(input, '\n'));
    }
  }
  auto loaded = load(files, parse_command_line(arguments),
                     []() -> Result<std::string> { return std::string("port 1"); });
  if (!loaded) return;
  Config config(*std::move(loaded));
  const Settings before = config.settings();
  if (!pairs.empty() && !config.set(pairs)) CHECK(config.settings() == before);
  if ((choice & 2) != 0) {
    Rng rng(choice);
    draw_extremes(rng, config.edit());
  }
  check_rewrite(files, config, sentinel, (choice & 4) != 0);
}

}  // namespace
}  // namespace banyan::config

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  banyan::config::run(data[0], {reinterpret_cast<const char*>(data) + 1, size - 1});
  return 0;
}
