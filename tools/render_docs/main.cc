// banyan-render-docs: prints docs/commands.md or docs/settings.md, as the tables have it.
#include <cstdio>
#include <string_view>
#include <vector>

#include "commands/docs.h"
#include "config/docs.h"
#include "generic/families.h"
#include "server/families.h"

int main(int argc, char** argv) {
  using namespace banyan;
  const std::string_view page = argc == 2 ? argv[1] : "";
  std::string text;
  if (page == "commands") {
    std::vector<commands::Family> families;
    for (const commands::Family family : generic::data_families()) families.push_back(family);
    for (const commands::Family family : server::server_families()) families.push_back(family);
    text = commands::render_commands_md(commands::Registry(families));
  } else if (page == "settings") {
    text = config::render_settings_md();
  } else {
    std::fputs("usage: banyan-render-docs commands|settings\n", stderr);
    return 1;
  }
  return std::fwrite(text.data(), 1, text.size(), stdout) == text.size() ? 0 : 1;
}
