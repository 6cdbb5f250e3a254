#include "config/include_paths.h"

#include "base/glob.h"

namespace banyan::config {
namespace {

std::string join(const std::string& folder, Bytes name) {
  std::string path = folder;
  if (!path.empty() && !path.ends_with('/')) path += '/';
  path += name;
  return path;
}

// All `name`s in `folder` that `part` matches.
void add_matches(Files& files, const std::string& folder, Bytes part, std::size_t paths_max,
                 std::vector<std::string>& out) {
  const auto names = files.list(folder.empty() ? "." : folder);
  if (!names) return;
  for (const std::string& name : *names) {
    if (out.size() >= paths_max) return;
    if (name.starts_with('.') && !part.starts_with('.')) continue;
    if (glob_match(part, name)) out.push_back(join(folder, name));
  }
}

}  // namespace

bool is_pattern(Bytes path) { return path.find_first_of("*?[") != Bytes::npos; }

std::vector<std::string> expand_pattern(Files& files, Bytes pattern, std::size_t paths_max) {
  std::vector<std::string> paths = {pattern.starts_with('/') ? "/" : ""};
  while (!pattern.empty()) {
    const std::size_t slash = pattern.find('/');
    const Bytes part = pattern.substr(0, slash);
    pattern.remove_prefix(slash == Bytes::npos ? pattern.size() : slash + 1);
    if (part.empty()) continue;
    std::vector<std::string> longer;
    for (const std::string& path : paths) {
      if (is_pattern(part)) {
        add_matches(files, path, part, paths_max, longer);
      } else {
        longer.push_back(join(path, part));
      }
    }
    paths = std::move(longer);
  }
  std::erase_if(paths, [&](const std::string& path) { return !files.exists(path); });
  return paths;
}

}  // namespace banyan::config
